package dev.reprise.samplers.diffusers;

import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.solver.Progress;

/** Euler steps in σ (Karras et al. 2022, algorithm 2 without churn): diffusers' {@code EulerDiscreteScheduler}. */
public final class EulerScheduler implements Scheduler {
    private final SigmaGrid grid;
    private final PredictionType type;
    private final double[] t;

    EulerScheduler(SchedulerConfig c, int steps) {
        c.without("use_beta_sigmas", "use_lu_lambdas", "use_flow_sigmas");
        type = PredictionType.of(c, PredictionType.values());
        grid = SigmaGrid.of(c, AlphaBars.of(c, 1e-4, 0.02, "linear", true), steps, true);
        t = grid.t().clone();
        if (type == PredictionType.V && "continuous".equals(c.choice("timestep_type", "discrete", "discrete", "continuous")))
            for (int i = 0; i < t.length; i++)
                t[i] = 0.25 * StrictMath.log(grid.sigma()[i]);
    }

    @Override
    public double[] timesteps() { return t.clone(); }

    @Override
    public double initNoiseSigma() { return grid.init(); }

    @Override
    public void solve(Prediction network, double[][] x, StepNoise noise, Progress progress) {
        double[][] scaled = Rows.like(x), x0 = Rows.like(x);
        for (int i = 0; i < t.length; i++) {
            double s = grid.sigma()[i], r = grid.sigma()[i + 1] / s;
            grid.x0(network, type, x, i, t[i], scaled, x0);
            Rows.set(x, r, x, 1 - r, x0);
            progress.report((i + 1.0) / t.length);
        }
    }
}
