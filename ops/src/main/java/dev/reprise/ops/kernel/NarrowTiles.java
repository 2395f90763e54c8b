package dev.reprise.ops.kernel;

import jdk.incubator.vector.FloatVector;

/**
 * The inner loops of float32 matrix products on tiles one and two vectors wide (they fit 16 vector registers): c[i][j] = fma(a[i][p], b[p][j], c[i][j]) for p ascending
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
final class NarrowTiles {
    private static final long V = Memory.V;

    private NarrowTiles() {}

    /** 6 rows of 2 vectors. */
    static void add6x2(long a0, long lda, long b0, long c0, long ldc, int k, int rows) {
        long a1 = rows > 1 ? a0 + lda : a0, c1 = rows > 1 ? c0 + ldc : c0;
        long a2 = rows > 2 ? a1 + lda : a1, c2 = rows > 2 ? c1 + ldc : c1;
        long a3 = rows > 3 ? a2 + lda : a2, c3 = rows > 3 ? c2 + ldc : c2;
        long a4 = rows > 4 ? a3 + lda : a3, c4 = rows > 4 ? c3 + ldc : c3;
        long a5 = rows > 5 ? a4 + lda : a4, c5 = rows > 5 ? c4 + ldc : c4;
        FloatVector s00 = Memory.load(c0);
        FloatVector s01 = Memory.load(c0 + V);
        FloatVector s10 = Memory.load(c1);
        FloatVector s11 = Memory.load(c1 + V);
        FloatVector s20 = Memory.load(c2);
        FloatVector s21 = Memory.load(c2 + V);
        FloatVector s30 = Memory.load(c3);
        FloatVector s31 = Memory.load(c3 + V);
        FloatVector s40 = Memory.load(c4);
        FloatVector s41 = Memory.load(c4 + V);
        FloatVector s50 = Memory.load(c5);
        FloatVector s51 = Memory.load(c5 + V);
        for (int i = 0; i < k; i++) {
            long o = b0 + i * (2 * V), p = i * 4L;
            FloatVector v0 = Memory.load(o);
            FloatVector v1 = Memory.load(o + V);
            FloatVector x = Memory.broadcast(a0 + p);
            s00 = x.fma(v0, s00);
            s01 = x.fma(v1, s01);
            x = Memory.broadcast(a1 + p);
            s10 = x.fma(v0, s10);
            s11 = x.fma(v1, s11);
            x = Memory.broadcast(a2 + p);
            s20 = x.fma(v0, s20);
            s21 = x.fma(v1, s21);
            x = Memory.broadcast(a3 + p);
            s30 = x.fma(v0, s30);
            s31 = x.fma(v1, s31);
            x = Memory.broadcast(a4 + p);
            s40 = x.fma(v0, s40);
            s41 = x.fma(v1, s41);
            x = Memory.broadcast(a5 + p);
            s50 = x.fma(v0, s50);
            s51 = x.fma(v1, s51);
        }
        Memory.store(s00, c0);
        Memory.store(s01, c0 + V);
        Memory.store(s10, c1);
        Memory.store(s11, c1 + V);
        Memory.store(s20, c2);
        Memory.store(s21, c2 + V);
        Memory.store(s30, c3);
        Memory.store(s31, c3 + V);
        Memory.store(s40, c4);
        Memory.store(s41, c4 + V);
        Memory.store(s50, c5);
        Memory.store(s51, c5 + V);
    }

    /** 1 row of 2 vectors. */
    static void add1x2(long a0, long lda, long b0, long c0, long ldc, int k) {
        FloatVector s00 = Memory.load(c0);
        FloatVector s01 = Memory.load(c0 + V);
        for (int i = 0; i < k; i++) {
            long o = b0 + i * (2 * V), p = i * 4L;
            FloatVector v0 = Memory.load(o);
            FloatVector v1 = Memory.load(o + V);
            FloatVector x = Memory.broadcast(a0 + p);
            s00 = x.fma(v0, s00);
            s01 = x.fma(v1, s01);
        }
        Memory.store(s00, c0);
        Memory.store(s01, c0 + V);
    }

    /** 6 rows of 1 vector. */
    static void add6x1(long a0, long lda, long b0, long c0, long ldc, int k, int rows) {
        long a1 = rows > 1 ? a0 + lda : a0, c1 = rows > 1 ? c0 + ldc : c0;
        long a2 = rows > 2 ? a1 + lda : a1, c2 = rows > 2 ? c1 + ldc : c1;
        long a3 = rows > 3 ? a2 + lda : a2, c3 = rows > 3 ? c2 + ldc : c2;
        long a4 = rows > 4 ? a3 + lda : a3, c4 = rows > 4 ? c3 + ldc : c3;
        long a5 = rows > 5 ? a4 + lda : a4, c5 = rows > 5 ? c4 + ldc : c4;
        FloatVector s00 = Memory.load(c0);
        FloatVector s10 = Memory.load(c1);
        FloatVector s20 = Memory.load(c2);
        FloatVector s30 = Memory.load(c3);
        FloatVector s40 = Memory.load(c4);
        FloatVector s50 = Memory.load(c5);
        for (int i = 0; i < k; i++) {
            long o = b0 + i * (V), p = i * 4L;
            FloatVector v0 = Memory.load(o);
            FloatVector x = Memory.broadcast(a0 + p);
            s00 = x.fma(v0, s00);
            x = Memory.broadcast(a1 + p);
            s10 = x.fma(v0, s10);
            x = Memory.broadcast(a2 + p);
            s20 = x.fma(v0, s20);
            x = Memory.broadcast(a3 + p);
            s30 = x.fma(v0, s30);
            x = Memory.broadcast(a4 + p);
            s40 = x.fma(v0, s40);
            x = Memory.broadcast(a5 + p);
            s50 = x.fma(v0, s50);
        }
        Memory.store(s00, c0);
        Memory.store(s10, c1);
        Memory.store(s20, c2);
        Memory.store(s30, c3);
        Memory.store(s40, c4);
        Memory.store(s50, c5);
    }

    /** 1 row of 1 vector. */
    static void add1x1(long a0, long lda, long b0, long c0, long ldc, int k) {
        FloatVector s00 = Memory.load(c0);
        for (int i = 0; i < k; i++) {
            long o = b0 + i * (V), p = i * 4L;
            FloatVector v0 = Memory.load(o);
            FloatVector x = Memory.broadcast(a0 + p);
            s00 = x.fma(v0, s00);
        }
        Memory.store(s00, c0);
    }
}
