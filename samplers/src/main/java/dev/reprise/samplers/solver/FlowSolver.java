package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.schedule.Schedule;

/** A solver of the ODE over some time, which {@link Clock} chooses: its steps depend on that time, not on σ alone. */
public sealed interface FlowSolver extends Solver permits Heun, RungeKutta4, AdamsBashforth, EulerMaruyama {
    /** The noise ratios from the start to the data. */
    double[] sigmas(Schedule k);

    /** Which time, and with it which scale. */
    Clock clock();

    /**
     * From {@code sigma[0]} to its last, which may be 0.
     *
     * @param x at the flow's scale
     */
    void walk(Denoiser d, Flow flow, double[] sigma, double[][] x, Run run);

    @Override
    default double sigmaStart(Schedule k) { return sigmas(k)[0]; }

    @Override
    default void solve(Denoiser d, Schedule k, double[][] x, Run run) { between(d, k, sigmas(k), x, run); }

    @Override
    default void invert(Denoiser d, Schedule k, double[][] x, Run run) {
        if (!deterministic())
            throw new UnsupportedOperationException(
                    getClass().getSimpleName() + " is stochastic: it has no inverse; use ddim, heun or rk45");
        between(d, k, Grid.reversed(sigmas(k)), x, run);
    }

    private void between(Denoiser d, Schedule k, double[] sigma, double[][] x, Run run) {
        Flow flow = clock().of(k);
        double first = sigma[0], last = sigma[sigma.length - 1];
        Rows.scale(x, flow.s(flow.t(first)) / k.s(k.t(first)));
        run.begin(flow.s(flow.t(first)), first, x);
        walk(d, flow, sigma, x, run);
        if (last > 0) Rows.scale(x, k.s(k.t(last)) / flow.s(flow.t(last)));
    }
}
