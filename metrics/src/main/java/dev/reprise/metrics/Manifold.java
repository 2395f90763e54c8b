package dev.reprise.metrics;

import dev.reprise.ops.kernel.Epilogue;
import dev.reprise.ops.kernel.Gemm;
import dev.reprise.ops.kernel.Kernel;
import dev.reprise.ops.kernel.PackedB;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Precision and recall of generated images (Kynkäänniemi et al., "Improved Precision and Recall Metric for Assessing Generative
 * Models", NeurIPS 2019): a set's manifold is the union of the balls around its features that reach to their k-th nearest
 * neighbour in the set. Precision is the part of the generated features in the real manifold, recall the part of the real
 * features in the generated one.
 *
 * <p>Squared distances are {@code |a|² + |b|² − 2 a·b} in float32, every product summed in one order, so that equal features are at
 * distance 0 exactly; negative rounding errors count as 0. A point on a ball's surface is in it.
 */
public final class Manifold {
    /** The paper's k. */
    public static final int NEIGHBOURS = 3;
    private static final int BASE_BLOCK = 2048, QUERY_BLOCK = 1024;

    private Manifold() {}

    /** @param k of the neighbours that set the radii */
    public record PrecisionRecall(Score precision, Score recall, int k) {}

    /** Is shown the squared distances of one query to a block of the base. */
    @FunctionalInterface
    private interface Row {
        void row(int query, int first, float[] distances);
    }

    /**
     * Precision and recall.
     *
     * @param real      features float32 (N, D), of memory that threads may share
     * @param generated features float32 (M, D), likewise
     * @param k         {@link #NEIGHBOURS} in the paper; less than N and M
     */
    public static PrecisionRecall precisionRecall(Tensor real, Tensor generated, int k, Workers workers) {
        Score precision = inside("precision", generated, real, radii(real, k, workers), workers);
        return new PrecisionRecall(precision, inside("recall", real, generated, radii(generated, k, workers), workers), k);
    }

    /** For every feature the squared distance to its k-th nearest neighbour among the others. */
    static float[] radii(Tensor features, int k, Workers workers) {
        int n = rows(features);
        if (k < 1 || k >= n)
            throw new IllegalArgumentException("k must be from 1 to the number of features less 1, found " + k + " of " + n);
        float[][] near = new float[n][k];
        for (float[] f : near)
            Arrays.fill(f, Float.POSITIVE_INFINITY);
        distances(features, features, workers, (q, first, distances) -> {
            for (int j = 0; j < distances.length; j++)
                if (first + j != q && distances[j] < near[q][k - 1]) insert(near[q], distances[j]);
        });
        float[] radii = new float[n];
        for (int i = 0; i < n; i++)
            radii[i] = near[i][k - 1];
        return radii;
    }

    private static void insert(float[] sorted, float v) {
        int i = sorted.length - 1;
        for (; i > 0 && sorted[i - 1] > v; i--)
            sorted[i] = sorted[i - 1];
        sorted[i] = v;
    }

    private static Score inside(String name, Tensor queries, Tensor base, float[] radii, Workers workers) {
        boolean[] in = new boolean[rows(queries)];
        distances(queries, base, workers, (q, first, distances) -> {
            for (int j = 0; j < distances.length; j++)
                in[q] |= distances[j] <= radii[first + j];
        });
        long count = 0;
        for (boolean b : in)
            if (b) count++;
        return Score.of(name, count, in.length);
    }

    private static int rows(Tensor features) {
        if (features.dtype() != DType.FLOAT32 || features.shape().rank() != 2)
            throw new IllegalArgumentException("features must be float32 of shape (N, D), found " + features);
        return features.shape().dimInt(0);
    }

    private static void distances(Tensor queries, Tensor base, Workers workers, Row visitor) {
        int n = rows(queries), m = rows(base), k = queries.shape().dimInt(1);
        if (base.shape().dim(1) != k)
            throw new IllegalArgumentException("features of " + k + " and of " + base.shape().dim(1) + " numbers cannot be compared");
        float[] a = squares(queries, workers), b = squares(base, workers);
        for (int from = 0; from < m; from += BASE_BLOCK) {
            int rows = Math.min(BASE_BLOCK, m - from), first = from;
            try (Arena arena = Arena.ofShared()) {
                Tensor part = base.rows(from, from + rows), packed = PackedB.pack(arena, part, 1, k, rows, 1, k);
                Tensor products = Tensor.allocate(arena, DType.FLOAT32, Shape.of(Math.min(QUERY_BLOCK, n), rows));
                MemorySegment scratch = null;
                for (int q = 0; q < n; q += QUERY_BLOCK) {
                    int count = Math.min(QUERY_BLOCK, n - q), at = q;
                    Kernel gemm = new Gemm(count, rows, k, false, true, new long[1], new int[1], 1, packed, Epilogue.NONE, -1, -1);
                    if (scratch == null) scratch = arena.allocate(Math.max(1, gemm.scratchBytes(workers.threads())), Tensor.ALIGNMENT);
                    Tensor c = products.rows(0, count);
                    gemm.run(new Tensor[]{queries.rows(q, q + count), part}, new Tensor[]{c}, scratch, workers);
                    workers.run(count, 16, (begin, end, _) -> {
                        float[] row = new float[rows];
                        for (int i = (int) begin; i < end; i++) {
                            MemorySegment.copy(c.data(), Tensor.F32, 4L * i * rows, row, 0, rows);
                            for (int j = 0; j < rows; j++)
                                row[j] = Math.max(0, a[at + i] + b[first + j] - 2 * row[j]);
                            visitor.row(at + i, first, row);
                        }
                    });
                }
            }
        }
    }

    /** In the order in which products are summed. */
    private static float[] squares(Tensor t, Workers workers) {
        float[] s = new float[rows(t)];
        int k = t.shape().dimInt(1);
        workers.run(s.length, 64, (begin, end, _) -> {
            for (int i = (int) begin; i < end; i++) {
                s[i] = Similarity.dot(t, i, t, i, k);
                if (!Float.isFinite(s[i])) throw new IllegalArgumentException("feature vector " + i + " is not finite");
            }
        });
        return s;
    }
}
