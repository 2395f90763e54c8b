package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ADDRESS;
import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.INDEX;
import static dev.reprise.ops.kernel.Memory.LE;
import static dev.reprise.ops.kernel.Memory.S;
import static dev.reprise.ops.kernel.Memory.V;
import static dev.reprise.ops.tensor.Tensor.F32;
import static dev.reprise.ops.tensor.Tensor.I64;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.Arena;
import jdk.incubator.vector.FloatVector;

/**
 * The inner loops of float32 matrix products for machines with 16 vector registers (AVX, AVX2); what they compute and their parameters are
 * those of {@link WideTiles}.
 *
 * <p>C2 moves the loads of a block of code to its start. So a tile of R rows and W vectors holds R W sums, up to W vectors of B and R
 * elements of A in registers at the same time: 3 x 3 is the largest that fits (15). With 6 x 2 (20) four sums went through the stack in every
 * step, and a product ran at a third of the processor's speed.
 *
 * <p>For the same reason steps must not mix. C2 unrolls a loop of so many nodes once, and puts two steps into one block, with the loads of
 * both at its start, unless a branch parts them. {@link #NEVER} is that branch: it is never taken, costs two instructions, and C2 leaves
 * what follows it there. B's rows are a number of bytes apart that the compiler does not know, so that it adds it up and does not multiply.
 * Two steps take 44 instructions for 18 multiplications; written out they took 48, and made the methods larger than some 18 000 nodes, where C2
 * no longer inlines those of the JDK's methods that are not marked for it: a call in the loop boxes every vector.
 *
 * <p>Checks of {@link Memory#ALL}'s bounds disappear because addresses and offsets are masked to what a machine can address.
 */
final class CompactTiles {
    /** An offset that no row reaches, though the compiler cannot know it. */
    private static final int NEVER = INDEX - 15;
    /** Where a 4 is stored: the bytes of a step. */
    private static final long FOUR = four();

    private CompactTiles() {}

    private static long four() {
        long at = Arena.global().allocate(8, 8).address();
        ALL.set(I64, at, 4L);
        return at;
    }

    /** 0, which the compiler must not know. */
    private static int first() { return (int) ALL.get(I64, FOUR) - 4 & INDEX; }

