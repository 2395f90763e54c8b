/** Measurements, and the only place that knows a peer. */
module dev.reprise.bench {
    requires dev.reprise.audit;
    requires dev.reprise.loaders;
    requires dev.reprise.samplers;
    requires dev.reprise.metrics;
    requires java.management;
    requires jmh.core;
    requires jdk.management;
    requires info.picocli;
    requires tools.jackson.databind;
    requires com.microsoft.onnxruntime;

    opens dev.reprise.bench to info.picocli, tools.jackson.databind;
}
