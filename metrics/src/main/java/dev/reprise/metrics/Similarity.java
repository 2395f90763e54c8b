package dev.reprise.metrics;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Cosine similarity of descriptors: rows are brought to length 1 in float64 and rounded; a similarity is their dot product in
 * float32, element after element with one fma each. The same two rows give the same bits in {@link #pairs} and {@link #nearest}.
 */
public final class Similarity {
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
        Tensor out = Tensor.allocate(arena, DType.FLOAT32, d.shape());
        normalize(d, out, 0);
        return out;
    }

    /** As {@link #normalize(Tensor, Arena)}, into a tensor of the same shape; {@code number} is that of row 0 in messages. */
    static void normalize(Tensor d, Tensor out, int number) {
        if (d.dtype() != DType.FLOAT32) throw new IllegalArgumentException("descriptors must be float32, found " + d);
        int n = d.shape().dimInt(0), k = d.shape().dimInt(1);
        float[] row = new float[k];
        for (int i = 0; i < n; i++) {
            MemorySegment.copy(d.data(), Tensor.F32, 4L * i * k, row, 0, k);
            double sum = 0;
            for (float v : row)
                sum = Math.fma((double) v, (double) v, sum);
            double length = Math.sqrt(sum);
            if (!(length > 0 && length < Double.POSITIVE_INFINITY))
                throw new IllegalArgumentException(
                        "descriptor " + (number + i) + " has length " + length + "; it must be finite and above 0");
            for (int e = 0; e < k; e++)
                row[e] = (float) (row[e] / length);
            MemorySegment.copy(row, 0, out.data(), Tensor.F32, 4L * i * k, k);
        }
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
     * Exhaustive search; {@link NearestSearch} does it piece by piece.
     *
     * @param queries (N, D), rows of any length but 0
     * @param base    (M, D) likewise, M at least 1
     */
    public static Nearest nearest(Tensor queries, Tensor base, Workers workers) {
        try (NearestSearch search = new NearestSearch(queries, workers)) {
            search.add(base);
            return search.result();
        }
    }
}
