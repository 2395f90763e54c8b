package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.schedule.Schedule;

/**
 * The explicit multistep method of Adams and Bashforth with variable steps: the polynomial through the last {@code order}
 * slopes, integrated over the step. With {@link Clock#SIGMA} it is the "LMS" sampler of Crowson's k-diffusion and of diffusers.
 * 1 evaluation a step.
 *
 * @param order 1 to 4
 * @param start how the first steps are made, before there are enough slopes
 */
public record AdamsBashforth(int order, int steps, Grid grid, Clock clock, Start start) implements FlowSolver {
    public AdamsBashforth {
        Heun.checkSteps("adams-bashforth", steps);
        if (order < 1 || order > 4) throw new IllegalArgumentException("adams-bashforth has orders 1 to 4, found " + order);
    }

    @Override
    public double[] sigmas(Schedule k) { return grid.sigmas(k, steps); }

    @Override
    public void walk(Denoiser d, Flow flow, double[] sigma, double[][] x, Run run) {
        int n = sigma.length - 1;
        double[][][] slope = new double[order][][];
        for (int j = 0; j < order; j++)
            slope[j] = Rows.like(x);
        double[] t = new double[n + 1];
        for (int i = 0; i <= n; i++)
            t[i] = sigma[i] == 0 ? flow.zero() : flow.t(sigma[i]);
        double[][] u = Rows.like(x), k2 = Rows.like(x), k3 = Rows.like(x), k4 = Rows.like(x);
        for (int i = 0; i < n; i++) {
            Start.shift(slope);
            if (Double.isNaN(t[i + 1])) {
                Rows.set(u, 1 / flow.s(t[i]), x);
                Estimates.denoise(d, u, sigma[i], x);
            } else if (start == Start.SINGLE && i + 1 < order && sigma[i + 1] > 0) {
                RungeKutta4.step(d, flow, t[i], t[i + 1], x, u, slope[0], k2, k3, k4);
            } else {
                flow.slope(d, x, t[i], slope[0]);
                double[] c = weights(t, i, Math.min(order, i + 1));
                for (int j = 0; j < c.length; j++)
                    Rows.set(x, 1, x, c[j], slope[j]);
            }
            run.step((i + 1.0) / n, sigma[i + 1] == 0 ? 1 : flow.s(t[i + 1]), sigma[i + 1], x);
        }
    }

    /** {@code ∫ l_j(τ) dτ} from t_i to t_{i+1}, l_j of Lagrange through t_i, t_{i−1}, …; Gauss' rule of 2 points is exact for them. */
    static double[] weights(double[] t, int i, int order) {
        double mid = 0.5 * (t[i] + t[i + 1]), half = 0.5 * (t[i + 1] - t[i]);
        double[] c = new double[order];
        for (int j = 0; j < order; j++)
            for (int side = -1; side <= 1; side += 2) {
                double tau = mid + side * half / Math.sqrt(3), l = half;
                for (int m = 0; m < order; m++)
                    if (m != j) l *= (tau - t[i - m]) / (t[i - j] - t[i - m]);
                c[j] += l;
            }
        return c;
    }

    @Override
    public int evaluations(Schedule k) {
        double[] sigma = sigmas(k);
        int n = sigma.length - 1;
        return n + (start == Start.SINGLE ? 3 * Math.min(order - 1, n - (sigma[n] == 0 ? 1 : 0)) : 0);
    }
}
