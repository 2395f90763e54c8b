package dev.reprise.metrics;

import dev.reprise.ops.parallel.Workers;
import java.util.Arrays;

/**
 * Symmetric matrices in float64, as arrays of rows. Sums of products run over one index in order, elements of results are
 * spread over threads, and nothing but {@code + − * / fma sqrt} is used: the same bits everywhere.
 */
final class Symmetric {
    /** Rows of a product made in one pass over the other factor. */
    private static final int ROWS = 8;

    private Symmetric() {}

    /**
     * Cholesky's factor of a positive semidefinite matrix with the largest pivot first (Higham, "Accuracy and Stability of
     * Numerical Algorithms", section 10.3); it ends where what is left is rounding error.
     *
     * @return r rows of D, r the rank: {@code A = Σ_k row_k row_kᵀ}
     */
    static double[][] factor(double[][] a) {
        int d = a.length;
        double[] left = new double[d];
        double largest = 0;
        for (int i = 0; i < d; i++)
            largest = Math.max(largest, left[i] = a[i][i]);
        boolean[] done = new boolean[d];
        double[][] rows = new double[d][];
        double floor = largest * d * Math.ulp(1.0);
        for (int k = 0; k < d; k++) {
            int p = -1;
            for (int i = 0; i < d; i++)
                if (!done[i] && left[i] > floor && (p < 0 || left[i] > left[p])) p = i;
            if (p < 0) return Arrays.copyOf(rows, k);
            double[] row = a[p].clone();
            for (int m = 0; m < k; m++)
                Covariance.axpy(-rows[m][p], rows[m], row, 0, d);
            double pivot = Math.sqrt(left[p]);
            for (int i = 0; i < d; i++) {
                row[i] = done[i] ? 0 : i == p ? pivot : row[i] / pivot;
                left[i] = Math.fma(-row[i], row[i], left[i]);
            }
            done[p] = true;
            rows[k] = row;
        }
        return rows;
    }

    /** {@code L A Lᵀ} for the rows of L: symmetric, as many rows as L has. */
    static double[][] congruence(double[][] l, double[][] a, Workers workers) {
        int r = l.length, d = a.length;
        double[][] product = new double[r][r];
        workers.run((r + ROWS - 1) / ROWS, 1, (begin, end, _) -> {
            for (int block = (int) begin; block < end; block++) {
                int from = block * ROWS, to = Math.min(r, from + ROWS);
                double[][] la = new double[to - from][d];
                for (int m = 0; m < d; m++)
                    for (int i = from; i < to; i++)
                        if (l[i][m] != 0) Covariance.axpy(l[i][m], a[m], la[i - from], 0, d);
                for (int j = 0; j < to; j++)
                    for (int i = Math.max(j, from); i < to; i++)
                        product[i][j] = dot(la[i - from], l[j], d);
            }
        });
        for (int i = 0; i < r; i++)
            for (int j = 0; j < i; j++)
                product[j][i] = product[i][j];
        return product;
    }

    /** In eight sums, element i in sum i mod 8, added as a tree. */
    private static double dot(double[] x, double[] y, int n) {
        double[] s = new double[8];
        int i = 0;
        for (; i <= n - 8; i += 8)
            for (int j = 0; j < 8; j++)
                s[j] = Math.fma(x[i + j], y[i + j], s[j]);
        for (; i < n; i++)
            s[i & 7] = Math.fma(x[i], y[i], s[i & 7]);
        return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
    }

    /**
     * Every eigenvalue, in no order: Householder's reduction to a tridiagonal matrix, then the QL algorithm with implicit shifts (Golub and
     * Van Loan, "Matrix Computations", sections 8.3.1 and 8.3.3).
     *
     * @param a is used up
     */
    static double[] eigenvalues(double[][] a, Workers workers) {
        int n = a.length;
        double[] diagonal = new double[n], off = new double[n];
        double[] v = new double[n], p = new double[n];
        for (int k = n - 1; k > 0; k--) {
            // Reflect so that row k keeps its last off-diagonal element alone.
            double scale = 0, sum = 0;
            for (int j = 0; j < k; j++)
                scale = Math.max(scale, Math.abs(a[k][j]));
            diagonal[k] = a[k][k];
            if (scale == 0) continue;
            for (int j = 0; j < k; j++) {
                v[j] = a[k][j] / scale;
                sum = Math.fma(v[j], v[j], sum);
            }
            double length = Math.sqrt(sum), alpha = v[k - 1] > 0 ? -length : length;
            off[k] = scale * alpha;
            double h = sum - v[k - 1] * alpha;
            v[k - 1] -= alpha;
            int m = k;
            workers.run(m, 64, (begin, end, _) -> {
                for (int i = (int) begin; i < end; i++)
                    p[i] = dot(a[i], v, m) / h;
            });
            double half = dot(v, p, m) / (2 * h);
            for (int i = 0; i < m; i++)
                p[i] = Math.fma(-half, v[i], p[i]);
            workers.run(m, 64, (begin, end, _) -> {
                for (int i = (int) begin; i < end; i++) {
                    double vi = -v[i], pi = -p[i];
                    double[] row = a[i];
                    for (int j = 0; j < m; j++)
                        row[j] = Math.fma(vi, p[j], Math.fma(pi, v[j], row[j]));
                }
            });
        }
        if (n == 0) return diagonal;
        diagonal[0] = a[0][0];
        System.arraycopy(off, 1, off, 0, n - 1);
        off[n - 1] = 0;
        tridiagonal(diagonal, off);
        return diagonal;
    }

    /** @param off element i couples i and i + 1 */
    private static void tridiagonal(double[] diagonal, double[] off) {
        int n = diagonal.length;
        for (int l = 0; l < n; l++)
            for (int sweep = 0;; sweep++) {
                int m = l;
                while (m < n - 1 && Math.abs(off[m]) > Math.ulp(1.0) / 2 * (Math.abs(diagonal[m]) + Math.abs(diagonal[m + 1])))
                    m++;
                if (m == l) break;
                if (sweep == 200) throw new ArithmeticException("the eigenvalues of a matrix of " + n + " rows do not converge");
                double g = (diagonal[l + 1] - diagonal[l]) / (2 * off[l]), r = hypotenuse(g, 1);
                g = diagonal[m] - diagonal[l] + off[l] / (g + (g >= 0 ? r : -r));
                double s = 1, c = 1, shift = 0;
                int i = m - 1;
                for (; i >= l; i--) {
                    double f = s * off[i], b = c * off[i];
                    r = hypotenuse(f, g);
                    off[i + 1] = r;
                    if (r == 0) {
                        diagonal[i + 1] -= shift;
                        off[m] = 0;
                        break;
                    }
                    s = f / r;
                    c = g / r;
                    g = diagonal[i + 1] - shift;
                    r = (diagonal[i] - g) * s + 2 * c * b;
                    shift = s * r;
                    diagonal[i + 1] = g + shift;
                    g = c * r - b;
                }
                if (i >= l) continue;
                diagonal[l] -= shift;
                off[l] = g;
                off[m] = 0;
            }
    }

    private static double hypotenuse(double x, double y) {
        double a = Math.max(Math.abs(x), Math.abs(y)), b = Math.min(Math.abs(x), Math.abs(y));
        if (a == 0) return 0;
        double q = b / a;
        return a * Math.sqrt(1 + q * q);
    }
}
