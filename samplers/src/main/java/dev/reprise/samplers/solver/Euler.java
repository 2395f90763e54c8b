package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.schedule.Schedule;
import dev.reprise.samplers.schedule.Spacing;

/**
 * Euler's method on {@code dx/dσ = (x − D(x; σ))/σ} (Karras et al. 2022, algorithm 1 without lines 6 to 8, and s = 1,
 * σ(t) = t whatever the kernel): {@code steps} noise levels from σ_max to σ_min, then 0. As many evaluations.
 */
public record Euler(int steps, Spacing spacing) implements Solver {
    public Euler { Heun.checkSteps("euler", steps); }

    @Override
    public void solve(Denoiser d, Schedule k, double[][] x, Progress progress) {
        double[] sigma = Heun.sigmas(k, spacing, steps);
        double[][] x0 = Rows.like(x);
        Rows.set(x, 1 / k.s(k.tMax()), x);
        for (int i = 0; i < steps; i++) {
            Rows.denoise(d, x, sigma[i], x0);
            // x + (σ' − σ)(x − x0)/σ, as a mean of x and x0.
            double r = sigma[i + 1] / sigma[i];
            Rows.set(x, r, x, 1 - r, x0);
            progress.report((i + 1.0) / steps);
        }
    }

    @Override
    public int evaluations(Schedule k) { return steps; }
}
