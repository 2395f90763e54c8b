package dev.reprise.samplers.diffusers;

import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.solver.Progress;

/** DDIM without noise (Song, Meng and Ermon 2021, eq. 12 with σ_t = 0): diffusers' {@code DDIMScheduler} at eta 0. */
public final class DdimScheduler implements Scheduler {
    private final AlphaBars alphaBars;
    private final PredictionType type;
    private final Limit limit;
    private final double[] t;
    private final int stride;

    DdimScheduler(SchedulerConfig c, int steps) {
        alphaBars = AlphaBars.of(c, 1e-4, 0.02, "linear", true);
        Timesteps.check(c, alphaBars.steps(), steps);
        type = PredictionType.of(c, PredictionType.values()).checkZeroSnr(c);
        limit = Limit.of(c, c.flag("clip_sample", true));
        t = Timesteps.of(c, "leading", alphaBars.steps(), steps, true);
        stride = alphaBars.steps() / steps;
        alphaBars.at((int) t[0]);
    }

    @Override
    public double[] timesteps() { return t.clone(); }

    @Override
    public double initNoiseSigma() { return 1; }

    @Override
    public void solve(Prediction network, double[][] x, StepNoise noise, Progress progress) {
        double[][] out = Rows.like(x), x0 = Rows.like(x);
        for (int i = 0; i < t.length; i++) {
            network.predict(x, t[i], out);
            double now = alphaBars.at((int) t[i]), next = alphaBars.at((int) t[i] - stride);
            double alpha = Math.sqrt(now), sigma = Math.sqrt(1 - now);
            type.x0(x, out, alpha, sigma, x0);
            limit.apply(x0);
            // From the network's own answer: clipping x_0 does not change it.
            type.epsilon(x, out, alpha, sigma, out);
            Rows.set(x, Math.sqrt(next), x0, Math.sqrt(1 - next), out);
            progress.report((i + 1.0) / t.length);
        }
    }
}
