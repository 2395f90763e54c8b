package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.schedule.Schedule;

/**
 * DDIM (Song, Meng and Ermon 2021, eq. 12): {@code x' = s' x̂_0 + √(s'²σ'² − σ_η²) ε + σ_η z}. Over its scale, with
 * {@code σ_η = η σ' √(σ² − σ'²)/σ} (their eq. 16), that is a step to {@code √(σ'² − σ_η²)} and fresh noise up to σ'. η = 0 is
 * the deterministic sampler, where a step is one of Euler's; η = 1 is DDPM's ancestral sampler. At 0 it ends in x̂_0.
 *
 * @param eta part of the ancestral noise, in [0, 1]
 */
public record Ddim(int steps, Grid grid, double eta) implements SigmaSolver {
    public Ddim {
        Heun.checkSteps("ddim", steps);
        if (!(eta >= 0 && eta <= 1)) throw new IllegalArgumentException("eta must be in [0, 1], found " + eta);
    }

    /** Without noise, to the data. On a continuous kernel the grid is even in t, both ends included. */
    public Ddim(int steps, DdimGrid grid) {
        this(steps, new Grid.Table(grid, true), 0);
    }

    @Override
    public double[] sigmas(Schedule k) { return grid.sigmas(k, steps); }

    @Override
    public void walk(Denoiser d, double[] sigma, double[][] x, Run run) { walk(d, sigma, x, eta, run); }

    static void walk(Denoiser d, double[] sigma, double[][] x, double eta, Run run) {
        double[][] x0 = Rows.like(x);
        for (int i = 0; i + 1 < sigma.length; i++) {
            double now = sigma[i], next = sigma[i + 1];
            Estimates.denoise(d, x, now, x0);
            double up = eta == 0 ? 0 : eta * next * Math.sqrt(Math.max(0, now * now - next * next)) / now;
            double down = eta == 0 ? next : Math.sqrt(next * next - up * up), r = down / now;
            if (r == 0) Rows.copy(x0, x);
            else Rows.set(x, r, x, 1 - r, x0); // x + (σ' − σ)(x − x̂_0)/σ
            if (up > 0) run.addNoise(up, x, "ddim with eta " + eta);
            run.step((i + 1.0) / (sigma.length - 1), 1, next, x);
        }
    }

    @Override
    public int evaluations(Schedule k) { return sigmas(k).length - 1; }

    @Override
    public boolean deterministic() { return eta == 0; }
}
