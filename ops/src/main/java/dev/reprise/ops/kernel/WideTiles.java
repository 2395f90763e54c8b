package dev.reprise.ops.kernel;

import jdk.incubator.vector.FloatVector;

/**
 * The inner loops of float32 matrix products on tiles three and four vectors wide (for machines with 32 vector registers): c[i][j] = fma(a[i][p], b[p][j], c[i][j]) for p ascending
 * from 0 to k - 1, with one accumulator for each element of c, which starts from what c holds.
 *
 * <p>{@code a0}, {@code b0} and {@code c0} are addresses. A is row-major with {@code lda} bytes from row to row, C likewise; B is a packed panel
 * ({@link PackedB}). Where fewer than all {@code rows} exist, the last one is computed several times over: the same
 * values are stored again, and no loop needs a mask.
 *
 * <p>Accumulators are named locals and every method is one loop, because C2 keeps vectors in registers only then. There
 * are no more than sixteen: for a tile of 6 x 4 the first compiler ran out of virtual registers, and under load the method
 * never reached the second.
 */
final class WideTiles {
    private static final long V = Memory.V;

    private WideTiles() {}

    /** 4 rows of 4 vectors. */
    static void add4x4(long a0, long lda, long b0, long c0, long ldc, int k, int rows) {
        long a1 = rows > 1 ? a0 + lda : a0, c1 = rows > 1 ? c0 + ldc : c0;
        long a2 = rows > 2 ? a1 + lda : a1, c2 = rows > 2 ? c1 + ldc : c1;
        long a3 = rows > 3 ? a2 + lda : a2, c3 = rows > 3 ? c2 + ldc : c2;
        FloatVector s00 = Memory.load(c0);
        FloatVector s01 = Memory.load(c0 + V);
        FloatVector s02 = Memory.load(c0 + 2 * V);
        FloatVector s03 = Memory.load(c0 + 3 * V);
        FloatVector s10 = Memory.load(c1);
        FloatVector s11 = Memory.load(c1 + V);
        FloatVector s12 = Memory.load(c1 + 2 * V);
        FloatVector s13 = Memory.load(c1 + 3 * V);
        FloatVector s20 = Memory.load(c2);
        FloatVector s21 = Memory.load(c2 + V);
        FloatVector s22 = Memory.load(c2 + 2 * V);
        FloatVector s23 = Memory.load(c2 + 3 * V);
        FloatVector s30 = Memory.load(c3);
        FloatVector s31 = Memory.load(c3 + V);
        FloatVector s32 = Memory.load(c3 + 2 * V);
        FloatVector s33 = Memory.load(c3 + 3 * V);
        for (int i = 0; i < k; i++) {
            long o = b0 + i * (4 * V), p = i * 4L;
            FloatVector v0 = Memory.load(o);
            FloatVector v1 = Memory.load(o + V);
            FloatVector v2 = Memory.load(o + 2 * V);
            FloatVector v3 = Memory.load(o + 3 * V);
            FloatVector x = Memory.broadcast(a0 + p);
            s00 = x.fma(v0, s00);
            s01 = x.fma(v1, s01);
            s02 = x.fma(v2, s02);
            s03 = x.fma(v3, s03);
            x = Memory.broadcast(a1 + p);
            s10 = x.fma(v0, s10);
            s11 = x.fma(v1, s11);
            s12 = x.fma(v2, s12);
            s13 = x.fma(v3, s13);
            x = Memory.broadcast(a2 + p);
            s20 = x.fma(v0, s20);
            s21 = x.fma(v1, s21);
            s22 = x.fma(v2, s22);
            s23 = x.fma(v3, s23);
            x = Memory.broadcast(a3 + p);
            s30 = x.fma(v0, s30);
            s31 = x.fma(v1, s31);
            s32 = x.fma(v2, s32);
            s33 = x.fma(v3, s33);
        }
        Memory.store(s00, c0);
        Memory.store(s01, c0 + V);
        Memory.store(s02, c0 + 2 * V);
        Memory.store(s03, c0 + 3 * V);
        Memory.store(s10, c1);
        Memory.store(s11, c1 + V);
        Memory.store(s12, c1 + 2 * V);
        Memory.store(s13, c1 + 3 * V);
        Memory.store(s20, c2);
        Memory.store(s21, c2 + V);
        Memory.store(s22, c2 + 2 * V);
        Memory.store(s23, c2 + 3 * V);
        Memory.store(s30, c3);
        Memory.store(s31, c3 + V);
        Memory.store(s32, c3 + 2 * V);
        Memory.store(s33, c3 + 3 * V);
    }

