package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.schedule.Schedule;

/**
 * PLMS, the pseudo linear multistep method of PNDM (Liu et al. 2022, eq. 11 and 12, with the warm-up of Stable Diffusion):
 * the noise is extrapolated with the coefficients of Adams and Bashforth for even steps, and DDIM's step taken with it. The first
 * step is Heun's. steps + 1 evaluations. Of second order, whatever its coefficients, since its steps are not even in σ.
 */
public record Plms(int steps, Grid grid) implements SigmaSolver {
    private static final double[][] AB = {{1}, {3 / 2.0, -1 / 2.0}, {23 / 12.0, -16 / 12.0, 5 / 12.0},
        {55 / 24.0, -59 / 24.0, 37 / 24.0, -9 / 24.0}};

    public Plms { Heun.checkSteps("plms", steps); }

    @Override
    public double[] sigmas(Schedule k) { return grid.sigmas(k, steps); }

    @Override
    public void walk(Denoiser d, double[] sigma, double[][] x, Run run) {
        int n = sigma.length - 1;
        double[][][] e = {Rows.like(x), Rows.like(x), Rows.like(x), Rows.like(x)};
        double[][] mean = Rows.like(x), u = Rows.like(x);
        for (int i = 0; i < n; i++) {
            Start.shift(e);
            Prediction.NOISE.model(d, x, sigma[i], e[0]);
            double h = sigma[i + 1] - sigma[i];
            if (i == 0 && sigma[1] > 0) {
                Rows.set(u, 1, x, h, e[0]);
                run.round(u);
                Prediction.NOISE.model(d, u, sigma[1], mean);
                Rows.set(mean, 0.5, e[0], 0.5, mean);
            } else {
                double[] c = AB[Math.min(3, i)];
                Rows.sum(mean, c, e);
            }
            Rows.set(x, 1, x, h, mean);
            run.step((i + 1.0) / n, 1, sigma[i + 1], x);
        }
    }

    @Override
    public int evaluations(Schedule k) {
        double[] sigma = sigmas(k);
        return sigma.length - 1 + (sigma[1] > 0 ? 1 : 0);
    }
}
