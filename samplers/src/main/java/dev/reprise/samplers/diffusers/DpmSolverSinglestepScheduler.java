package dev.reprise.samplers.diffusers;

import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.solver.Progress;
import java.util.Arrays;

/**
 * DPM-Solver and DPM-Solver++, singlestep, of order 1 to 3 (Lu et al. 2022a and b): diffusers' {@code DPMSolverSinglestepScheduler}. As
 * there, the inner points of a step are points of the grid, so n steps take n evaluations.
 */
public final class DpmSolverSinglestepScheduler implements Scheduler {
    private final DpmGrid grid;
    private final DpmUpdate update;
    private final PredictionType type;
    private final Limit limit;
    private final int[] orders;

    DpmSolverSinglestepScheduler(SchedulerConfig c, int steps) {
        c.without("use_beta_sigmas", "use_lu_lambdas", "use_flow_sigmas", "use_dynamic_shifting", "rescale_betas_zero_snr");
        AlphaBars a = AlphaBars.of(c, 1e-4, 0.02, "linear", true);
        Timesteps.check(c, a.steps(), steps);
        type = PredictionType.of(c, PredictionType.values());
        limit = Limit.threshold(c);
        update = DpmUpdate.of(c, false);
        if (!update.ofX0() && !limit.none()) throw c.error("thresholding", "is not supported with an 'algorithm_type' of dpmsolver");
        grid = DpmGrid.of(c, a, Timesteps.multistepLinspace(a.steps() - DpmGrid.clipped(c, a), steps), false, false);
        int order = c.integer("solver_order", 2, 1, 3);
        boolean zero = grid.sigma()[steps] == 0;
        orders = orders(order, steps, c.flag("lower_order_final", false) || steps % order != 0 || zero, zero);
    }

    /** 1, 2, …, order over and over; with {@code lower} the last group is shorter, so that it fits and ends low. */
    private static int[] orders(int order, int steps, boolean lower, boolean zero) {
        int[] o = new int[steps];
        for (int i = 0; i < steps; i++)
            o[i] = i % order + 1;
        if (lower && order > 1) {
            // A full last group ends in 1 instead; for order 3 it is 1, 2, 1.
            int last = steps % order;
            if (last == 0) o[steps - 1] = 1;
        }
        if (zero) o[steps - 1] = 1;
        return o;
    }

    @Override
    public double[] timesteps() { return grid.t().clone(); }

    @Override
    public double initNoiseSigma() { return 1; }

    @Override
    public void solve(Prediction network, double[][] x, StepNoise noise, Progress progress) {
        double[][] base = Rows.copy(x), d1 = Rows.like(x), d2 = Rows.like(x);
        double[][][] m = {Rows.like(x), Rows.like(x), Rows.like(x)};
        for (int i = 0; i < orders.length; i++) {
            double[][] out = m[0];
            m = new double[][][]{m[1], m[2], out};
            network.predict(x, grid.t()[i], out);
            update.convert(grid, i, type, limit, x, out, out);
            if (orders[i] == 1) Rows.copy(x, base);
            step(i, orders[i], m, base, x, d1, d2);
            progress.report((i + 1.0) / orders.length);
        }
    }

    /** From the group's first point s to the point after i, with the values of the group so far. */
    private void step(int i, int order, double[][][] m, double[][] base, double[][] x, double[][] d1, double[][] d2) {
        int s = i + 1 - order, t = i + 1;
        double[] w = update.weights(grid, s, t, order == 3 || update.heun());
        double h = grid.lambda(t) - grid.lambda(s);
        double[][] m0 = m[2], first = m[3 - order];
        Rows.set(x, w[0], base, w[1], first);
        if (order == 1) return;
        double r0 = (grid.lambda(i) - grid.lambda(s)) / h;
        Rows.set(d1, 1 / r0, m0, -1 / r0, first);
        if (order == 3 && update.heun()) {
            double r1 = (grid.lambda(i - 1) - grid.lambda(s)) / h;
            double[][] m1 = m[1];
            Rows.set(d2, 1 / r1, m1, -1 / r1, first);
            double[][] inner = Rows.copy(d2);
            Rows.set(d2, 2 / (r0 - r1), d1, -2 / (r0 - r1), inner);
            Rows.set(d1, r0 / (r0 - r1), inner, -r1 / (r0 - r1), d1);
            Rows.add(x, w[3], d2);
        }
        Rows.add(x, w[2], d1);
    }
}
