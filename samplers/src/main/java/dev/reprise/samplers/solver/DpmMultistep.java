package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.schedule.Schedule;

/**
 * Multistep DPM-Solver of order 1 to 3, and DPM-Solver++ 2M and 3M (Lu et al. 2022b, algorithm 2 and appendix B): differences of
 * the last models take the place of derivatives, so 1 evaluation a step. A step to σ = 0 is of first order.
 *
 * @param order  1 to 3
 * @param taylor whether order 2 uses Taylor's coefficient (diffusers' "heun") and not the authors' own ("midpoint")
 * @param full   whether order 3 takes the second difference D_2 in full, which makes it of third order. The authors' code, and
 *               all that follow it, take half of it: their 3M converges with second order (measured: 2.0 against 3.0)
 * @param settle runs of fewer steps than this lower the order towards their end, as the authors do below 10
 * @param start  how the first order − 1 steps are made
 */
public record DpmMultistep(int order, int steps, Grid grid, Prediction prediction, boolean taylor, boolean full, int settle,
        Start start)
        implements
            SigmaSolver {
    public DpmMultistep {
        if (order < 1 || order > 3) throw new IllegalArgumentException("dpm-solver has orders 1, 2 and 3, found " + order);
        Heun.checkSteps("dpm-solver", steps);
    }

    @Override
    public double[] sigmas(Schedule k) { return grid.sigmas(k, steps); }

    @Override
    public void walk(Denoiser d, double[] sigma, double[][] x, Run run) {
        int n = sigma.length - 1;
        double[][][] m = new double[3][][];
        for (int j = 0; j < 3; j++)
            m[j] = Rows.like(x);
        DpmStep single = new DpmStep(d, prediction, taylor, x);
        for (int i = 0; i < n; i++) {
            double s = sigma[i], t = sigma[i + 1];
            Start.shift(m);
            prediction.model(d, x, s, m[0]);
            int p = Math.min(order, n < settle ? n - i : order);
            if (t == 0) prediction.clean(x, s, m[0], x);
            else if (i + 1 < p && start == Start.SINGLE) {
                Rows.copy(m[0], single.m);
                single.advance(x, within(s, t, order));
            } else multistep(sigma, i, Math.min(p, i + 1), m, x);
            run.step((i + 1.0) / n, 1, t, x);
        }
    }

    /** Noise ratios even in λ. */
    static double[] within(double s, double t, int cells) {
        double[] in = new double[cells + 1];
        for (int j = 1; j < cells; j++)
            in[j] = s * StrictMath.pow(t / s, j / (double) cells);
        in[0] = s;
        in[cells] = t;
        return in;
    }

    private void multistep(double[] sigma, int i, int p, double[][][] m, double[][] x) {
        Prediction q = prediction;
        double s = sigma[i], t = sigma[i + 1], h = q.h(s, t), w = q.weight(t);
        if (p == 1) {
            q.first(x, s, t, m[0], x);
            return;
        }
        double r0 = q.h(sigma[i - 1], s) / h;
        if (p == 2) { // D_1 = (m_0 − m_1)/r_0
            double c = w * (taylor ? Prediction.phi2(h) : 0.5 * Prediction.phi1(h)) / r0;
            Rows.sum(x, new double[]{q.keep(s, t), -w * Prediction.phi1(h) - c, c}, x, m[0], m[1]);
            return;
        }
        double r1 = q.h(sigma[i - 2], sigma[i - 1]) / h;
        // D_1 = D_10 + r_0/(r_0 + r_1) (D_10 − D_11), D_2 = (1 or 2) (D_10 − D_11)/(r_0 + r_1), D_10 = (m_0 − m_1)/r_0, D_11 = (m_1 − m_2)/r_1
        double phi2 = Prediction.phi2(h), phi3 = (full ? 2 : 1) * Prediction.phi3(h), sum = r0 + r1;
        double a = -w * (phi2 * (1 + r0 / sum) + phi3 / sum), b = w * (phi2 * r0 / sum + phi3 / sum);
        Rows.sum(x, new double[]{q.keep(s, t), -w * Prediction.phi1(h) + a / r0, b / r1 - a / r0, -b / r1}, x, m[0], m[1], m[2]);
    }

    @Override
    public int evaluations(Schedule k) {
        double[] sigma = sigmas(k);
        int n = sigma.length - 1, extra = 0;
        if (start == Start.SINGLE)
            for (int i = 0; i < n; i++)
                if (sigma[i + 1] > 0 && i + 1 < Math.min(order, n < settle ? n - i : order)) extra += order - 1;
        return n + extra;
    }
}
