package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.schedule.Schedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Dormand and Prince's adaptive method of order 5(4) on the probability-flow ODE
 * {@code dx/dt = f x − ½ g² ∇ln p_t(x)} ({@link Flow}), with SciPy's choice of the first step and of every
 * next one, so it takes the steps that {@code scipy.integrate.solve_ivp(method="RK45")} takes for that sample.
 *
 * <p>Every sample has its own step size and error: the batch only shares evaluations. (Implementations that flatten the
 * batch into one vector make a sample depend on its neighbours.)
 *
 * @param rtol    relative tolerance, 1e-5 in the paper
 * @param atol    absolute tolerance, 1e-5 in the paper
 * @param denoise whether the state at tMin is replaced by its denoised image
 * @param joint   whether the batch is one vector with one norm, as score_sde's SciPy sees it: then samples depend on their batch
 */
public record Rk45(double rtol, double atol, boolean denoise, boolean joint) implements Solver {
    private static final double[] C = {0, 1 / 5.0, 3 / 10.0, 4 / 5.0, 8 / 9.0, 1};
    private static final double[][] A = {{}, {1 / 5.0}, {3 / 40.0, 9 / 40.0}, {44 / 45.0, -56 / 15.0, 32 / 9.0},
        {19372 / 6561.0, -25360 / 2187.0, 64448 / 6561.0, -212 / 729.0},
        {9017 / 3168.0, -355 / 33.0, 46732 / 5247.0, 49 / 176.0, -5103 / 18656.0}};
    private static final double[] B = {35 / 384.0, 0, 500 / 1113.0, 125 / 192.0, -2187 / 6784.0, 11 / 84.0};
    /** The fifth-order weights minus the fourth-order ones. */
    private static final double[] E = {-71 / 57600.0, 0, 71 / 16695.0, -71 / 1920.0, 17253 / 339200.0, -22 / 525.0, 1 / 40.0};
    private static final double SAFETY = 0.9, MIN_FACTOR = 0.2, MAX_FACTOR = 10, EXPONENT = -1 / 5.0;

    public Rk45 {
        if (!(rtol >= 1e-13) || !(atol >= 0))
            throw new IllegalArgumentException("rk45 needs rtol >= 1e-13 and atol >= 0, found rtol " + rtol + ", atol " + atol);
    }

    /** Each sample by itself. */
    public Rk45(double rtol, double atol, boolean denoise) { this(rtol, atol, denoise, false); }

    @Override
    public int evaluations(Schedule k) { return -1; }

    @Override
    public void solve(Denoiser d, Schedule k, double[][] x, Run run) { integrate(d, k, x, run); }

    /** As {@link #solve}, and says how many evaluations each sample took (the last denoising not counted). */
    public int[] integrate(Denoiser d, Schedule k, double[][] x, Progress progress) {
        return integrate(d, k, x, Run.of(progress));
    }

    private int[] integrate(Denoiser d, Schedule k, double[][] x, Run run) {
        Flow flow = Flow.of(k);
        int[] evaluations = between(d, flow, flow.start(), flow.end(), x, run);
        if (denoise) {
            double[][] x0 = Rows.like(x);
            Estimates.x0(d, k, x, k.tMin(), Rows.like(x), x0);
            Rows.copy(x0, x);
            run.step(1, 1, 0, x);
        }
        return evaluations;
    }

    @Override
    public void invert(Denoiser d, Schedule k, double[][] x, Run run) {
        Flow flow = Flow.of(k);
        between(d, flow, flow.end(), flow.start(), x, run);
    }

