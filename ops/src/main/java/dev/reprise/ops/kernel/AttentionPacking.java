package dev.reprise.ops.kernel;

import dev.reprise.ops.math.VectorMath;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * One head's keys and values in the order in which {@link AttentionTiles} reads them: K transposed into panels that follow the tiles'
 * widths (within each {@link Attention#KEYS} keys), each [d][keys of the panel]; V as rows of whole vectors. What is beyond
 * the end is 0.
 */
final class AttentionPacking {
    private static final int L = VectorMath.SPECIES.length();

    private AttentionPacking() {}

    static void pack(MemorySegment k, MemorySegment v, int b, int h, Attention a, MemorySegment s, long keys, long values) {
        Attention.Sizes z = a.sizes();
        long kb = 4 * (b * a.k().batch() + h * a.k().head()), vb = 4 * (b * a.v().batch() + h * a.v().head());
        for (int tile = 0; tile < z.keys(); tile += Attention.KEYS) {
            int vectors = (Math.min(Attention.KEYS, z.keys() - tile) + L - 1) / L;
            for (int p = 0; p < vectors;) {
                int w = AttentionTiles.width(vectors - p), first = tile + p * L;
                for (int j = 0; j < w * L; j++)
                    column(k, kb + 4L * (first + j) * a.k().row(), s, keys + 4L * first * z.width() + 4L * j, 4L * w * L, z.width(),
                            first + j < z.keys());
                p += w;
            }
        }
        int wide = Attention.padded(z.values());
        for (int i = 0; i < z.keys(); i++) {
            long to = values + 4L * i * wide;
            MemorySegment.copy(v, vb + 4L * i * a.v().row(), s, to, 4L * z.values());
            if (wide > z.values()) s.asSlice(to + 4L * z.values(), 4L * (wide - z.values())).fill((byte) 0);
        }
    }

    private static void column(MemorySegment k, long at, MemorySegment s, long to, long step, int n, boolean exists) {
        if (exists)
            for (int d = 0; d < n; d++)
                s.set(Tensor.F32, to + d * step, k.get(Tensor.F32, at + 4L * d));
        else
            for (int d = 0; d < n; d++)
                s.set(Tensor.F32, to + d * step, 0f);
    }

    /** A block of queries, scaled; rows beyond n are 0. */
    static void queries(MemorySegment q, long at, long step, int n, int rows, int width, float scale, MemorySegment s, long to) {
        for (int r = 0; r < n; r++)
            for (int d = 0; d < width; d++)
                s.set(Tensor.F32, to + 4L * (r * width + d), q.get(Tensor.F32, at + r * step + 4L * d) * scale);
        s.asSlice(to + 4L * n * width, 4L * (rows - n) * width).fill((byte) 0);
    }
}