    /** 3 rows of 3 vectors. */
    static void add3x3(long a0, long lda, long b0, long f0, long ldf, long c0, long ldc, int k, int rows) {
        long a1 = rows > 1 ? a0 + lda : a0, c1 = rows > 1 ? c0 + ldc : c0, f1 = rows > 1 ? f0 + ldf : f0;
        long a2 = rows > 2 ? a1 + lda : a1, c2 = rows > 2 ? c1 + ldc : c1, f2 = rows > 2 ? f1 + ldf : f1;
        FloatVector s00 = fromMemorySegment(S, ALL, f0, LE);
        FloatVector s01 = fromMemorySegment(S, ALL, f0 + V, LE);
        FloatVector s02 = fromMemorySegment(S, ALL, f0 + 2 * V, LE);
        FloatVector s10 = fromMemorySegment(S, ALL, f1, LE);
        FloatVector s11 = fromMemorySegment(S, ALL, f1 + V, LE);
        FloatVector s12 = fromMemorySegment(S, ALL, f1 + 2 * V, LE);
        FloatVector s20 = fromMemorySegment(S, ALL, f2, LE);
        FloatVector s21 = fromMemorySegment(S, ALL, f2 + V, LE);
        FloatVector s22 = fromMemorySegment(S, ALL, f2 + 2 * V, LE);
        a0 &= ADDRESS;
        a1 &= ADDRESS;
        a2 &= ADDRESS;
        long line = ALL.get(I64, FOUR) * (3 * V / 4);
        for (int i = first(), end = k * 4 & INDEX; i < end; i += 4, b0 += line) {
            if (i == NEVER) break;
            FloatVector v0 = fromMemorySegment(S, ALL, b0, LE);
            FloatVector v1 = fromMemorySegment(S, ALL, b0 + V, LE);
            FloatVector v2 = fromMemorySegment(S, ALL, b0 + 2 * V, LE);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, a0 + i));
            s00 = x.fma(v0, s00);
            s01 = x.fma(v1, s01);
            s02 = x.fma(v2, s02);
            x = FloatVector.broadcast(S, ALL.get(F32, a1 + i));
            s10 = x.fma(v0, s10);
            s11 = x.fma(v1, s11);
            s12 = x.fma(v2, s12);
            x = FloatVector.broadcast(S, ALL.get(F32, a2 + i));
            s20 = x.fma(v0, s20);
            s21 = x.fma(v1, s21);
            s22 = x.fma(v2, s22);
        }
        s00.intoMemorySegment(ALL, c0, LE);
        s01.intoMemorySegment(ALL, c0 + V, LE);
        s02.intoMemorySegment(ALL, c0 + 2 * V, LE);
        s10.intoMemorySegment(ALL, c1, LE);
        s11.intoMemorySegment(ALL, c1 + V, LE);
        s12.intoMemorySegment(ALL, c1 + 2 * V, LE);
        s20.intoMemorySegment(ALL, c2, LE);
        s21.intoMemorySegment(ALL, c2 + V, LE);
        s22.intoMemorySegment(ALL, c2 + 2 * V, LE);
    }

    /** 4 rows of 2 vectors. */
    static void add4x2(long a0, long lda, long b0, long f0, long ldf, long c0, long ldc, int k, int rows) {
        long a1 = rows > 1 ? a0 + lda : a0, c1 = rows > 1 ? c0 + ldc : c0, f1 = rows > 1 ? f0 + ldf : f0;
        long a2 = rows > 2 ? a1 + lda : a1, c2 = rows > 2 ? c1 + ldc : c1, f2 = rows > 2 ? f1 + ldf : f1;
        long a3 = rows > 3 ? a2 + lda : a2, c3 = rows > 3 ? c2 + ldc : c2, f3 = rows > 3 ? f2 + ldf : f2;
        FloatVector s00 = fromMemorySegment(S, ALL, f0, LE);
        FloatVector s01 = fromMemorySegment(S, ALL, f0 + V, LE);
        FloatVector s10 = fromMemorySegment(S, ALL, f1, LE);
        FloatVector s11 = fromMemorySegment(S, ALL, f1 + V, LE);
        FloatVector s20 = fromMemorySegment(S, ALL, f2, LE);
        FloatVector s21 = fromMemorySegment(S, ALL, f2 + V, LE);
        FloatVector s30 = fromMemorySegment(S, ALL, f3, LE);
        FloatVector s31 = fromMemorySegment(S, ALL, f3 + V, LE);
        a0 &= ADDRESS;
        a1 &= ADDRESS;
        a2 &= ADDRESS;
        a3 &= ADDRESS;
        long line = ALL.get(I64, FOUR) * (2 * V / 4);
        for (int i = first(), end = k * 4 & INDEX; i < end; i += 4, b0 += line) {
            if (i == NEVER) break;
            FloatVector v0 = fromMemorySegment(S, ALL, b0, LE);
            FloatVector v1 = fromMemorySegment(S, ALL, b0 + V, LE);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, a0 + i));
            s00 = x.fma(v0, s00);
            s01 = x.fma(v1, s01);
            x = FloatVector.broadcast(S, ALL.get(F32, a1 + i));
            s10 = x.fma(v0, s10);
            s11 = x.fma(v1, s11);
            x = FloatVector.broadcast(S, ALL.get(F32, a2 + i));
            s20 = x.fma(v0, s20);
            s21 = x.fma(v1, s21);
            x = FloatVector.broadcast(S, ALL.get(F32, a3 + i));
            s30 = x.fma(v0, s30);
            s31 = x.fma(v1, s31);
        }
        s00.intoMemorySegment(ALL, c0, LE);
        s01.intoMemorySegment(ALL, c0 + V, LE);
        s10.intoMemorySegment(ALL, c1, LE);
        s11.intoMemorySegment(ALL, c1 + V, LE);
        s20.intoMemorySegment(ALL, c2, LE);
        s21.intoMemorySegment(ALL, c2 + V, LE);
        s30.intoMemorySegment(ALL, c3, LE);
        s31.intoMemorySegment(ALL, c3 + V, LE);
    }

    /** 1 row of 3 vectors. */
    static void add1x3(long a0, long lda, long b0, long f0, long ldf, long c0, long ldc, int k) {
        FloatVector s00 = fromMemorySegment(S, ALL, f0, LE);
        FloatVector s01 = fromMemorySegment(S, ALL, f0 + V, LE);
        FloatVector s02 = fromMemorySegment(S, ALL, f0 + 2 * V, LE);
        a0 &= ADDRESS;
        long line = ALL.get(I64, FOUR) * (3 * V / 4);
        for (int i = first(), end = k * 4 & INDEX; i < end; i += 4, b0 += line) {
            if (i == NEVER) break;
            FloatVector v0 = fromMemorySegment(S, ALL, b0, LE);
            FloatVector v1 = fromMemorySegment(S, ALL, b0 + V, LE);
            FloatVector v2 = fromMemorySegment(S, ALL, b0 + 2 * V, LE);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, a0 + i));
            s00 = x.fma(v0, s00);
            s01 = x.fma(v1, s01);
            s02 = x.fma(v2, s02);
        }
        s00.intoMemorySegment(ALL, c0, LE);
        s01.intoMemorySegment(ALL, c0 + V, LE);
        s02.intoMemorySegment(ALL, c0 + 2 * V, LE);
    }

    /** 1 row of 2 vectors. */
    static void add1x2(long a0, long lda, long b0, long f0, long ldf, long c0, long ldc, int k) {
        FloatVector s00 = fromMemorySegment(S, ALL, f0, LE);
        FloatVector s01 = fromMemorySegment(S, ALL, f0 + V, LE);
        a0 &= ADDRESS;
        long line = ALL.get(I64, FOUR) * (2 * V / 4);
        for (int i = first(), end = k * 4 & INDEX; i < end; i += 4, b0 += line) {
            if (i == NEVER) break;
            FloatVector v0 = fromMemorySegment(S, ALL, b0, LE);
            FloatVector v1 = fromMemorySegment(S, ALL, b0 + V, LE);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, a0 + i));
            s00 = x.fma(v0, s00);
            s01 = x.fma(v1, s01);
        }
        s00.intoMemorySegment(ALL, c0, LE);
        s01.intoMemorySegment(ALL, c0 + V, LE);
    }

    /** 6 rows of 1 vector. */
    static void add6x1(long a0, long lda, long b0, long f0, long ldf, long c0, long ldc, int k, int rows) {
        long a1 = rows > 1 ? a0 + lda : a0, c1 = rows > 1 ? c0 + ldc : c0, f1 = rows > 1 ? f0 + ldf : f0;
        long a2 = rows > 2 ? a1 + lda : a1, c2 = rows > 2 ? c1 + ldc : c1, f2 = rows > 2 ? f1 + ldf : f1;
        long a3 = rows > 3 ? a2 + lda : a2, c3 = rows > 3 ? c2 + ldc : c2, f3 = rows > 3 ? f2 + ldf : f2;
        long a4 = rows > 4 ? a3 + lda : a3, c4 = rows > 4 ? c3 + ldc : c3, f4 = rows > 4 ? f3 + ldf : f3;
        long a5 = rows > 5 ? a4 + lda : a4, c5 = rows > 5 ? c4 + ldc : c4, f5 = rows > 5 ? f4 + ldf : f4;
        FloatVector s00 = fromMemorySegment(S, ALL, f0, LE);
        FloatVector s10 = fromMemorySegment(S, ALL, f1, LE);
        FloatVector s20 = fromMemorySegment(S, ALL, f2, LE);
        FloatVector s30 = fromMemorySegment(S, ALL, f3, LE);
        FloatVector s40 = fromMemorySegment(S, ALL, f4, LE);
        FloatVector s50 = fromMemorySegment(S, ALL, f5, LE);
        a0 &= ADDRESS;
        a1 &= ADDRESS;
        a2 &= ADDRESS;
        a3 &= ADDRESS;
        a4 &= ADDRESS;
        a5 &= ADDRESS;
        long line = ALL.get(I64, FOUR) * (V / 4);
        for (int i = first(), end = k * 4 & INDEX; i < end; i += 4, b0 += line) {
            if (i == NEVER) break;
            FloatVector v0 = fromMemorySegment(S, ALL, b0, LE);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, a0 + i));
            s00 = x.fma(v0, s00);
            x = FloatVector.broadcast(S, ALL.get(F32, a1 + i));
            s10 = x.fma(v0, s10);
            x = FloatVector.broadcast(S, ALL.get(F32, a2 + i));
            s20 = x.fma(v0, s20);
            x = FloatVector.broadcast(S, ALL.get(F32, a3 + i));
            s30 = x.fma(v0, s30);
            x = FloatVector.broadcast(S, ALL.get(F32, a4 + i));
            s40 = x.fma(v0, s40);
            x = FloatVector.broadcast(S, ALL.get(F32, a5 + i));
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
        FloatVector s00 = fromMemorySegment(S, ALL, f0, LE);
        a0 &= ADDRESS;
        long line = ALL.get(I64, FOUR) * (V / 4);
        for (int i = first(), end = k * 4 & INDEX; i < end; i += 4, b0 += line) {
            if (i == NEVER) break;
            FloatVector v0 = fromMemorySegment(S, ALL, b0, LE);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, a0 + i));
            s00 = x.fma(v0, s00);
        }
        s00.intoMemorySegment(ALL, c0, LE);
    }
}
