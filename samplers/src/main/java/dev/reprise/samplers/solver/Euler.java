package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.schedule.Schedule;
import dev.reprise.samplers.schedule.Spacing;

/**
 * Euler's method on {@code dx/dσ = (x − D(x; σ))/σ} (Karras et al. 2022, algorithm 1 without lines 6 to 8, and s = 1,
 * σ(t) = t whatever the kernel). As many evaluations as steps.
 */
public record Euler(int steps, Grid grid) implements SigmaSolver {
    public Euler { Heun.checkSteps("euler", steps); }

    /** {@code steps} noise ratios from σ_max to σ_min, then 0. */
    public Euler(int steps, Spacing spacing) {
        this(steps, new Grid.Spaced(spacing, true));
    }

    @Override
    public double[] sigmas(Schedule k) { return grid.sigmas(k, steps); }

    @Override
    public void walk(Denoiser d, double[] sigma, double[][] x, Run run) { Ddim.walk(d, sigma, x, 0, run); }

    @Override
    public int evaluations(Schedule k) { return sigmas(k).length - 1; }
}
