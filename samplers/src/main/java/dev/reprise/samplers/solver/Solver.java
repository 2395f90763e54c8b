package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.schedule.Schedule;

/**
 * A way from noise to image along the probability-flow ODE, or the SDE of the same marginals. State and arithmetic are
 * float64 (the state optionally float32), in one fixed order; no operation mixes two rows, so a sample's bits never depend on
 * its batch, except where an option says so. Immutable.
 */
public sealed interface Solver permits SigmaSolver, FlowSolver, DpmSolver, DpmAdaptive, Rk45 {
    /**
     * Solves from the first noise ratio, {@link #sigmaStart}, to the data.
     *
     * @param d   the denoiser
     * @param k   the kernel; its range of noise must be one that the denoiser accepts
     * @param x   in: x_t at the start, one row a sample, {@code k.priorStd(σ) ε}; out: the samples
     * @param run is told after every step, and gives what else is needed
     */
    void solve(Denoiser d, Schedule k, double[][] x, Run run);

    /** {@link #solve(Denoiser, Schedule, double[][], Run)} in float64 where only the progress is of interest. */
    default void solve(Denoiser d, Schedule k, double[][] x, Progress progress) {
        solve(d, k, x, Run.of(progress));
    }

    /**
     * The same ODE backwards: from a clean image, taken as x at the lowest noise ratio above 0, to the noise that it comes from.
     *
     * @param x in: images; out: x_t at the start, so {@code x / k.priorStd(σ)} is the noise
     * @throws UnsupportedOperationException where the solver is no ODE solver, or its method cannot be turned round
     */
    default void invert(Denoiser d, Schedule k, double[][] x, Run run) {
        throw new UnsupportedOperationException(
                getClass().getSimpleName() + " cannot run backwards; use ddim, euler, heun, rk4, rk45 or dpm-solver");
    }

    /** The noise ratio at which it begins. */
    default double sigmaStart(Schedule k) { return k.sigmaMax(); }

    /** Evaluations of the denoiser for one sample; −1 where the solver adapts them. */
    int evaluations(Schedule k);

    /** Whether the sample is a function of the initial noise alone. */
    default boolean deterministic() { return true; }
}
