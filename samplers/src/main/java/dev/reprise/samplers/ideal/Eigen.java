package dev.reprise.samplers.ideal;

import java.util.stream.IntStream;

/**
 * Eigenvalues, falling, and unit eigenvectors of a symmetric matrix, by Jacobi's cyclic rotations.
 *
 * @param vectors row a belongs to values[a]
 */
record Eigen(double[] values, double[][] vectors) {
    private static final int SWEEPS = 60;

    static Eigen of(double[][] symmetric) {
        int n = symmetric.length;
        double[][] a = new double[n][], v = new double[n][n];
        for (int i = 0; i < n; i++) {
            if (symmetric[i].length != n)
                throw new IllegalArgumentException(
                        "a square matrix is needed, found row " + i + " of " + symmetric[i].length + " in " + n + " rows");
            a[i] = symmetric[i].clone();
            v[i][i] = 1;
        }
        for (int i = 0; i < n; i++)
            for (int j = 0; j < i; j++)
                if (Math.abs(a[i][j] - a[j][i]) > 1e-12 * (Math.abs(a[i][i]) + Math.abs(a[j][j])))
                    throw new IllegalArgumentException("the matrix is not symmetric at (" + i + ", " + j + ")");
        for (int sweep = 0; sweep < SWEEPS && offDiagonal(a) > 0; sweep++)
            for (int p = 0; p < n; p++)
                for (int q = p + 1; q < n; q++)
                    rotate(a, v, p, q);
        int[] order = IntStream.range(0, n).boxed().sorted((i, j) -> Double.compare(a[j][j], a[i][i])).mapToInt(i -> i).toArray();
        double[] values = new double[n];
        double[][] vectors = new double[n][];
        for (int i = 0; i < n; i++) {
            values[i] = a[order[i]][order[i]];
            vectors[i] = v[order[i]];
        }
        return new Eigen(values, vectors);
    }

    private static double offDiagonal(double[][] a) {
        double sum = 0;
        for (int i = 0; i < a.length; i++)
            for (int j = 0; j < i; j++)
                sum += a[i][j] * a[i][j];
        return sum;
    }

    /** Makes a[p][q] zero. */
    private static void rotate(double[][] a, double[][] v, int p, int q) {
        if (a[p][q] == 0) return;
        double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        double t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        double c = 1 / Math.sqrt(t * t + 1), s = t * c;
        for (int k = 0; k < a.length; k++) {
            double kp = a[k][p], kq = a[k][q];
            a[k][p] = c * kp - s * kq;
            a[k][q] = s * kp + c * kq;
        }
        for (int k = 0; k < a.length; k++) {
            double pk = a[p][k], qk = a[q][k];
            a[p][k] = c * pk - s * qk;
            a[q][k] = s * pk + c * qk;
            double vp = v[p][k], vq = v[q][k];
            v[p][k] = c * vp - s * vq;
            v[q][k] = s * vp + c * vq;
        }
        a[p][q] = 0;
        a[q][p] = 0;
    }
}
