package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.schedule.Schedule;

/**
 * A solver over noise ratios alone. Divided by s, the state of every kernel is {@code x_0 + σ ε} and its ODE
 * {@code dx/dσ = (x − D(x; σ))/σ}; first-order steps, exponential integrators in λ = −ln σ and multistep methods in σ are the
 * same there as with scale (α = 1 in their papers' formulas), so they are written once, for s = 1.
 */
public sealed interface SigmaSolver extends Solver
        permits Ddim, Euler, DpmMultistep, DpmSde, UniPc, Plms, Consistency {
    /** The noise ratios from the start to the data. */
    double[] sigmas(Schedule k);

    /**
     * From {@code sigma[0]} to its last, which may be 0 and must not be for an inversion, where they rise.
     *
     * @param x over its scale
     */
    void walk(Denoiser d, double[] sigma, double[][] x, Run run);

    @Override
    default double sigmaStart(Schedule k) { return sigmas(k)[0]; }

    @Override
    default void solve(Denoiser d, Schedule k, double[][] x, Run run) {
        double[] sigma = sigmas(k);
        double last = sigma[sigma.length - 1];
        Rows.scale(x, 1 / k.s(k.t(sigma[0])));
        run.begin(1, sigma[0], x);
        walk(d, sigma, x, run);
        if (last > 0) Rows.scale(x, k.s(k.t(last)));
    }

    @Override
    default void invert(Denoiser d, Schedule k, double[][] x, Run run) {
        if (!deterministic())
            throw new UnsupportedOperationException(
                    getClass().getSimpleName() + " is stochastic: it has no inverse; use ddim, heun or rk45");
        double[] sigma = Grid.reversed(sigmas(k));
        Rows.scale(x, 1 / k.s(k.t(sigma[0])));
        run.begin(1, sigma[0], x);
        walk(d, sigma, x, run);
        Rows.scale(x, k.s(k.t(sigma[sigma.length - 1])));
    }
}
