package dev.reprise.samplers.diffusers;

/** Vector arithmetic on the rows of a batch, written out so that the order of operations is fixed. */
final class Combine {
    private Combine() {}

    static double[][] like(double[][] x) {
        double[][] r = new double[x.length][];
        for (int i = 0; i < r.length; i++)
            r[i] = new double[x[i].length];
        return r;
    }

    static void copy(double[][] x, double[][] out) { for (int i = 0; i < x.length; i++)
        System.arraycopy(x[i], 0, out[i], 0, x[i].length); }

    static double[][] copy(double[][] x) {
        double[][] r = like(x);
        copy(x, r);
        return r;
    }

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

    /** out += a x. */
    static void add(double[][] out, double a, double[][] x) {
        for (int i = 0; i < x.length; i++)
            for (int e = 0; e < x[i].length; e++)
                out[i][e] += a * x[i][e];
    }
}
