package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.schedule.Schedule;
import dev.reprise.samplers.schedule.Spacing;
import java.util.Arrays;

/**
 * Singlestep DPM-Solver of order 1, 2 or 3 (Lu et al. 2022a, eq. 3.7, algorithms 1 and 2) and DPM-Solver++ (Lu et al. 2022b,
 * algorithm 1): see {@link DpmStep}. The budget is spent as "DPM-Solver-fast" does (2022a, section 3.4 and appendix D.3): as many
 * steps of the highest order as fit, and one or two of lower order for the rest, so exactly {@code evaluations} calls of the
 * denoiser, and one more with {@code denoise}.
 *
 * @param order       highest order, 1 to 3
 * @param evaluations calls of the denoiser
 * @param spacing     of the steps, and of the points within a step
 * @param prediction  noise for DPM-Solver, data for DPM-Solver++
 * @param fixed       whether all steps are of the highest order, {@code ⌊evaluations/order⌋} of them
 * @param taylor      whether the last combination of a step uses Taylor's coefficients
 * @param denoise     whether the last state is replaced by its denoised image; else the noise of tMin stays in it
 */
public record DpmSolver(int order, int evaluations, Spacing spacing, Prediction prediction, boolean fixed, boolean taylor, boolean denoise)
        implements
            Solver {
    public DpmSolver {
        if (order < 1 || order > 3) throw new IllegalArgumentException("dpm-solver has orders 1, 2 and 3, found " + order);
        Heun.checkSteps("dpm-solver-" + order, evaluations);
        if (fixed && evaluations < order)
            throw new IllegalArgumentException("dpm-solver-" + order + " with fixed orders needs at least " + order + " evaluations, found "
                    + evaluations);
    }

    /** DPM-Solver with the orders of DPM-Solver-fast. */
    public DpmSolver(int order, int evaluations, Spacing spacing, boolean denoise) {
        this(order, evaluations, spacing, Prediction.NOISE, false, false, denoise);
    }

    @Override
    public void solve(Denoiser d, Schedule k, double[][] x, Run run) {
        Rows.scale(x, 1 / k.s(k.tMax()));
        int[] orders = orders();
        run(d, k, times(k, orders), orders, x, run);
        if (denoise) {
            double[][] x0 = Rows.like(x);
            Estimates.denoise(d, x, k.sigmaMin(), x0);
            Rows.copy(x0, x);
            run.step(1, 1, 0, x);
        } else Rows.scale(x, k.s(k.tMin()));
    }

    @Override
    public void invert(Denoiser d, Schedule k, double[][] x, Run run) {
        int[] orders = orders();
        double[] t = times(k, orders);
        for (int i = 0, j = t.length - 1; i < j; i++, j--) {
            double v = t[i];
            t[i] = t[j];
            t[j] = v;
        }
        for (int i = 0, j = orders.length - 1; i < j; i++, j--) {
            int v = orders[i];
            orders[i] = orders[j];
            orders[j] = v;
        }
        Rows.scale(x, 1 / k.s(k.tMin()));
        run(d, k, t, orders, x, run);
        Rows.scale(x, k.s(k.tMax()));
    }

    private void run(Denoiser d, Schedule k, double[] t, int[] orders, double[][] x, Run run) {
        DpmStep step = new DpmStep(d, prediction, taylor, x);
        run.begin(1, k.sigma(t[0]), x);
        int done = 0;
        for (int i = 0; i < orders.length; i++) {
            double[] in = spacing.times(k, t[i], t[i + 1], orders[i]);
            for (int j = 0; j < in.length; j++)
                in[j] = k.sigma(in[j]);
            step.take(x, in);
            done += orders[i];
            run.step(done / (double) evaluations(k), 1, in[orders[i]], x);
        }
    }

    @Override
    public int evaluations(Schedule k) { return (fixed ? evaluations / order * order : evaluations) + (denoise ? 1 : 0); }

    /** Outer times: even over the steps for log-SNR; for grids in time each step spans as many cells as its order. */
    private double[] times(Schedule k, int[] orders) {
        if (fixed || spacing instanceof Spacing.LogSnr) return spacing.times(k, orders.length);
        double[] fine = spacing.times(k, evaluations), t = new double[orders.length + 1];
        t[0] = fine[0];
        for (int i = 0, at = 0; i < orders.length; i++)
            t[i + 1] = fine[at += orders[i]];
        return t;
    }

    /** The orders of the steps that spend the evaluations. */
    private int[] orders() {
        int n = evaluations;
        int[] o = new int[fixed ? n / order : order == 3 ? n / 3 + 1 : (n + order - 1) / order];
        Arrays.fill(o, order);
        int last = o.length - 1;
        if (fixed) return o;
        if (n % order != 0) o[last] = n % order;
        else if (order == 3) {
            o[last - 1] = 2;
            o[last] = 1;
        }
        return o;
    }
}
