package dev.reprise.samplers.diffusers;

import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.solver.Progress;
import java.util.ArrayList;
import java.util.List;

/**
 * DPM-Solver and DPM-Solver++, multistep, of order 1 to 3 (Lu et al. 2022a and b), and the SDE variant of the latter: diffusers'
 * {@code DPMSolverMultistepScheduler}.
 */
public final class DpmSolverMultistepScheduler implements Scheduler {
    private final DpmGrid grid;
    private final DpmUpdate update;
    private final PredictionType type;
    private final Limit limit;
    private final int order;
    private final boolean lowerAtEnd, eulerAtEnd;

    DpmSolverMultistepScheduler(SchedulerConfig c, int steps) {
        c.without("use_beta_sigmas", "use_flow_sigmas", "use_dynamic_shifting");
        if (c.has("variance_type") && c.choice("variance_type", "fixed_small", "fixed_small", "fixed_small_log", "fixed_large",
                "fixed_large_log", "learned", "learned_range").startsWith("learned"))
            throw c.error("variance_type", "is not supported: the network's further channels would have to be dropped");
        AlphaBars a = AlphaBars.of(c, 1e-4, 0.02, "linear", true);
        Timesteps.check(c, a.steps(), steps);
        type = PredictionType.of(c, PredictionType.values());
        limit = Limit.threshold(c);
        update = DpmUpdate.of(c, true);
        order = c.integer("solver_order", 2, 1, 3);
        boolean fractions = "squaredcos_cap_v2".equals(c.choice("beta_schedule", "linear", "linear", "scaled_linear", "squaredcos_cap_v2",
                "exp"));
        grid = DpmGrid.of(c, a, Timesteps.multistep(c, a.steps(), a.steps() - DpmGrid.clipped(c, a), steps), fractions, false);
        lowerAtEnd = c.flag("lower_order_final", true) && grid.steps() < 15;
        eulerAtEnd = c.flag("euler_at_final", false) || lowerAtEnd || grid.sigma()[grid.steps()] == 0;
    }

    @Override
    public double[] timesteps() { return grid.t().clone(); }

    @Override
    public double initNoiseSigma() { return 1; }

    @Override
    public boolean stochastic() { return update.kind() == DpmUpdate.Kind.SDE_PLUS; }

    @Override
    public void solve(Prediction network, double[][] x, StepNoise noise, Progress progress) {
        double[][] d1 = Rows.like(x), d2 = Rows.like(x);
        List<double[][]> history = new ArrayList<>();
        int n = grid.steps();
        for (int i = 0; i < n; i++) {
            double[][] m = history.size() == order ? history.removeFirst() : Rows.like(x);
            network.predict(x, grid.t()[i], m);
            update.convert(grid, i, type, limit, x, m, m);
            history.add(m);
            int use = Math.min(order, history.size());
            if (i == n - 1 && eulerAtEnd) use = 1;
            else if (i == n - 2 && lowerAtEnd) use = Math.min(use, 2);
            step(i, use, history, x, d1, d2);
            if (stochastic()) {
                noise.next(d1);
                Rows.add(x, update.weights(grid, i, i + 1, false)[4], d1);
            }
            progress.report((i + 1.0) / n);
        }
    }

    /** Lu et al. 2022b, algorithm 2 and its third-order sibling: differences of the last two or three values in λ. */
    private void step(int i, int use, List<double[][]> history, double[][] x, double[][] d1, double[][] d2) {
        double[] w = update.weights(grid, i, i + 1, use == 3 || update.heun());
        double h = grid.lambda(i + 1) - grid.lambda(i);
        double[][] m0 = history.getLast();
        Rows.set(x, w[0], x, w[1], m0);
        if (use == 1) return;
        double r0 = (grid.lambda(i) - grid.lambda(i - 1)) / h;
        double[][] m1 = history.get(history.size() - 2);
        Rows.set(d1, 1 / r0, m0, -1 / r0, m1);
        if (use == 3) {
            double r1 = (grid.lambda(i - 1) - grid.lambda(i - 2)) / h;
            Rows.set(d2, 1 / r1, m1, -1 / r1, history.get(history.size() - 3));
            Rows.set(d2, 1 / (r0 + r1), d1, -1 / (r0 + r1), d2);
            Rows.add(d1, r0, d2);
            Rows.add(x, w[3], d2);
        }
        Rows.add(x, w[2], d1);
    }
}
