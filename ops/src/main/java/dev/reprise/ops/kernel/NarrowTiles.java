package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ADDRESS;
import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.INDEX;
import static dev.reprise.ops.kernel.Memory.LE;
import static dev.reprise.ops.kernel.Memory.S;
import static dev.reprise.ops.kernel.Memory.V;
import static dev.reprise.ops.tensor.Tensor.F32;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import jdk.incubator.vector.FloatVector;

/**
 * The inner loops of float32 matrix products on tiles one and two vectors wide (they fit 16 vector registers): c[i][j] = fma(a[i][p], b[p][j], c[i][j]) for p ascending
 * from 0 to k - 1, with one accumulator for each element of c, which starts from what f holds.
 *
 * <p>{@code a0}, {@code b0}, {@code f0} and {@code c0} are addresses. A is row-major with {@code lda} bytes from row to row, C and F likewise; F is C
 * itself, or with {@code ldf = 0} a row of zeros ({@link Memory#ZEROS}), which costs less than to write zeros into C first; B is a packed panel
 * ({@link PackedB}). Where fewer than all {@code rows} exist, the last one is computed several times over: the same
 * values are stored again, and no loop needs a mask.
 *
 * <p>Accumulators are named locals and every method is one loop, because C2 keeps vectors in registers only then. There
 * are no more than sixteen: for a tile of 6 x 4 the first compiler ran out of virtual registers, and under load the method
 * never reached the second.
 */
final class NarrowTiles {
    private NarrowTiles() {}

