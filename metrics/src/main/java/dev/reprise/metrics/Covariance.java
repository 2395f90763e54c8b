package dev.reprise.metrics;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Mean and covariance of features in float64: for each element one sum, in the order of the rows. */
final class Covariance {
    /** Rows whose features are held as doubles at once, and columns of a tile, 128 of which fit the first-level cache beside it. */
    private static final int ROWS = 128, COLUMNS = 256;

    private Covariance() {}

    static Frechet.Moments of(Tensor features, Workers workers) {
        if (features.dtype() != DType.FLOAT32 || features.shape().rank() != 2)
            throw new IllegalArgumentException("features must be float32 of shape (N, D), found " + features);
        int n = features.shape().dimInt(0), d = features.shape().dimInt(1);
        if (n < 2 || d < 1) throw new IllegalArgumentException("a covariance needs at least 2 rows of features, found " + features.shape());
        float[] row = new float[d];
        double[] mean = new double[d];
        for (int r = 0; r < n; r++) {
            read(features, r, row);
            for (int i = 0; i < d; i++) {
                if (!Float.isFinite(row[i])) throw new IllegalArgumentException("feature " + i + " of row " + r + " is " + row[i]);
                mean[i] += row[i];
            }
        }
        for (int i = 0; i < d; i++)
            mean[i] /= n;
        double[][] c = new double[d][d];
        double[][] block = new double[ROWS][d];
        for (int from = 0; from < n; from += ROWS) {
            int rows = Math.min(ROWS, n - from);
            for (int r = 0; r < rows; r++) {
                read(features, from + r, row);
                for (int i = 0; i < d; i++)
                    block[r][i] = row[i] - mean[i];
            }
            // Rows i and d − 1 − i together cost the same for every i.
            workers.run((d + 1) / 2, 1, (begin, end, _) -> {
                for (int i = (int) begin; i < end; i++) {
                    add(block, rows, i, c[i]);
                    if (d - 1 - i != i) add(block, rows, d - 1 - i, c[d - 1 - i]);
                }
            });
        }
        for (int i = 0; i < d; i++)
            for (int j = i; j < d; j++)
                c[j][i] = c[i][j] /= n - 1;
        return new Frechet.Moments(n, mean, c);
    }

    private static void read(Tensor features, int r, float[] row) {
        MemorySegment.copy(features.data(), Tensor.F32, 4L * r * row.length, row, 0, row.length);
    }

    /** The upper triangle's part of row i. */
    private static void add(double[][] block, int rows, int i, double[] into) {
        for (int from = i; from < into.length; from += COLUMNS) {
            int to = Math.min(into.length, from + COLUMNS);
            for (int r = 0; r < rows; r++)
                axpy(block[r][i], block[r], into, from, to);
        }
    }

    /** {@code y[from, to) += a x[from, to)}, a fused multiply-add for each. */
    static void axpy(double a, double[] x, double[] y, int from, int to) {
        for (int j = from; j < to; j++)
            y[j] = Math.fma(a, x[j], y[j]);
    }
}
