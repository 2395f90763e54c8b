/** Noise sources, perturbation kernels, parameterizations, solvers and ideal denoisers. */
module dev.reprise.samplers {
    requires transitive dev.reprise.ops;

    // exports dev.reprise.samplers;
}
