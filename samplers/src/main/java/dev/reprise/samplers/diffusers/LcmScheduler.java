package dev.reprise.samplers.diffusers;

import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.solver.Progress;

/**
 * Multistep consistency sampling of latent consistency models (Luo et al. 2023, algorithm 3): diffusers' {@code LCMScheduler}. Each step
 * jumps to x_0 through the boundary condition's c_skip and c_out and, but for the last, noises it again.
 */
public final class LcmScheduler implements Scheduler {
    private static final double SIGMA_DATA = 0.5;
    private final AlphaBars alphaBars;
    private final PredictionType type;
    private final Limit limit;
    private final double[] t;
    private final double scaling;

    LcmScheduler(SchedulerConfig c, int steps) {
        alphaBars = AlphaBars.of(c, 0.00085, 0.012, "scaled_linear", true);
        type = PredictionType.of(c, PredictionType.values()).checkZeroSnr(c);
        limit = Limit.of(c, c.flag("clip_sample", false));
        scaling = c.number("timestep_scaling", 10);
        int train = alphaBars.steps(), original = c.integer("original_inference_steps", 50, 1, train);
        if (steps < 1 || steps > original) throw c.error("original_inference_steps", "allows 1 to " + original + " steps, not " + steps);
        int stride = train / original;
        t = new double[steps];
        for (int i = 0; i < steps; i++)
            // The distilled model knows the times (k + 1) stride − 1; they are visited from the largest down.
            t[i] = (original - Math.floor(i * (original / (double) steps))) * stride - 1;
    }

    @Override
    public double[] timesteps() { return t.clone(); }

    @Override
    public double initNoiseSigma() { return 1; }

    @Override
    public boolean stochastic() { return t.length > 1; }

    @Override
    public void solve(Prediction network, double[][] x, StepNoise noise, Progress progress) {
        double[][] out = Rows.like(x);
        for (int i = 0; i < t.length; i++) {
            network.predict(x, t[i], out);
            double a = alphaBars.at((int) t[i]), scaled = t[i] * scaling, v = scaled * scaled + SIGMA_DATA * SIGMA_DATA;
            type.x0(x, out, Math.sqrt(a), Math.sqrt(1 - a), out);
            limit.apply(out);
            Rows.set(x, SIGMA_DATA * SIGMA_DATA / v, x, scaled / Math.sqrt(v), out);
            if (i + 1 < t.length) {
                double next = alphaBars.at((int) t[i + 1]);
                noise.next(out);
                Rows.set(x, Math.sqrt(next), x, Math.sqrt(1 - next), out);
            }
            progress.report((i + 1.0) / t.length);
        }
    }
}
