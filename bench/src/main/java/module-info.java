/** Measurements, and the only place that knows a peer. */
module dev.reprise.bench {
    requires dev.reprise.audit;
    requires dev.reprise.loaders;
    requires dev.reprise.samplers;
    requires dev.reprise.metrics;
    requires java.management;
    requires jmh.core;
    requires com.microsoft.onnxruntime;
}
