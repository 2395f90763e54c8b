/** Noise sources, perturbation kernels, parameterizations, solvers and ideal denoisers. */
module dev.reprise.samplers {
    requires transitive dev.reprise.ops;

    exports dev.reprise.samplers;
    exports dev.reprise.samplers.diffusers;
    exports dev.reprise.samplers.ideal;
    exports dev.reprise.samplers.model;
    exports dev.reprise.samplers.noise;
    exports dev.reprise.samplers.schedule;
    exports dev.reprise.samplers.solver;
}
