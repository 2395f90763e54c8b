/** The command line, experiments and reports. */
module dev.reprise.audit {
    requires dev.reprise.loaders;
    requires dev.reprise.samplers;
    requires dev.reprise.metrics;
    requires info.picocli;
    requires tools.jackson.databind;
    requires tools.jackson.dataformat.yaml;
}
