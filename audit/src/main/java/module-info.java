/** The command line, experiments and reports. */
module dev.reprise.audit {
    requires dev.reprise.loaders;
    requires dev.reprise.samplers;
    requires dev.reprise.metrics;
    requires info.picocli;
    requires tools.jackson.databind;
    requires tools.jackson.dataformat.yaml;
    requires com.fasterxml.jackson.annotation;
    requires jdk.incubator.vector;

    exports dev.reprise.audit;

    exports dev.reprise.audit.cache;
    exports dev.reprise.audit.experiment;
    exports dev.reprise.audit.report;
    exports dev.reprise.audit.spec;

    opens dev.reprise.audit to info.picocli, tools.jackson.databind;
    opens dev.reprise.audit.certificate to tools.jackson.databind;
    opens dev.reprise.audit.conformance to tools.jackson.databind;
    opens dev.reprise.audit.report to tools.jackson.databind, com.fasterxml.jackson.annotation;
    opens dev.reprise.audit.command to info.picocli, tools.jackson.databind;
}