    private int[] between(Denoiser d, Flow flow, double from, double to, double[][] x, Run run) {
        List<Path> all = new ArrayList<>();
        int size = x.length == 0 ? 0 : x[0].length;
        for (int i = 0; i < x.length; i += joint ? x.length : 1)
            all.add(new Path(i, joint ? x.length : 1, from, size));
        for (Path p : all)
            for (int r = 0; r < p.rows; r++)
                System.arraycopy(x[p.row + r], 0, p.y, r * size, size);
        double[] sigma = Run.all(flow.sigma(from), x), scale = Run.all(flow.s(from), x);
        run.begin(flow.s(from), flow.sigma(from), x);
        Field field = new Field(d, flow, x.length);
        start(field, all, to - from);
        List<Path> active = new ArrayList<>(all);
        double first = StrictMath.log(flow.sigma(from)), whole = StrictMath.log(flow.sigma(to)) - first, done = 0;
        while (!active.isEmpty()) {
            step(field, active, to);
            double least = 1;
            for (Path p : all) {
                double now = flow.sigma(p.t);
                least = Math.min(least, p.t == to ? 1 : (StrictMath.log(now) - first) / whole);
                for (int r = 0; r < p.rows; r++) {
                    System.arraycopy(p.y, r * size, x[p.row + r], 0, size);
                    sigma[p.row + r] = now;
                    scale[p.row + r] = flow.s(p.t);
                }
            }
            done = Math.max(done, least);
            active.removeIf(p -> p.t == to);
            run.step(done, scale, sigma, x);
            if (run.float32())
                for (Path p : all)
                    for (int r = 0; r < p.rows; r++)
                        System.arraycopy(x[p.row + r], 0, p.y, r * size, size);
        }
        int[] evaluations = new int[x.length];
        for (Path p : all)
            Arrays.fill(evaluations, p.row, p.row + p.rows, p.evaluations);
        return evaluations;
    }

    /** One sample, or the whole batch, on its way: where it is, how fast it moves, and what the last steps said. */
    private static final class Path {
        final int row, rows;
        final double[] y, yNew, at;
        final double[][] slope = new double[7][];
        double t, tNew, h, hAbs, timeOfAt;
        boolean rejected;
        int evaluations;

        Path(int row, int rows, double t, int size) {
            this.row = row;
            this.rows = rows;
            this.t = t;
            y = new double[rows * size];
            yNew = new double[y.length];
            at = new double[y.length];
            for (int j = 0; j < slope.length; j++)
                slope[j] = new double[y.length];
        }
    }

    /** The right-hand side of the ODE for any set of paths, which are {@code all} rows together or some of them. */
    private record Field(Denoiser d, Flow flow, int all) {
        /** slope[j] of every path := dx/dt at (timeOfAt, at). */
        void evaluate(List<Path> paths, int j) {
            int n = 0;
            for (Path p : paths)
                n += p.rows;
            int[] rows = new int[n];
            double[] sigma = new double[n];
            double[][] scaled = new double[n][], x0 = new double[n][];
            int i = 0;
            for (Path p : paths) {
                double s = flow.s(p.timeOfAt);
                int size = p.y.length / p.rows;
                for (int r = 0; r < p.rows; r++, i++) {
                    rows[i] = p.row + r;
                    sigma[i] = flow.sigma(p.timeOfAt);
                    scaled[i] = Arrays.copyOfRange(p.at, r * size, (r + 1) * size);
                    x0[i] = new double[size];
                    if (s != 1)
                        for (int e = 0; e < size; e++)
                            scaled[i][e] = 1 / s * scaled[i][e];
                }
                p.evaluations++;
            }
            (n == all ? d : d.rows(rows)).denoise(scaled, sigma, x0);
            i = 0;
            for (Path p : paths) {
                double a = flow.a(p.timeOfAt), b = flow.b(p.timeOfAt);
                double[] f = p.slope[j];
                int size = p.y.length / p.rows;
                for (int r = 0; r < p.rows; r++, i++)
                    for (int e = 0; e < size; e++)
                        f[r * size + e] = a * p.at[r * size + e] + b * x0[i][e];
            }
        }
    }

