package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.schedule.Schedule;
import dev.reprise.samplers.schedule.Spacing;

/**
 * Heun's second-order method of EDM (Karras et al. 2022, algorithm 1, with s = 1 and σ(t) = t whatever the kernel):
 * {@code steps} noise levels from σ_max to σ_min, then 0, where the last step is Euler's. 2 steps − 1 evaluations.
 */
public record Heun(int steps, Spacing spacing) implements Solver {
    public Heun { checkSteps("heun", steps); }

    @Override
    public void solve(Denoiser d, Schedule k, double[][] x, Progress progress) {
        double[] t = sigmas(k, spacing, steps);
        double[][] next = Rows.like(x), di = Rows.like(x), d2 = Rows.like(x);
        Rows.set(x, 1 / k.s(k.tMax()), x);
        for (int i = 0; i < steps; i++) {
            double h = t[i + 1] - t[i];
            slope(d, x, t[i], di); // line 4
            Rows.set(next, 1, x, h, di); // line 5
            if (t[i + 1] != 0) {
                slope(d, next, t[i + 1], d2); // line 7
                Rows.set(next, 1, x, 0.5 * h, di, 0.5 * h, d2); // line 8
            }
            Rows.copy(next, x);
            progress.report((i + 1.0) / steps);
        }
    }

    /** {@code dx/dσ = (x − D(x; σ))/σ}. */
    private static void slope(Denoiser d, double[][] x, double sigma, double[][] out) {
        Rows.denoise(d, x, sigma, out);
        Rows.set(out, 1 / sigma, x, -1 / sigma, out);
    }

    @Override
    public int evaluations(Schedule k) { return 2 * steps - 1; }

    /** σ_0 = σ_max, …, σ_{n−1} = σ_min, σ_n = 0; with one step σ_max and 0. */
    static double[] sigmas(Schedule k, Spacing spacing, int steps) {
        double[] sigma = new double[steps + 1];
        sigma[0] = k.sigmaMax();
        if (steps > 1) {
            double[] t = spacing.times(k, steps - 1);
            for (int i = 1; i < steps; i++)
                sigma[i] = k.sigma(t[i]);
        }
        return sigma;
    }

    static void checkSteps(String name, int steps) {
        if (steps < 1) throw new IllegalArgumentException(name + " needs at least 1 step, found " + steps);
    }
}
