package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.schedule.Schedule;
import dev.reprise.samplers.schedule.Spacing;
import java.util.Arrays;

/**
 * Singlestep DPM-Solver of order 1, 2 or 3 (Lu et al. 2022, eq. 3.7, algorithms 1 and 2), with α = s(t), σ = s(t)σ(t),
 * λ = ln α/σ, h = λ_t − λ_s. The budget is spent as "DPM-Solver-fast" does (section 3.4 and appendix D.3): as many steps of the highest order
 * as fit, and one or two of lower order for the rest, so exactly {@code evaluations} calls of the denoiser, and one more
 * with {@code denoise}.
 *
 * @param order       highest order, 1 to 3
 * @param evaluations calls of the denoiser
 * @param spacing     of the steps, and of the points within a step
 * @param denoise     whether the last state is replaced by its denoised image; else the noise of tMin stays in it
 */
public record DpmSolver(int order, int evaluations, Spacing spacing, boolean denoise) implements Solver {
    public DpmSolver {
        if (order < 1 || order > 3) throw new IllegalArgumentException("dpm-solver has orders 1, 2 and 3, found " + order);
        Heun.checkSteps("dpm-solver-" + order, evaluations);
    }

    @Override
    public void solve(Denoiser d, Schedule k, double[][] x, Progress progress) {
        Step step = new Step(d, k, x);
        run(step, x, orders(order, evaluations), progress);
        if (denoise) {
            Rows.x0(d, k, x, k.tMin(), step.scratch, step.e);
            Rows.copy(step.e, x);
            progress.report(1);
        }
    }

    /** Steps of the given orders over the whole range. */
    void run(Step step, double[][] x, int[] orders, Progress progress) {
        Schedule k = step.k;
        double[] t = times(k, orders);
        int done = 0;
        for (int i = 0; i < orders.length; i++) {
            double[] in = spacing.times(k, t[i], t[i + 1], orders[i]);
            switch (orders[i]) {
                case 1 -> step.first(x, in[0], in[1]);
                case 2 -> step.second(x, in[0], in[1], in[2]);
                default -> step.third(x, in[0], in[1], in[2], in[3]);
            }
            done += orders[i];
            progress.report(done / (double) evaluations(k));
        }
    }

    @Override
    public int evaluations(Schedule k) { return evaluations + (denoise ? 1 : 0); }

    /** Outer times: even over the steps for log-SNR; for grids in time each step spans as many cells as its order. */
    private double[] times(Schedule k, int[] orders) {
        if (spacing instanceof Spacing.LogSnr) return spacing.times(k, orders.length);
        double[] fine = spacing.times(k, evaluations), t = new double[orders.length + 1];
        t[0] = fine[0];
        for (int i = 0, at = 0; i < orders.length; i++)
            t[i + 1] = fine[at += orders[i]];
        return t;
    }

    /** The orders of the steps that spend n evaluations. */
    static int[] orders(int order, int n) {
        if (order == 3) {
            int[] o = new int[n / 3 + 1];
            Arrays.fill(o, 3);
            int last = o.length - 1;
            if (n % 3 != 0) o[last] = n % 3;
            else {
                o[last - 1] = 2;
                o[last] = 1;
            }
            return o;
        }
        int[] o = new int[(n + order - 1) / order];
        Arrays.fill(o, order);
        if (n % order != 0) o[o.length - 1] = n % order;
        return o;
    }

    /** The three updates, over one set of buffers. */
    static final class Step {
        final Denoiser d;
        final Schedule k;
        final double[][] scratch, e, u, d1;

        Step(Denoiser d, Schedule k, double[][] x) {
            this.d = d;
            this.k = k;
            scratch = Rows.like(x);
            e = Rows.like(x);
            u = Rows.like(x);
            d1 = Rows.like(x);
        }

        /** Eq. 3.7: {@code x_t = α_t/α_s x − σ_t (e^h − 1) ε(x, s)}. */
        void first(double[][] x, double s, double t) {
            Rows.epsilon(d, k, x, s, scratch, e);
            move(x, s, t, x);
        }

        /** The first-order part of a step, with ε(x, s) in e. */
        private void move(double[][] x, double s, double t, double[][] out) {
            double h = k.lambda(t) - k.lambda(s);
            Rows.set(out, k.s(t) / k.s(s), x, -k.std(t) * StrictMath.expm1(h), e);
        }

        /** {@code d1 = ε(u, s1) − ε(x, s)}. */
        private void difference(double s1) {
            Rows.epsilon(d, k, u, s1, scratch, d1);
            Rows.set(d1, 1, d1, -1, e);
        }

        /** Algorithm 1, with r1 from where s1 lies. */
        void second(double[][] x, double s, double s1, double t) {
            double h = k.lambda(t) - k.lambda(s), r1 = (k.lambda(s1) - k.lambda(s)) / h;
            Rows.epsilon(d, k, x, s, scratch, e);
            move(x, s, s1, u);
            difference(s1);
            double phi = StrictMath.expm1(h);
            Rows.set(x, k.s(t) / k.s(s), x, -k.std(t) * phi, e, -k.std(t) / (2 * r1) * phi, d1);
        }

        /** Algorithm 2, with r1 and r2 from where s1 and s2 lie. */
        void third(double[][] x, double s, double s1, double s2, double t) {
            double h = k.lambda(t) - k.lambda(s);
            double r1 = (k.lambda(s1) - k.lambda(s)) / h, r2 = (k.lambda(s2) - k.lambda(s)) / h;
            Rows.epsilon(d, k, x, s, scratch, e);
            move(x, s, s1, u);
            difference(s1);
            double phi = StrictMath.expm1(r2 * h);
            Rows.set(u, k.s(s2) / k.s(s), x, -k.std(s2) * phi, e, -k.std(s2) * r2 / r1 * (phi / (r2 * h) - 1), d1);
            difference(s2);
            phi = StrictMath.expm1(h);
            Rows.set(x, k.s(t) / k.s(s), x, -k.std(t) * phi, e, -k.std(t) / r2 * (phi / h - 1), d1);
        }
    }
}