    /** The first slope and the first step size (Hairer, Nørsett and Wanner, II.4). */
    private void start(Field field, List<Path> paths, double whole) {
        double interval = Math.abs(whole), way = Math.signum(whole);
        for (Path p : paths) {
            System.arraycopy(p.y, 0, p.at, 0, p.y.length);
            p.timeOfAt = p.t;
        }
        field.evaluate(paths, 0);
        double[] d1 = new double[paths.size()], h0 = new double[paths.size()];
        for (int i = 0; i < h0.length; i++) {
            Path p = paths.get(i);
            double d0 = rms(p, p.y);
            d1[i] = rms(p, p.slope[0]);
            h0[i] = Math.min(d0 < 1e-5 || d1[i] < 1e-5 ? 1e-6 : 0.01 * d0 / d1[i], interval);
            for (int e = 0; e < p.y.length; e++)
                p.at[e] = p.y[e] + way * h0[i] * p.slope[0][e];
            p.timeOfAt = p.t + way * h0[i];
        }
        field.evaluate(paths, 1);
        for (int i = 0; i < h0.length; i++) {
            Path p = paths.get(i);
            for (int e = 0; e < p.y.length; e++)
                p.at[e] = p.slope[1][e] - p.slope[0][e];
            double d2 = rms(p, p.at) / h0[i];
            double h1 = d1[i] <= 1e-15 && d2 <= 1e-15 ? Math.max(1e-6, h0[i] * 1e-3) : StrictMath.pow(0.01 / Math.max(d1[i], d2), 1 / 5.0);
            p.hAbs = Math.min(Math.min(100 * h0[i], h1), interval);
        }
    }

    /** Root mean square of v over the tolerance at y. */
    private double rms(Path p, double[] v) {
        double sum = 0;
        for (int e = 0; e < v.length; e++) {
            double q = v[e] / (atol + Math.abs(p.y[e]) * rtol);
            sum += q * q;
        }
        return Math.sqrt(sum / v.length);
    }

    /** Every path tries one step. */
    private void step(Field field, List<Path> paths, double end) {
        for (Path p : paths) {
            double way = end > p.t ? 1 : -1, least = 10 * Math.abs(Math.nextAfter(p.t, end) - p.t);
            if (Double.isNaN(p.hAbs) || p.rejected && p.hAbs < least)
                throw new ArithmeticException("rk45: at t = " + p.t + " no step keeps the error of sample " + p.row
                        + " within rtol " + rtol + ", atol " + atol + "; is the network's output finite?");
            p.tNew = p.t + way * Math.max(p.hAbs, least);
            if ((p.tNew - end) * way > 0) p.tNew = end;
            p.h = p.tNew - p.t;
            p.hAbs = Math.abs(p.h);
        }
        for (int j = 1; j < 6; j++) {
            for (Path p : paths) {
                combine(p.y, p.slope, A[j], p.h, p.at);
                p.timeOfAt = p.t + C[j] * p.h;
            }
            field.evaluate(paths, j);
        }
        for (Path p : paths) {
            combine(p.y, p.slope, B, p.h, p.yNew);
            System.arraycopy(p.yNew, 0, p.at, 0, p.at.length);
            p.timeOfAt = p.t + p.h;
        }
        field.evaluate(paths, 6);
        for (Path p : paths)
            judge(p);
    }

    /** out = y + h Σ w_j slope_j. */
    private static void combine(double[] y, double[][] slope, double[] w, double h, double[] out) {
        for (int e = 0; e < y.length; e++) {
            double sum = 0;
            for (int j = 0; j < w.length; j++)
                sum += slope[j][e] * w[j];
            out[e] = y[e] + h * sum;
        }
    }

    private void judge(Path p) {
        double sum = 0;
        for (int e = 0; e < p.y.length; e++) {
            double error = 0;
            for (int j = 0; j < E.length; j++)
                error += p.slope[j][e] * E[j];
            double q = error * p.h / (atol + Math.max(Math.abs(p.y[e]), Math.abs(p.yNew[e])) * rtol);
            sum += q * q;
        }
        double norm = Math.sqrt(sum / p.y.length);
        if (norm < 1) {
            double factor = norm == 0 ? MAX_FACTOR : Math.min(MAX_FACTOR, SAFETY * StrictMath.pow(norm, EXPONENT));
            p.hAbs *= p.rejected ? Math.min(1, factor) : factor;
            p.rejected = false;
            p.t = p.tNew;
            System.arraycopy(p.yNew, 0, p.y, 0, p.y.length);
            System.arraycopy(p.slope[6], 0, p.slope[0], 0, p.y.length);
        } else {
            double factor = SAFETY * StrictMath.pow(norm, EXPONENT);
            // Written so that NaN shrinks the step too.
            p.hAbs *= factor > MIN_FACTOR ? factor : MIN_FACTOR;
            p.rejected = true;
        }
    }
}