    /** 1 row of 4 vectors. */
    static void add1x4(long a0, long lda, long b0, long c0, long ldc, int k) {
        FloatVector s00 = Memory.load(c0);
        FloatVector s01 = Memory.load(c0 + V);
        FloatVector s02 = Memory.load(c0 + 2 * V);
        FloatVector s03 = Memory.load(c0 + 3 * V);
        for (int i = 0; i < k; i++) {
            long o = b0 + i * (4 * V), p = i * 4L;
            FloatVector v0 = Memory.load(o);
            FloatVector v1 = Memory.load(o + V);
            FloatVector v2 = Memory.load(o + 2 * V);
            FloatVector v3 = Memory.load(o + 3 * V);
            FloatVector x = Memory.broadcast(a0 + p);
            s00 = x.fma(v0, s00);
            s01 = x.fma(v1, s01);
            s02 = x.fma(v2, s02);
            s03 = x.fma(v3, s03);
        }
        Memory.store(s00, c0);
        Memory.store(s01, c0 + V);
        Memory.store(s02, c0 + 2 * V);
        Memory.store(s03, c0 + 3 * V);
    }

    /** 4 rows of 3 vectors. */
    static void add4x3(long a0, long lda, long b0, long c0, long ldc, int k, int rows) {
        long a1 = rows > 1 ? a0 + lda : a0, c1 = rows > 1 ? c0 + ldc : c0;
        long a2 = rows > 2 ? a1 + lda : a1, c2 = rows > 2 ? c1 + ldc : c1;
        long a3 = rows > 3 ? a2 + lda : a2, c3 = rows > 3 ? c2 + ldc : c2;
        FloatVector s00 = Memory.load(c0);
        FloatVector s01 = Memory.load(c0 + V);
        FloatVector s02 = Memory.load(c0 + 2 * V);
        FloatVector s10 = Memory.load(c1);
        FloatVector s11 = Memory.load(c1 + V);
        FloatVector s12 = Memory.load(c1 + 2 * V);
        FloatVector s20 = Memory.load(c2);
        FloatVector s21 = Memory.load(c2 + V);
        FloatVector s22 = Memory.load(c2 + 2 * V);
        FloatVector s30 = Memory.load(c3);
        FloatVector s31 = Memory.load(c3 + V);
        FloatVector s32 = Memory.load(c3 + 2 * V);
        for (int i = 0; i < k; i++) {
            long o = b0 + i * (3 * V), p = i * 4L;
            FloatVector v0 = Memory.load(o);
            FloatVector v1 = Memory.load(o + V);
            FloatVector v2 = Memory.load(o + 2 * V);
            FloatVector x = Memory.broadcast(a0 + p);
            s00 = x.fma(v0, s00);
            s01 = x.fma(v1, s01);
            s02 = x.fma(v2, s02);
            x = Memory.broadcast(a1 + p);
            s10 = x.fma(v0, s10);
            s11 = x.fma(v1, s11);
            s12 = x.fma(v2, s12);
            x = Memory.broadcast(a2 + p);
            s20 = x.fma(v0, s20);
            s21 = x.fma(v1, s21);
            s22 = x.fma(v2, s22);
            x = Memory.broadcast(a3 + p);
            s30 = x.fma(v0, s30);
            s31 = x.fma(v1, s31);
            s32 = x.fma(v2, s32);
        }
        Memory.store(s00, c0);
        Memory.store(s01, c0 + V);
        Memory.store(s02, c0 + 2 * V);
        Memory.store(s10, c1);
        Memory.store(s11, c1 + V);
        Memory.store(s12, c1 + 2 * V);
        Memory.store(s20, c2);
        Memory.store(s21, c2 + V);
        Memory.store(s22, c2 + 2 * V);
        Memory.store(s30, c3);
        Memory.store(s31, c3 + V);
        Memory.store(s32, c3 + 2 * V);
    }

    /** 1 row of 3 vectors. */
    static void add1x3(long a0, long lda, long b0, long c0, long ldc, int k) {
        FloatVector s00 = Memory.load(c0);
        FloatVector s01 = Memory.load(c0 + V);
        FloatVector s02 = Memory.load(c0 + 2 * V);
        for (int i = 0; i < k; i++) {
            long o = b0 + i * (3 * V), p = i * 4L;
            FloatVector v0 = Memory.load(o);
            FloatVector v1 = Memory.load(o + V);
            FloatVector v2 = Memory.load(o + 2 * V);
            FloatVector x = Memory.broadcast(a0 + p);
            s00 = x.fma(v0, s00);
            s01 = x.fma(v1, s01);
            s02 = x.fma(v2, s02);
        }
        Memory.store(s00, c0);
        Memory.store(s01, c0 + V);
        Memory.store(s02, c0 + 2 * V);
    }
}
