package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.schedule.Schedule;

/**
 * SDE-DPM-Solver++ of order 1 or 2, multistep (Lu et al. 2022b, eq. 18 and 19), for α = 1:
 * {@code x_t = σ_t/σ_s e^{−h} x_s + (1 − e^{−2h}) (m_0 + ½ D_1) + σ_t √(1 − e^{−2h}) z}. Reproducible, each sample with its stream of
 * noise, though no map of the initial noise alone.
 */
public record DpmSde(int order, int steps, Grid grid) implements SigmaSolver {
    public DpmSde {
        if (order < 1 || order > 2) throw new IllegalArgumentException("dpm-solver++ as an SDE has orders 1 and 2, found " + order);
        Heun.checkSteps("dpm-solver++-sde", steps);
    }

    @Override
    public double[] sigmas(Schedule k) { return grid.sigmas(k, steps); }

    @Override
    public void walk(Denoiser d, double[] sigma, double[][] x, Run run) {
        int n = sigma.length - 1;
        double[][][] m = {Rows.like(x), Rows.like(x)};
        for (int i = 0; i < n; i++) {
            double s = sigma[i], t = sigma[i + 1];
            Start.shift(m);
            Estimates.denoise(d, x, s, m[0]);
            if (t == 0) Rows.copy(m[0], x);
            else {
                double h = StrictMath.log(s / t), c = -StrictMath.expm1(-2 * h), keep = t / s * StrictMath.exp(-h);
                if (i == 0 || order == 1) Rows.set(x, keep, x, c, m[0]);
                else {
                    double r0 = StrictMath.log(sigma[i - 1] / s) / h;
                    Rows.sum(x, new double[]{keep, c + 0.5 * c / r0, -0.5 * c / r0}, x, m[0], m[1]);
                }
                run.addNoise(t * Math.sqrt(c), x, "dpm-solver++-sde");
            }
            run.step((i + 1.0) / n, 1, t, x);
        }
    }

    @Override
    public int evaluations(Schedule k) { return sigmas(k).length - 1; }

    @Override
    public boolean deterministic() { return false; }
}
