package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.schedule.Schedule;

/**
 * A deterministic way from noise to image along the probability-flow ODE. State and arithmetic are float64, in one fixed
 * order; no operation mixes two rows, so a sample's bits never depend on its batch. Immutable.
 */
public sealed interface Solver permits Ddim, Euler, Heun, DpmSolver, Rk45 {
    /**
     * Solves from tMax of the schedule to the data.
     *
     * @param d        the denoiser
     * @param k        the kernel; its range of noise must be one that the denoiser accepts
     * @param x        in: x at tMax, one row a sample, {@code k.priorStd() ε}; out: the samples
     * @param progress is told after every step
     */
    void solve(Denoiser d, Schedule k, double[][] x, Progress progress);

    /** Evaluations of the denoiser for one sample; −1 where the solver adapts them. */
    int evaluations(Schedule k);
}
