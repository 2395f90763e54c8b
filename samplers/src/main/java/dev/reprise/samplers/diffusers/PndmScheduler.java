package dev.reprise.samplers.diffusers;

import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.solver.Progress;
import java.util.ArrayList;
import java.util.List;

/**
 * Pseudo numerical methods (Liu et al. 2022): diffusers' {@code PNDMScheduler}. Three pseudo Runge-Kutta steps of four evaluations, then
 * linear multistep ones; with {@code skip_prk_steps}, as Stable Diffusion has it, the multistep formula starts by itself with a
 * second evaluation in the first step (PLMS), so n steps take n + 1 evaluations.
 */
public final class PndmScheduler implements Scheduler {
    private static final int PRK_STEPS = 4;
    private final AlphaBars alphaBars;
    private final PredictionType type;
    private final double[] t;
    private final int stride, prk;

    PndmScheduler(SchedulerConfig c, int steps) {
        alphaBars = AlphaBars.of(c, 1e-4, 0.02, "linear", false);
        Timesteps.check(c, alphaBars.steps(), steps);
        type = PredictionType.of(c, PredictionType.EPSILON, PredictionType.V);
        c.without("rescale_betas_zero_snr");
        stride = alphaBars.steps() / steps;
        double[] down = Timesteps.of(c, "leading", alphaBars.steps(), steps, true);
        if (c.flag("skip_prk_steps", false)) {
            prk = 0;
            t = plms(down);
        } else {
            if (steps < PRK_STEPS) throw c.error("skip_prk_steps", "must be true for fewer than " + PRK_STEPS + " steps");
            t = withRungeKutta(down);
            prk = 12;
        }
        for (double at : t)
            alphaBars.at((int) at);
    }

    private static double[] plms(double[] down) {
        if (down.length == 1) return down;
        double[] all = new double[down.length + 1];
        all[0] = down[0];
        System.arraycopy(down, 1, all, 1, 1);
        System.arraycopy(down, 1, all, 2, down.length - 1);
        return all;
    }

    /** Each of the three steps is seen at its start, twice in its middle and at its end. */
    private double[] withRungeKutta(double[] down) {
        double[] all = new double[12 + down.length - 3];
        int half = stride / 2, n = 0;
        for (int i = 0; i < 3; i++) {
            double end = down[i + 1];
            all[n++] = down[i];
            all[n++] = end + half;
            all[n++] = end + half;
            all[n++] = end;
        }
        System.arraycopy(down, 3, all, n, down.length - 3);
        return all;
    }

    @Override
    public double[] timesteps() { return t.clone(); }

    @Override
    public double initNoiseSigma() { return 1; }

    @Override
    public void solve(Prediction network, double[][] x, StepNoise noise, Progress progress) {
        double[][] out = Rows.like(x), base = Rows.copy(x), mean = Rows.like(x);
        List<double[][]> history = new ArrayList<>();
        for (int i = 0; i < t.length; i++) {
            network.predict(x, t[i], out);
            if (i < prk) rungeKutta(i, out, x, base, mean, history);
            else multistep(i, out, x, base, mean, history);
            progress.report((i + 1.0) / t.length);
        }
    }

    /** Eq. 13, one of the four evaluations. */
    private void rungeKutta(int i, double[][] out, double[][] x, double[][] base, double[][] mean, List<double[][]> history) {
        int to = (int) t[i] - (i % 2 == 0 ? stride / 2 : 0), from = (int) t[i / 4 * 4];
        if (i % 4 == 0) {
            history.add(Rows.copy(out));
            Rows.copy(x, base);
            Rows.set(mean, 1 / 6.0, out);
        } else {
            Rows.add(mean, i % 4 == 3 ? 1 / 6.0 : 1 / 3.0, out);
        }
        transfer(base, from, to, i % 4 == 3 ? mean : out, x);
    }

    /** Eq. 12; the first steps with as many terms as there are. */
    private void multistep(int i, double[][] out, double[][] x, double[][] base, double[][] mean, List<double[][]> history) {
        int from = (int) t[i], to = from - stride;
        if (i == 1 && prk == 0) {
            to = from;
            from += stride;
            Rows.set(mean, 0.5, out, 0.5, history.getLast());
            transfer(base, from, to, mean, x);
            return;
        }
        if (i == 0) Rows.copy(x, base);
        if (history.size() == 4) history.removeFirst();
        history.add(Rows.copy(out));
        double[] weights = switch (history.size()) {
            case 1 -> new double[]{1};
            case 2 -> new double[]{1.5, -0.5};
            case 3 -> new double[]{23 / 12.0, -16 / 12.0, 5 / 12.0};
            default -> new double[]{55 / 24.0, -59 / 24.0, 37 / 24.0, -9 / 24.0};
        };
        Rows.set(mean, weights[0], history.getLast());
        for (int k = 1; k < weights.length; k++)
            Rows.add(mean, weights[k], history.get(history.size() - 1 - k));
        transfer(x, from, to, mean, x);
    }

    /** Eq. 11: from step {@code from} to step {@code to} along ε. */
    private void transfer(double[][] x, int from, int to, double[][] prediction, double[][] out) {
        double a = alphaBars.at(from), b = alphaBars.at(to);
        double scale = Math.sqrt(b / a), slope = -(b - a) / (a * Math.sqrt(1 - b) + Math.sqrt(a * (1 - a) * b));
        if (type == PredictionType.V) {
            // ε = √ᾱ v + √(1 − ᾱ) x
            scale += slope * Math.sqrt(1 - a);
            slope *= Math.sqrt(a);
        }
        Rows.set(out, scale, x, slope, prediction);
    }
}
