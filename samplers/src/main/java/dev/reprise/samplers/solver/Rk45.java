package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.schedule.Schedule;
import java.util.ArrayList;
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
 */
public record Rk45(double rtol, double atol, boolean denoise) implements Solver {
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

    @Override
    public int evaluations(Schedule k) { return -1; }

    @Override
    public void solve(Denoiser d, Schedule k, double[][] x, Progress progress) { integrate(d, k, x, progress); }

    /** As {@link #solve}, and says how many evaluations each sample took (the last denoising not counted). */
    public int[] integrate(Denoiser d, Schedule k, double[][] x, Progress progress) {
        Flow flow = Flow.of(k);
        List<Path> all = new ArrayList<>();
        for (int i = 0; i < x.length; i++)
            all.add(new Path(i, flow.start(), x[i]));
        Field field = new Field(d, flow, all);
        start(field, all, flow.start() - flow.end());
        List<Path> active = new ArrayList<>(all);
        double first = StrictMath.log(k.sigmaMax()), whole = first - StrictMath.log(k.sigmaMin()), done = 0;
        while (!active.isEmpty()) {
            step(field, active, flow.end());
            double least = 1;
            for (Path p : all)
                least = Math.min(least, p.t == flow.end() ? 1 : (first - StrictMath.log(flow.sigma(p.t))) / whole);
            done = Math.max(done, least);
            active.removeIf(p -> p.t == flow.end());
            progress.report(done);
        }
        if (denoise) {
            double[][] x0 = Rows.like(x);
            Rows.x0(d, k, x, k.tMin(), Rows.like(x), x0);
            Rows.copy(x0, x);
        }
        return all.stream().mapToInt(p -> p.evaluations).toArray();
    }

    /** One sample on its way: where it is, how fast it moves, and what the last steps said. */
    private static final class Path {
        final int row;
        final double[] y, yNew, at;
        final double[][] slope = new double[7][];
        double t, tNew, h, hAbs, timeOfAt;
        boolean rejected;
        int evaluations;

        Path(int row, double t, double[] y) {
            this.row = row;
            this.t = t;
            this.y = y;
            yNew = new double[y.length];
            at = new double[y.length];
            for (int j = 0; j < slope.length; j++)
                slope[j] = new double[y.length];
        }
    }

    /** The right-hand side of the ODE for any set of paths. */
    private record Field(Denoiser d, Flow flow, List<Path> all) {
        /** slope[j] of every path := dx/dt at (timeOfAt, at). */
        void evaluate(List<Path> paths, int j) {
            int n = paths.size();
            int[] rows = new int[n];
            double[] sigma = new double[n];
            double[][] scaled = new double[n][], x0 = new double[n][];
            for (int i = 0; i < n; i++) {
                Path p = paths.get(i);
                p.timeOfAt = Math.clamp(p.timeOfAt, flow.end(), flow.start());
                rows[i] = p.row;
                sigma[i] = flow.sigma(p.timeOfAt);
                scaled[i] = p.at.clone();
                x0[i] = p.slope[j];
                double s = flow.s(p.timeOfAt);
                if (s != 1)
                    for (int e = 0; e < scaled[i].length; e++)
                        scaled[i][e] = 1 / s * scaled[i][e];
                p.evaluations++;
            }
            (n == all.size() ? d : d.rows(rows)).denoise(scaled, sigma, x0);
            for (Path p : paths) {
                double a = flow.a(p.timeOfAt), b = flow.b(p.timeOfAt);
                double[] f = p.slope[j];
                for (int e = 0; e < f.length; e++)
                    f[e] = a * p.at[e] + b * f[e];
            }
        }
    }

    /** The first slope and the first step size (Hairer, Nørsett and Wanner, II.4). */
    private void start(Field field, List<Path> paths, double interval) {
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
                p.at[e] = p.y[e] - h0[i] * p.slope[0][e];
            p.timeOfAt = p.t - h0[i];
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
            double least = 10 * (p.t - Math.nextDown(p.t));
            if (Double.isNaN(p.hAbs) || p.rejected && p.hAbs < least)
                throw new ArithmeticException("rk45: at t = " + p.t + " no step keeps the error of sample " + p.row
                        + " within rtol " + rtol + ", atol " + atol + "; is the network's output finite?");
            p.tNew = Math.max(p.t - Math.max(p.hAbs, least), end);
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
