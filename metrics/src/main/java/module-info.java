/** Descriptors and the paper's scores: RP, MAE and GL. */
module dev.reprise.metrics {
    requires transitive dev.reprise.engine;

    exports dev.reprise.metrics;
}
