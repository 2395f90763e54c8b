package dev.reprise.samplers.diffusers;

import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.solver.Progress;
import java.util.ArrayList;
import java.util.List;

/** Linear multistep of order 4 in σ (Adams-Bashforth on an uneven grid): diffusers' {@code LMSDiscreteScheduler}. */
public final class LmsScheduler implements Scheduler {
    private static final int ORDER = 4;
    private final SigmaGrid grid;
    private final PredictionType type;

    LmsScheduler(SchedulerConfig c, int steps) {
        c.without("use_beta_sigmas", "use_lu_lambdas", "use_flow_sigmas", "rescale_betas_zero_snr");
        type = PredictionType.of(c, PredictionType.values());
        grid = SigmaGrid.of(c, AlphaBars.of(c, 1e-4, 0.02, "linear", true), steps, true);
        if (grid.sigma()[grid.steps()] != 0) throw c.error("final_sigmas_type", "must be zero for this scheduler");
    }

    @Override
    public double[] timesteps() { return grid.t().clone(); }

    @Override
    public double initNoiseSigma() { return grid.init(); }

    @Override
    public void solve(Prediction network, double[][] x, StepNoise noise, Progress progress) {
        double[][] scaled = Rows.like(x), x0 = Rows.like(x);
        List<double[][]> slopes = new ArrayList<>();
        for (int i = 0; i < grid.steps(); i++) {
            double s = grid.sigma()[i];
            grid.x0(network, type, x, i, grid.t()[i], scaled, x0);
            double[][] slope = slopes.size() == ORDER ? slopes.removeFirst() : Rows.like(x);
            Rows.set(slope, 1 / s, x, -1 / s, x0);
            slopes.add(slope);
            for (int k = 0; k < slopes.size(); k++)
                Rows.add(x, weight(i, k, slopes.size()), slopes.get(slopes.size() - 1 - k));
            progress.report((i + 1.0) / grid.steps());
        }
    }

    /** The integral over the step of the Lagrange polynomial of slope k back: a cubic at most, so Simpson's rule is exact. */
    private double weight(int i, int k, int order) {
        double[] s = grid.sigma();
        double middle = (s[i] + s[i + 1]) / 2;
        return (s[i + 1] - s[i]) / 6 * (lagrange(s[i], i, k, order) + 4 * lagrange(middle, i, k, order) + lagrange(s[i + 1], i, k, order));
    }

    private double lagrange(double at, int i, int k, int order) {
        double[] s = grid.sigma();
        double p = 1;
        for (int j = 0; j < order; j++)
            if (j != k) p *= (at - s[i - j]) / (s[i - k] - s[i - j]);
        return p;
    }
}
