package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.schedule.Schedule;

/** The classical method of Runge and Kutta, of fourth order: 4 evaluations a step. A step to σ = 0 ends in the denoised image. */
public record RungeKutta4(int steps, Grid grid, Clock clock) implements FlowSolver {
    public RungeKutta4 { Heun.checkSteps("rk4", steps); }

    @Override
    public double[] sigmas(Schedule k) { return grid.sigmas(k, steps); }

    @Override
    public void walk(Denoiser d, Flow flow, double[] sigma, double[][] x, Run run) {
        double[][] u = Rows.like(x), k1 = Rows.like(x), k2 = Rows.like(x), k3 = Rows.like(x), k4 = Rows.like(x);
        int n = sigma.length - 1;
        for (int i = 0; i < n; i++) {
            double t = flow.t(sigma[i]);
            if (sigma[i + 1] == 0) {
                Rows.set(u, 1 / flow.s(t), x);
                Estimates.denoise(d, u, sigma[i], x);
                run.step(1, 1, 0, x);
                return;
            }
            step(d, flow, t, flow.t(sigma[i + 1]), x, u, k1, k2, k3, k4);
            run.step((i + 1.0) / n, flow.s(flow.t(sigma[i + 1])), sigma[i + 1], x);
        }
    }

    static void step(Denoiser d, Flow flow, double t, double to, double[][] x, double[][] u, double[][] k1, double[][] k2, double[][] k3,
            double[][] k4) {
        double h = to - t;
        flow.slope(d, x, t, k1);
        Rows.set(u, 1, x, 0.5 * h, k1);
        flow.slope(d, u, t + 0.5 * h, k2);
        Rows.set(u, 1, x, 0.5 * h, k2);
        flow.slope(d, u, t + 0.5 * h, k3);
        Rows.set(u, 1, x, h, k3);
        flow.slope(d, u, to, k4);
        Rows.sum(x, new double[]{1, h / 6, h / 3, h / 3, h / 6}, x, k1, k2, k3, k4);
    }

    @Override
    public int evaluations(Schedule k) {
        double[] sigma = sigmas(k);
        return 4 * (sigma.length - 1) - (sigma[sigma.length - 1] == 0 ? 3 : 0);
    }
}
