package dev.reprise.samplers.diffusers;

import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.solver.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * UniPC (Zhao et al. 2023), predictor and corrector of B(h) 1 and 2 in x_0 or ε: diffusers' {@code UniPCMultistepScheduler}. The corrector
 * uses the evaluation that the next predictor needs anyway, so n steps take n evaluations.
 */
public final class UniPcScheduler implements Scheduler {
    private final DpmGrid grid;
    private final PredictionType type;
    private final Limit limit;
    private final int order;
    private final boolean ofX0, bh1, lowerAtEnd;
    private final Set<Integer> uncorrected = new TreeSet<>();

    UniPcScheduler(SchedulerConfig c, int steps) {
        c.without("use_beta_sigmas", "use_lu_lambdas", "use_flow_sigmas", "use_dynamic_shifting", "solver_p", "shift_terminal");
        AlphaBars a = AlphaBars.of(c, 1e-4, 0.02, "linear", true);
        Timesteps.check(c, a.steps(), steps);
        type = PredictionType.of(c, PredictionType.values());
        ofX0 = c.flag("predict_x0", true);
        limit = ofX0 ? Limit.threshold(c) : Limit.NONE;
        order = c.integer("solver_order", 2, 1, 6);
        // Configurations of the DPM-Solvers say midpoint or heun, which means bh2 here.
        bh1 = "bh1".equals(c.choice("solver_type", "bh2", "bh1", "bh2", "midpoint", "heun", "logrho"));
        grid = DpmGrid.of(c, a, Timesteps.multistep(c, a.steps(), a.steps(), steps), false, true);
        lowerAtEnd = c.flag("lower_order_final", true);
        if (grid.sigma()[grid.steps()] == 0 && !(lowerAtEnd && ofX0))
            throw c.error("final_sigmas_type", "must be sigma_min unless 'lower_order_final' and 'predict_x0' are true");
        if (c.has("disable_corrector"))
            for (double i : c.numbers("disable_corrector"))
                uncorrected.add((int) i);
    }

    @Override
    public double[] timesteps() { return grid.t().clone(); }

    @Override
    public double initNoiseSigma() { return 1; }

    @Override
    public void solve(Prediction network, double[][] x, StepNoise noise, Progress progress) {
        List<double[][]> history = new ArrayList<>();
        double[][] last = null;
        int n = grid.steps(), used = 0;
        for (int i = 0; i < n; i++) {
            double[][] m = Rows.like(x);
            network.predict(x, grid.t()[i], m);
            convert(i, x, m);
            if (last != null && !uncorrected.contains(i - 1)) {
                Rows.copy(last, x);
                step(i - 1, used, history, m, x);
            }
            if (history.size() == order) history.removeFirst();
            history.add(m);
            used = Math.min(Math.min(order, lowerAtEnd ? n - i : order), i + 1);
            last = Rows.copy(x);
            step(i, used, history, null, x);
            progress.report((i + 1.0) / n);
        }
    }

    private void convert(int i, double[][] x, double[][] m) {
        if (ofX0) {
            type.x0(x, m, grid.alpha(i), grid.sigmaT(i), m);
            limit.apply(m);
        } else {
            type.epsilon(x, m, grid.alpha(i), grid.sigmaT(i), m);
        }
    }

    /**
     * A step from point s to s + 1 (section 3): the predictor, or with {@code next}, the value at s + 1, the corrector.
     *
     * @param history values up to point s
     */
    private void step(int s, int p, List<double[][]> history, double[][] next, double[][] x) {
        int t = s + 1;
        double h = grid.lambda(t) - grid.lambda(s), hh = ofX0 ? -h : h, phi1 = StrictMath.expm1(hh), b = bh1 ? hh : phi1;
        double[][] m0 = history.getLast();
        double scale = ofX0 ? grid.alpha(t) : grid.sigmaT(t);
        Rows.set(x, ofX0 ? grid.sigmaT(t) / grid.sigmaT(s) : grid.alpha(t) / grid.alpha(s), x, -scale * phi1, m0);
        double[] r = new double[p];
        for (int k = 0; k < p - 1; k++)
            r[k] = (grid.lambda(s - 1 - k) - grid.lambda(s)) / h;
        r[p - 1] = 1;
        double[] rho = next == null ? predictor(r, hh, phi1, b) : corrector(r, hh, phi1, b);
        for (int k = 0; k < p - 1; k++) {
            double[][] m = history.get(history.size() - 2 - k);
            double w = -scale * b * rho[k] / r[k];
            Rows.add(x, w, m);
            Rows.add(x, -w, m0);
        }
        if (next != null) {
            double w = -scale * b * rho[p - 1];
            Rows.add(x, w, next);
            Rows.add(x, -w, m0);
        }
    }

    private static double[] predictor(double[] r, double hh, double phi1, double b) {
        int p = r.length - 1;
        return p == 0 ? new double[0] : p == 1 ? new double[]{0.5} : solve(r, p, right(p, hh, phi1, b));
    }

    private static double[] corrector(double[] r, double hh, double phi1, double b) {
        return r.length == 1 ? new double[]{0.5} : solve(r, r.length, right(r.length, hh, phi1, b));
    }

    /** {@code i! φ_{i+1}(hh)/B(h)} for i from 1, by the recurrence of φ. */
    private static double[] right(int n, double hh, double phi1, double b) {
        double[] v = new double[n];
        double phi = phi1 / hh - 1, factorial = 1;
        for (int i = 0; i < n; i++) {
            v[i] = phi * factorial / b;
            factorial *= i + 2;
            phi = phi / hh - 1 / factorial;
        }
        return v;
    }

    /** {@code Σ_k r_k^i ρ_k = v_i}, by Gauss with pivots; a system of a few rows. */
    private static double[] solve(double[] r, int n, double[] v) {
        double[][] a = new double[n][n + 1];
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < n; k++)
                a[i][k] = StrictMath.pow(r[k], i);
            a[i][n] = v[i];
        }
        for (int k = 0; k < n; k++) {
            int pivot = k;
            for (int i = k + 1; i < n; i++)
                if (Math.abs(a[i][k]) > Math.abs(a[pivot][k])) pivot = i;
            double[] row = a[pivot];
            a[pivot] = a[k];
            a[k] = row;
            for (int i = 0; i < n; i++)
                if (i != k) {
                    double f = a[i][k] / row[k];
                    for (int j = k; j <= n; j++)
                        a[i][j] -= f * row[j];
                }
        }
        double[] rho = new double[n];
        for (int k = 0; k < n; k++)
            rho[k] = a[k][n] / a[k][k];
        return rho;
    }
}
