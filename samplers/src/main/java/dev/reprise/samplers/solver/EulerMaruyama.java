package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.schedule.Schedule;

/**
 * The method of Euler and Maruyama on the reverse SDE {@code dx = (f x − g² ∇ln p_t) dt + g dw} of a kernel in its own time (Song et
 * al. 2021, eq. 6): twice the ODE's share of the score, and noise {@code g √|dt|}. The state after the last step keeps that step's
 * mean, without its noise, as score_sde does.
 */
public record EulerMaruyama(int steps, Grid grid) implements FlowSolver {
    public EulerMaruyama { Heun.checkSteps("euler-maruyama", steps); }

    @Override
    public double[] sigmas(Schedule k) { return grid.sigmas(k, steps); }

    @Override
    public Clock clock() { return Clock.TIME; }

    @Override
    public void walk(Denoiser d, Flow flow, double[] sigma, double[][] x, Run run) {
        int n = sigma.length - 1;
        double[][] slope = Rows.like(x);
        for (int i = 0; i < n; i++) {
            double t = flow.t(sigma[i]), to = sigma[i + 1] == 0 ? flow.zero() : flow.t(sigma[i + 1]), h = to - t;
            if (Double.isNaN(to))
                throw new IllegalArgumentException(
                        "euler-maruyama cannot step to sigma 0 on " + flow.k() + "; let the grid end at sigma_min");
            double std = flow.s(t) * sigma[i], score = 2 * (flow.a(t) - drift(flow, t)), f = drift(flow, t);
            flow.slope(d, x, t, slope);
            // dx/dt of the SDE = f x + 2 (dx/dt of the ODE − f x)
            Rows.set(x, 1 - h * f, x, 2 * h, slope);
            // g² = 2 s² σ σ' = score s² σ², where score = g²/(s²σ²)
            if (i + 1 < n) run.addNoise(std * Math.sqrt(score * -h), x, "euler-maruyama");
            run.step((i + 1.0) / n, sigma[i + 1] == 0 ? 1 : flow.s(to), sigma[i + 1], x);
        }
    }

    /** f = d ln s/dt in the flow's time. */
    private static double drift(Flow flow, double t) {
        return switch (flow) {
            case Flow.InTime in -> in.k().f(t);
            // d ln s/d ln σ = −σ² s²
            case Flow.InLogSigma in -> in.a(t) - 1;
            case Flow.InPower in -> 0;
        };
    }

    @Override
    public int evaluations(Schedule k) { return sigmas(k).length - 1; }

    @Override
    public boolean deterministic() { return false; }
}