    /** 6 rows of 2 vectors. */
    static void add6x2(long a0, long lda, long b0, long f0, long ldf, long c0, long ldc, int k, int rows) {
        a0 &= ADDRESS;
        b0 &= ADDRESS;
        long a1 = rows > 1 ? a0 + lda & ADDRESS : a0, c1 = rows > 1 ? c0 + ldc : c0, f1 = rows > 1 ? f0 + ldf : f0;
        long a2 = rows > 2 ? a1 + lda & ADDRESS : a1, c2 = rows > 2 ? c1 + ldc : c1, f2 = rows > 2 ? f1 + ldf : f1;
        long a3 = rows > 3 ? a2 + lda & ADDRESS : a2, c3 = rows > 3 ? c2 + ldc : c2, f3 = rows > 3 ? f2 + ldf : f2;
        long a4 = rows > 4 ? a3 + lda & ADDRESS : a3, c4 = rows > 4 ? c3 + ldc : c3, f4 = rows > 4 ? f3 + ldf : f3;
        long a5 = rows > 5 ? a4 + lda & ADDRESS : a4, c5 = rows > 5 ? c4 + ldc : c4, f5 = rows > 5 ? f4 + ldf : f4;
        FloatVector s00 = fromMemorySegment(S, ALL, f0, LE);
        FloatVector s01 = fromMemorySegment(S, ALL, f0 + V, LE);
        FloatVector s10 = fromMemorySegment(S, ALL, f1, LE);
        FloatVector s11 = fromMemorySegment(S, ALL, f1 + V, LE);
        FloatVector s20 = fromMemorySegment(S, ALL, f2, LE);
        FloatVector s21 = fromMemorySegment(S, ALL, f2 + V, LE);
        FloatVector s30 = fromMemorySegment(S, ALL, f3, LE);
        FloatVector s31 = fromMemorySegment(S, ALL, f3 + V, LE);
        FloatVector s40 = fromMemorySegment(S, ALL, f4, LE);
        FloatVector s41 = fromMemorySegment(S, ALL, f4 + V, LE);
        FloatVector s50 = fromMemorySegment(S, ALL, f5, LE);
        FloatVector s51 = fromMemorySegment(S, ALL, f5 + V, LE);
        for (int i = 0; i < k; i++) {
            long at = i & INDEX, o = b0 + at * (2 * V), p = at * 4;
            FloatVector v0 = fromMemorySegment(S, ALL, o, LE);
            FloatVector v1 = fromMemorySegment(S, ALL, o + V, LE);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, a0 + p));
            s00 = x.fma(v0, s00);
            s01 = x.fma(v1, s01);
            x = FloatVector.broadcast(S, ALL.get(F32, a1 + p));
            s10 = x.fma(v0, s10);
            s11 = x.fma(v1, s11);
            x = FloatVector.broadcast(S, ALL.get(F32, a2 + p));
            s20 = x.fma(v0, s20);
            s21 = x.fma(v1, s21);
            x = FloatVector.broadcast(S, ALL.get(F32, a3 + p));
            s30 = x.fma(v0, s30);
            s31 = x.fma(v1, s31);
            x = FloatVector.broadcast(S, ALL.get(F32, a4 + p));
            s40 = x.fma(v0, s40);
            s41 = x.fma(v1, s41);
            x = FloatVector.broadcast(S, ALL.get(F32, a5 + p));
            s50 = x.fma(v0, s50);
            s51 = x.fma(v1, s51);
        }
        s00.intoMemorySegment(ALL, c0, LE);
        s01.intoMemorySegment(ALL, c0 + V, LE);
        s10.intoMemorySegment(ALL, c1, LE);
        s11.intoMemorySegment(ALL, c1 + V, LE);
        s20.intoMemorySegment(ALL, c2, LE);
        s21.intoMemorySegment(ALL, c2 + V, LE);
        s30.intoMemorySegment(ALL, c3, LE);
        s31.intoMemorySegment(ALL, c3 + V, LE);
        s40.intoMemorySegment(ALL, c4, LE);
        s41.intoMemorySegment(ALL, c4 + V, LE);
        s50.intoMemorySegment(ALL, c5, LE);
        s51.intoMemorySegment(ALL, c5 + V, LE);
    }

    /** 1 row of 2 vectors. */
    static void add1x2(long a0, long lda, long b0, long f0, long ldf, long c0, long ldc, int k) {
        a0 &= ADDRESS;
        b0 &= ADDRESS;
        FloatVector s00 = fromMemorySegment(S, ALL, f0, LE);
        FloatVector s01 = fromMemorySegment(S, ALL, f0 + V, LE);
        for (int i = 0; i < k; i++) {
            long at = i & INDEX, o = b0 + at * (2 * V), p = at * 4;
            FloatVector v0 = fromMemorySegment(S, ALL, o, LE);
            FloatVector v1 = fromMemorySegment(S, ALL, o + V, LE);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, a0 + p));
            s00 = x.fma(v0, s00);
            s01 = x.fma(v1, s01);
        }
        s00.intoMemorySegment(ALL, c0, LE);
        s01.intoMemorySegment(ALL, c0 + V, LE);
    }

    /** 6 rows of 1 vector. */
    static void add6x1(long a0, long lda, long b0, long f0, long ldf, long c0, long ldc, int k, int rows) {
        a0 &= ADDRESS;
        b0 &= ADDRESS;
        long a1 = rows > 1 ? a0 + lda & ADDRESS : a0, c1 = rows > 1 ? c0 + ldc : c0, f1 = rows > 1 ? f0 + ldf : f0;
        long a2 = rows > 2 ? a1 + lda & ADDRESS : a1, c2 = rows > 2 ? c1 + ldc : c1, f2 = rows > 2 ? f1 + ldf : f1;
        long a3 = rows > 3 ? a2 + lda & ADDRESS : a2, c3 = rows > 3 ? c2 + ldc : c2, f3 = rows > 3 ? f2 + ldf : f2;
        long a4 = rows > 4 ? a3 + lda & ADDRESS : a3, c4 = rows > 4 ? c3 + ldc : c3, f4 = rows > 4 ? f3 + ldf : f3;
        long a5 = rows > 5 ? a4 + lda & ADDRESS : a4, c5 = rows > 5 ? c4 + ldc : c4, f5 = rows > 5 ? f4 + ldf : f4;
        FloatVector s00 = fromMemorySegment(S, ALL, f0, LE);
        FloatVector s10 = fromMemorySegment(S, ALL, f1, LE);
        FloatVector s20 = fromMemorySegment(S, ALL, f2, LE);
        FloatVector s30 = fromMemorySegment(S, ALL, f3, LE);
        FloatVector s40 = fromMemorySegment(S, ALL, f4, LE);
        FloatVector s50 = fromMemorySegment(S, ALL, f5, LE);
        for (int i = 0; i < k; i++) {
            long at = i & INDEX, o = b0 + at * V, p = at * 4;
            FloatVector v0 = fromMemorySegment(S, ALL, o, LE);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, a0 + p));
            s00 = x.fma(v0, s00);
            x = FloatVector.broadcast(S, ALL.get(F32, a1 + p));
            s10 = x.fma(v0, s10);
            x = FloatVector.broadcast(S, ALL.get(F32, a2 + p));
            s20 = x.fma(v0, s20);
            x = FloatVector.broadcast(S, ALL.get(F32, a3 + p));
            s30 = x.fma(v0, s30);
            x = FloatVector.broadcast(S, ALL.get(F32, a4 + p));
            s40 = x.fma(v0, s40);
            x = FloatVector.broadcast(S, ALL.get(F32, a5 + p));
            s50 = x.fma(v0, s50);
        }
        s00.intoMemorySegment(ALL, c0, LE);
        s10.intoMemorySegment(ALL, c1, LE);
        s20.intoMemorySegment(ALL, c2, LE);
        s30.intoMemorySegment(ALL, c3, LE);
        s40.intoMemorySegment(ALL, c4, LE);
        s50.intoMemorySegment(ALL, c5, LE);
    }

    /** 1 row of 1 vector. */
    static void add1x1(long a0, long lda, long b0, long f0, long ldf, long c0, long ldc, int k) {
        a0 &= ADDRESS;
        b0 &= ADDRESS;
        FloatVector s00 = fromMemorySegment(S, ALL, f0, LE);
        for (int i = 0; i < k; i++) {
            long at = i & INDEX, o = b0 + at * V, p = at * 4;
            FloatVector v0 = fromMemorySegment(S, ALL, o, LE);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, a0 + p));
            s00 = x.fma(v0, s00);
        }
        s00.intoMemorySegment(ALL, c0, LE);
    }
}
