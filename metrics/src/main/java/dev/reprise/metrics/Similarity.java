package dev.reprise.metrics;

import dev.reprise.ops.kernel.Gemm;
import dev.reprise.ops.kernel.Kernel;
import dev.reprise.ops.kernel.PackedB;
import dev.reprise.ops.kernel.Epilogue;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Cosine similarity of descriptors: rows are brought to length 1 in float64 and rounded; a similarity is their dot product in
 * float32, element after element with one fma each. The same two rows give the same bits in {@link #pairs} and {@link #nearest}.
 */
public final class Similarity {
    /** Rows of the base and of the queries in one product: 8 MB of similarities. */
    private static final int BASE_BLOCK = 2048, QUERY_BLOCK = 1024;

    private Similarity() {}

    /**
     * The nearest row of the base to each query.
     *
     * @param index      of the most similar row; the first of several
     * @param similarity to it
     */
    public record Nearest(int[] index, float[] similarity) {}

    /**
     * Rows of length 1.
     *
     * @param d float32 (N, D)
     * @throws IllegalArgumentException where a row is zero or not finite
     */
    public static Tensor normalize(Tensor d, Arena arena) {
        if (d.dtype() != DType.FLOAT32 || d.shape().rank() != 2)
            throw new IllegalArgumentException("descriptors must be float32 of shape (N, D), found " + d);
        int n = d.shape().dimInt(0), k = d.shape().dimInt(1);
        Tensor out = Tensor.allocate(arena, DType.FLOAT32, d.shape());
        for (int i = 0; i < n; i++) {
            long at = (long) i * k;
            double sum = 0;
            for (int e = 0; e < k; e++)
                sum = Math.fma((double) d.getFloat(at + e), (double) d.getFloat(at + e), sum);
            double length = Math.sqrt(sum);
            if (!(length > 0 && length < Double.POSITIVE_INFINITY))
                throw new IllegalArgumentException("descriptor " + i + " has length " + length + "; it must be finite and above 0");
            for (int e = 0; e < k; e++)
                out.setFloat(at + e, (float) (d.getFloat(at + e) / length));
        }
        return out;
    }

    /** Similarity of row i of a to row i of b, both {@link #normalize}d. */
    public static float[] pairs(Tensor a, Tensor b) {
        if (!a.shape().equals(b.shape()))
            throw new IllegalArgumentException("descriptors must have one shape, found " + a.shape() + " and " + b.shape());
        int n = a.shape().dimInt(0), k = a.shape().dimInt(1);
        float[] s = new float[n];
        for (int i = 0; i < n; i++)
            s[i] = dot(a, i, b, i, k);
        return s;
    }

    static float dot(Tensor a, long i, Tensor b, long j, int k) {
        float sum = 0;
        for (int e = 0; e < k; e++)
            sum = Math.fma(a.getFloat(i * k + e), b.getFloat(j * k + e), sum);
        return sum;
    }

    /**
     * Exhaustive search, blocked: 10 000 queries in 50 000 rows of 512 are 256 GFLOP of matrix products.
     *
     * @param queries normalized, (N, D)
     * @param base    normalized, (M, D), M at least 1
     */
    public static Nearest nearest(Tensor queries, Tensor base, Workers workers) {
        int n = queries.shape().dimInt(0), m = base.shape().dimInt(0), k = base.shape().dimInt(1);
        if (m == 0 || queries.shape().dim(1) != k)
            throw new IllegalArgumentException("cannot search " + queries.shape() + " in " + base.shape());
        int[] index = new int[n];
        float[] best = new float[n];
        Arrays.fill(best, Float.NEGATIVE_INFINITY);
        for (int from = 0; from < m; from += BASE_BLOCK) {
            int rows = Math.min(BASE_BLOCK, m - from), first = from;
            try (Arena arena = Arena.ofShared()) {
                Tensor packed = PackedB.pack(arena, base.rows(from, from + rows), 1, k, rows, 1, k);
                Tensor products = Tensor.allocate(arena, DType.FLOAT32, Shape.of(Math.min(QUERY_BLOCK, n), rows));
                MemorySegment scratch = null;
                for (int q = 0; q < n; q += QUERY_BLOCK) {
                    int count = Math.min(QUERY_BLOCK, n - q), at = q;
                    Kernel gemm = new Gemm(count, rows, k, false, true, new long[1], new int[1], 1, packed, Epilogue.NONE, -1, -1);
                    if (scratch == null) scratch = arena.allocate(Math.max(1, gemm.scratchBytes(workers.threads())), Tensor.ALIGNMENT);
                    Tensor c = products.rows(0, count);
                    gemm.run(new Tensor[]{queries.rows(q, q + count), base}, new Tensor[]{c}, scratch, workers);
                    workers.run(count, 16, (begin, end, worker) -> {
                        for (int i = (int) begin; i < end; i++)
                            take(c, i, rows, first, best, index, at + i);
                    });
                }
            }
        }
        return new Nearest(index, best);
    }

    /** Strictly greater, so that the first of equal rows wins whatever the blocks. */
    private static void take(Tensor c, long i, int rows, int first, float[] best, int[] index, int q) {
        float b = best[q];
        int at = index[q];
        for (int j = 0; j < rows; j++) {
            float s = c.getFloat(i * rows + j);
            if (s > b) {
                b = s;
                at = first + j;
            }
        }
        best[q] = b;
        index[q] = at;
    }
}
