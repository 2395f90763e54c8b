package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.schedule.Schedule;
import java.util.Arrays;

/** Vector arithmetic on the rows of a batch, written out so that the order of operations is fixed. */
final class Rows {
    private Rows() {}

    static double[][] like(double[][] x) {
        double[][] r = new double[x.length][];
        for (int i = 0; i < r.length; i++)
            r[i] = new double[x[i].length];
        return r;
    }

    static void copy(double[][] x, double[][] out) { for (int i = 0; i < x.length; i++)
        System.arraycopy(x[i], 0, out[i], 0, x[i].length); }

    /** out = a x. */
    static void set(double[][] out, double a, double[][] x) {
        for (int i = 0; i < x.length; i++)
            for (int e = 0; e < x[i].length; e++)
                out[i][e] = a * x[i][e];
    }

    /** out = a x + b y; out may be x or y. */
    static void set(double[][] out, double a, double[][] x, double b, double[][] y) {
        for (int i = 0; i < x.length; i++) {
            double[] o = out[i], p = x[i], q = y[i];
            for (int e = 0; e < p.length; e++)
                o[e] = a * p[e] + b * q[e];
        }
    }

    /** out = (a x + b y) + c z; out may be any of them. */
    static void set(double[][] out, double a, double[][] x, double b, double[][] y, double c, double[][] z) {
        for (int i = 0; i < x.length; i++) {
            double[] o = out[i], p = x[i], q = y[i], r = z[i];
            for (int e = 0; e < p.length; e++)
                o[e] = a * p[e] + b * q[e] + c * r[e];
        }
    }

    /** x = a x; nothing where a is 1. */
    static void scale(double[][] x, double a) { if (a != 1) set(x, a, x); }

    /** out = c_0 v_0 + c_1 v_1 + …, summed in that order; out may be any of them. */
    static void sum(double[][] out, double[] c, double[][]... v) {
        for (int i = 0; i < out.length; i++) {
            double[] o = out[i];
            for (int e = 0; e < o.length; e++) {
                double sum = c[0] * v[0][i][e];
                for (int j = 1; j < c.length; j++)
                    sum += c[j] * v[j][i][e];
                o[e] = sum;
            }
        }
    }

    /** D(x; σ) with one σ for the batch. */
    static void denoise(Denoiser d, double[][] x, double sigma, double[][] x0) {
        double[] all = new double[x.length];
        Arrays.fill(all, sigma);
        d.denoise(x, all, x0);
    }

    /** {@code E[x_0 | x_t]} for x_t of a kernel; {@code scratch} is as large as x. */
    static void x0(Denoiser d, Schedule k, double[][] x, double t, double[][] scratch, double[][] x0) {
        double s = k.s(t);
        if (s == 1) {
            denoise(d, x, k.sigma(t), x0);
            return;
        }
        set(scratch, 1 / s, x);
        denoise(d, scratch, k.sigma(t), x0);
    }

    /** {@code ε(x_t, t) = (x_t − s E[x_0 | x_t]) / (s σ)}. */
    static void epsilon(Denoiser d, Schedule k, double[][] x, double t, double[][] scratch, double[][] eps) {
        x0(d, k, x, t, scratch, eps);
        double std = k.std(t);
        set(eps, 1 / std, x, -k.s(t) / std, eps);
    }
}
