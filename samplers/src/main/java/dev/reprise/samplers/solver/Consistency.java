package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.schedule.Schedule;

/**
 * Sampling of consistency models (Song et al. 2023, algorithm 1): {@code x_0 = f(x, σ_1)}, and for every further
 * noise ratio {@code x_0 = f(x_0 + √(σ_i² − σ_min²) z, σ_i)}. One step, the default of such models, is a map of the initial noise;
 * more steps draw noise.
 */
public record Consistency(int steps, Grid grid) implements SigmaSolver {
    public Consistency { Heun.checkSteps("consistency", steps); }

    @Override
    public double[] sigmas(Schedule k) {
        double[] sigma = grid.sigmas(k, steps);
        if (sigma[sigma.length - 1] != 0)
            throw new IllegalArgumentException("consistency ends at sigma 0, found a grid to " + sigma[sigma.length - 1]);
        // The last entry tells σ_min to the walk, which the schedule does not reach.
        sigma[sigma.length - 1] = k.sigmaMin();
        return sigma;
    }

    @Override
    public void solve(Denoiser d, Schedule k, double[][] x, Run run) {
        double[] sigma = sigmas(k);
        Rows.scale(x, 1 / k.s(k.t(sigma[0])));
        run.begin(1, sigma[0], x);
        walk(d, sigma, x, run);
    }

    @Override
    public void walk(Denoiser d, double[] sigma, double[][] x, Run run) {
        int n = sigma.length - 1;
        double[][] x0 = Rows.like(x);
        for (int i = 0; i < n; i++) {
            if (i > 0) run.addNoise(Math.sqrt(sigma[i] * sigma[i] - sigma[n] * sigma[n]), x, "consistency of more than one step");
            Estimates.denoise(d, x, sigma[i], x0);
            Rows.copy(x0, x);
            run.step((i + 1.0) / n, 1, 0, x);
        }
    }

    @Override
    public void invert(Denoiser d, Schedule k, double[][] x, Run run) {
        throw new UnsupportedOperationException(
                "consistency models map noise to images in one step, which has no inverse; use ddim, heun or rk45");
    }

    @Override
    public int evaluations(Schedule k) { return sigmas(k).length - 1; }

    @Override
    public boolean deterministic() { return steps == 1; }
}
