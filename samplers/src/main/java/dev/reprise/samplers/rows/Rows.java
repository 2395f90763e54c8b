package dev.reprise.samplers.rows;

/** Vector arithmetic on the rows of a batch, written out so that the order of operations is fixed. */
public final class Rows {
    private Rows() {}

    public static double[][] like(double[][] x) {
        double[][] r = new double[x.length][];
        for (int i = 0; i < r.length; i++)
            r[i] = new double[x[i].length];
        return r;
    }

    public static void copy(double[][] x, double[][] out) {
        for (int i = 0; i < x.length; i++)
            System.arraycopy(x[i], 0, out[i], 0, x[i].length);
    }

    public static double[][] copy(double[][] x) {
        double[][] r = like(x);
        copy(x, r);
        return r;
    }

    /** out = a x. */
    public static void set(double[][] out, double a, double[][] x) {
        for (int i = 0; i < x.length; i++)
            for (int e = 0; e < x[i].length; e++)
                out[i][e] = a * x[i][e];
    }

    /** out = a x + b y; out may be x or y. */
    public static void set(double[][] out, double a, double[][] x, double b, double[][] y) {
        for (int i = 0; i < x.length; i++) {
            double[] o = out[i], p = x[i], q = y[i];
            for (int e = 0; e < p.length; e++)
                o[e] = a * p[e] + b * q[e];
        }
    }

    /** out = (a x + b y) + c z; out may be any of them. */
    public static void set(double[][] out, double a, double[][] x, double b, double[][] y, double c, double[][] z) {
        for (int i = 0; i < x.length; i++) {
            double[] o = out[i], p = x[i], q = y[i], r = z[i];
            for (int e = 0; e < p.length; e++)
                o[e] = a * p[e] + b * q[e] + c * r[e];
        }
    }

    /** x = a x; nothing where a is 1. */
    public static void scale(double[][] x, double a) { if (a != 1) set(x, a, x); }

    /** out = c_0 v_0 + c_1 v_1 + …, summed in that order; out may be any of them. */
    public static void sum(double[][] out, double[] c, double[][]... v) {
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

    /** out += a x. */
    public static void add(double[][] out, double a, double[][] x) {
        for (int i = 0; i < x.length; i++)
            for (int e = 0; e < x[i].length; e++)
                out[i][e] += a * x[i][e];
    }
}
