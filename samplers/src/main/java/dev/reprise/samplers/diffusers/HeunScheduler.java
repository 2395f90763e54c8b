package dev.reprise.samplers.diffusers;

import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.solver.Progress;

/**
 * Heun steps in σ (Karras et al. 2022, algorithm 1): diffusers' {@code HeunDiscreteScheduler}. The last step, to σ = 0, is Euler's, so n
 * steps take 2n − 1 evaluations.
 */
public final class HeunScheduler implements Scheduler {
    private final SigmaGrid grid;
    private final PredictionType type;
    private final Limit limit;

    HeunScheduler(SchedulerConfig c, int steps) {
        c.without("use_beta_sigmas", "use_lu_lambdas", "use_flow_sigmas", "rescale_betas_zero_snr", "thresholding");
        type = PredictionType.of(c, PredictionType.values());
        limit = c.flag("clip_sample", false) ? new Limit(c.number("clip_sample_range", 1), Double.NaN, 1) : Limit.NONE;
        grid = SigmaGrid.of(c, AlphaBars.of(c, 0.00085, 0.012, "linear", true), steps, true);
        if (grid.sigma()[grid.steps()] != 0) throw c.error("final_sigmas_type", "must be zero for this scheduler");
    }

    @Override
    public double[] timesteps() {
        double[] t = new double[2 * grid.steps() - 1];
        for (int i = 0; i < t.length; i++)
            t[i] = grid.t()[(i + 1) / 2];
        return t;
    }

    @Override
    public double initNoiseSigma() { return grid.init(); }

    @Override
    public void solve(Prediction network, double[][] x, StepNoise noise, Progress progress) {
        double[][] scaled = Rows.like(x), x0 = Rows.like(x), slope = Rows.like(x), next = Rows.like(x);
        int n = grid.steps();
        for (int i = 0; i < n; i++) {
            double s = grid.sigma()[i], to = grid.sigma()[i + 1], h = to - s;
            grid.x0(network, type, x, i, grid.t()[i], scaled, x0);
            limit.apply(x0);
            Rows.set(slope, 1 / s, x, -1 / s, x0);
            if (to == 0) {
                Rows.copy(x0, x);
            } else {
                Rows.set(next, 1, x, h, slope);
                progress.report((2 * i + 1.0) / (2 * n - 1));
                grid.x0(network, type, next, i + 1, grid.t()[i + 1], scaled, x0);
                limit.apply(x0);
                Rows.set(next, 1 / to, next, -1 / to, x0);
                Rows.add(x, 0.5 * h, slope);
                Rows.add(x, 0.5 * h, next);
            }
            progress.report((2 * i + (to == 0 ? 1.0 : 2.0)) / (2 * n - 1));
        }
    }
}
