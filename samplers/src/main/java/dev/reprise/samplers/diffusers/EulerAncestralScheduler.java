package dev.reprise.samplers.diffusers;

import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.solver.Progress;

/**
 * Ancestral sampling in σ: diffusers' {@code EulerAncestralDiscreteScheduler}. Each step goes down further than asked,
 * {@code σ_down² = σ'² − σ_up²} with {@code σ_up² = σ'² (σ² − σ'²)/σ²}, and adds noise of σ_up.
 */
public final class EulerAncestralScheduler implements Scheduler {
    private final SigmaGrid grid;
    private final PredictionType type;

    EulerAncestralScheduler(SchedulerConfig c, int steps) {
        c.without("use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas", "use_lu_lambdas", "use_flow_sigmas");
        type = PredictionType.of(c, PredictionType.EPSILON, PredictionType.V);
        grid = SigmaGrid.of(c, AlphaBars.of(c, 1e-4, 0.02, "linear", true), steps, false);
        if (grid.sigma()[grid.steps()] != 0) throw c.error("final_sigmas_type", "must be zero for this scheduler");
    }

    @Override
    public double[] timesteps() { return grid.t().clone(); }

    @Override
    public double initNoiseSigma() { return grid.init(); }

    @Override
    public boolean stochastic() { return true; }

    @Override
    public void solve(Prediction network, double[][] x, StepNoise noise, Progress progress) {
        double[][] scaled = Rows.like(x), x0 = Rows.like(x);
        for (int i = 0; i < grid.steps(); i++) {
            double s = grid.sigma()[i], next = grid.sigma()[i + 1];
            double up = Math.sqrt(next * next * (s * s - next * next) / (s * s)), r = Math.sqrt(next * next - up * up) / s;
            grid.x0(network, type, x, i, grid.t()[i], scaled, x0);
            Rows.set(x, r, x, 1 - r, x0);
            noise.next(scaled);
            Rows.add(x, up, scaled);
            progress.report((i + 1.0) / grid.steps());
        }
    }
}
