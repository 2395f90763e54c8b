package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.schedule.Schedule;

/**
 * UniPC-p (Zhao et al. 2023, algorithms 1 and 2, multistep): predictor UniP-p and corrector UniC-p share each model, so 1
 * evaluation a step; the corrected state has order p + 1. With {@code r_k = (λ_k − λ_0)/h}, {@code D_k = (m_k − m_0)/r_k}:
 * {@code x_t = keep x − weight (φ_1(H) m_0 + B Σ_k ρ_k D_k)}, where Σ_k r_k^{j−1} ρ_k = b_j.
 *
 * @param order  p, 1 to 3
 * @param bh2    whether {@code B = e^H − 1}, else {@code B = H}
 * @param settle whether the order falls towards the end, as the authors do
 */
public record UniPc(int order, int steps, Grid grid, Prediction prediction, boolean bh2, boolean settle, Start start)
        implements
            SigmaSolver {
    public UniPc {
        if (order < 1 || order > 3) throw new IllegalArgumentException("unipc has orders 1, 2 and 3, found " + order);
        Heun.checkSteps("unipc", steps);
    }

    @Override
    public double[] sigmas(Schedule k) { return grid.sigmas(k, steps); }

    @Override
    public void walk(Denoiser d, double[] sigma, double[][] x, Run run) {
        int n = sigma.length - 1, before = 0;
        double[][][] m = new double[order + 1][][];
        for (int j = 0; j <= order; j++)
            m[j] = Rows.like(x);
        double[][] last = Rows.like(x);
        DpmStep single = new DpmStep(d, prediction, true, x);
        for (int i = 0; i < n; i++) {
            double s = sigma[i], t = sigma[i + 1];
            Start.shift(m);
            prediction.model(d, x, s, m[0]);
            if (before > 0) {
                correct(sigma, i, before, m, last, x);
                run.round(x);
            }
            int p = Math.min(order, settle ? n - i : order);
            before = 0;
            if (t == 0) prediction.clean(x, s, m[0], x);
            else if (i + 1 < p && start == Start.SINGLE) {
                Rows.copy(m[0], single.m);
                single.advance(x, DpmMultistep.within(s, t, 3));
            } else {
                before = Math.min(p, i + 1);
                Rows.copy(x, last);
                predict(sigma, i, before, m, x);
            }
            run.step((i + 1.0) / n, 1, t, x);
        }
    }

    /** UniP from σ_i, with m[j] of σ_{i−j}. */
    private void predict(double[] sigma, int i, int p, double[][][] m, double[][] x) {
        double s = sigma[i], t = sigma[i + 1], h = prediction.h(s, t), b = bh2 ? Prediction.phi1(h) : h;
        double[] r = new double[p - 1], rho = p == 2 ? new double[]{0.5} : new double[p - 1];
        for (int j = 1; j < p; j++)
            r[j - 1] = -prediction.h(sigma[i - j], s) / h;
        if (p > 2) rho = solve(r, h, b);
        prediction.first(x, s, t, m[0], x);
        double w = -prediction.weight(t) * b;
        for (int j = 1; j < p; j++)
            Rows.sum(x, new double[]{1, w * rho[j - 1] / r[j - 1], -w * rho[j - 1] / r[j - 1]}, x, m[j], m[0]);
    }

    /** UniC from σ_{i−1} to σ_i, with m[0] at the predicted end and m[j] of σ_{i−j}: into x. */
    private void correct(double[] sigma, int i, int p, double[][][] m, double[][] last, double[][] x) {
        double s = sigma[i - 1], t = sigma[i], h = prediction.h(s, t), b = bh2 ? Prediction.phi1(h) : h;
        double[] r = new double[p];
        for (int j = 1; j < p; j++)
            r[j - 1] = -prediction.h(sigma[i - 1 - j], s) / h;
        r[p - 1] = 1;
        double[] rho = p == 1 ? new double[]{0.5} : solve(r, h, b);
        prediction.first(last, s, t, m[1], x);
        double w = -prediction.weight(t) * b;
        for (int j = 1; j < p; j++)
            Rows.sum(x, new double[]{1, w * rho[j - 1] / r[j - 1], -w * rho[j - 1] / r[j - 1]}, x, m[j + 1], m[1]);
        Rows.sum(x, new double[]{1, w * rho[p - 1], -w * rho[p - 1]}, x, m[0], m[1]);
    }

    /** ρ from {@code Σ_k r_k^{j−1} ρ_k = j! φ_{j+1}(H)/B}: Gauss' elimination of a small Vandermonde system. */
    private static double[] solve(double[] r, double h, double b) {
        int n = r.length;
        double[][] a = new double[n][n + 1];
        double phi = Prediction.phi2(h), factorial = 1;
        for (int j = 0; j < n; j++) {
            for (int k = 0; k < n; k++)
                a[j][k] = StrictMath.pow(r[k], j);
            a[j][n] = phi * factorial / b;
            factorial *= j + 2;
            phi = phi / h - 1 / factorial;
        }
        for (int c = 0; c < n; c++)
            for (int j = n - 1; j > c; j--) {
                double f = a[j][c] / a[c][c];
                for (int k = c; k <= n; k++)
                    a[j][k] -= f * a[c][k];
            }
        double[] rho = new double[n];
        for (int j = n - 1; j >= 0; j--) {
            double v = a[j][n];
            for (int k = j + 1; k < n; k++)
                v -= a[j][k] * rho[k];
            rho[j] = v / a[j][j];
        }
        return rho;
    }

    @Override
    public int evaluations(Schedule k) {
        double[] sigma = sigmas(k);
        int n = sigma.length - 1, extra = 0;
        if (start == Start.SINGLE)
            for (int i = 0; i < n; i++)
                if (sigma[i + 1] > 0 && i + 1 < Math.min(order, settle ? n - i : order)) extra += 2;
        return n + extra;
    }
}
