package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.LE;
import static dev.reprise.ops.kernel.Memory.S;
import static dev.reprise.ops.kernel.Memory.V;
import static dev.reprise.ops.tensor.Tensor.F32;
import static dev.reprise.ops.tensor.Tensor.I64;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import java.lang.foreign.Arena;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;

/**
 * The inner loops of float32 matrix products for machines with 16 vector registers (AVX, AVX2); what they compute and their parameters are
 * those of {@link WideTiles}.
 *
 * <p>C2 moves the loads of a block of code to its start. So a tile of R rows and W vectors holds R W sums, up to W vectors of B and R
 * elements of A in registers at the same time: 3 x 3 is the largest that fits (15). With 6 x 2 (20) four sums went through the stack in every
 * step, and a product ran at a third of the processor's speed.
 *
 * <p>For the same reason C2 must not unroll a loop. Its step is a number that the compiler does not know, so that it makes no counted loop of it.
 * Two steps are written out instead, with a check between them that never fails: the offset of A that comes from {@link Objects#checkIndex} exists
 * only after it, and no load of A passes it. Two steps at once take 2.3 instructions for a multiplication instead of 2.7. That shows on
 * a shared host, where single runs have two speeds: 60 GFLOP/s instead of 50 in the slower state, 85 of a peak of 93 in the faster. Four steps
 * would reach 68 and 85, but passed C2's budget of nodes when the method was compiled again after many models, and every vector was boxed.
 *
 * <p>Checks of {@link Memory#ALL}'s bounds disappear only from counted loops; so addresses and offsets are masked to what a machine can address, of
 * which the compiler sees that it is within the bounds. The first offset is {@code step - 8} and not 0: of a 0 it would peel the
 * first round, and add up each address in every other one.
 */
final class CompactTiles {
    /** Steps that the loops of {@code add} write out; they leave what remains of k to {@code rest}. */
    static final int STEPS = 2;
    /** All bits of an address, of an offset in a row, and of every second offset, from which the next one differs in one bit. */
    private static final long ADDRESS = (1L << 56) - 1, OFFSET = (1L << 31) - 1, SECOND = OFFSET & -4 * STEPS;
    /** Where a 4 is stored: the bytes of a step. */
    private static final long STEP = step();

    private CompactTiles() {}

    private static long step() {
        long at = Arena.global().allocate(8, 8).address();
        ALL.set(I64, at, 4L);
        return at;
    }

    /** 3 rows of 3 vectors, the steps that {@link #STEPS} divides. */
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
        long step = 2 * ALL.get(I64, STEP), line = step * (3 * V / 4);
        for (long o = b0, i = step - 8, end = (k & -2) * 4L; i < end; i += step, o += line) {
            long p = i & SECOND;
            FloatVector v0 = fromMemorySegment(S, ALL, o, LE);
            FloatVector v1 = fromMemorySegment(S, ALL, o + V, LE);
            FloatVector v2 = fromMemorySegment(S, ALL, o + 2 * V, LE);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, a0 + p));
            s00 = x.fma(v0, s00);
            s01 = x.fma(v1, s01);
            s02 = x.fma(v2, s02);
            x = FloatVector.broadcast(S, ALL.get(F32, a1 + p));
            s10 = x.fma(v0, s10);
            s11 = x.fma(v1, s11);
            s12 = x.fma(v2, s12);
            x = FloatVector.broadcast(S, ALL.get(F32, a2 + p));
            s20 = x.fma(v0, s20);
            s21 = x.fma(v1, s21);
            s22 = x.fma(v2, s22);
            p = Objects.checkIndex(p | 4, OFFSET);
            v0 = fromMemorySegment(S, ALL, o + 3 * V, LE);
            v1 = fromMemorySegment(S, ALL, o + 4 * V, LE);
            v2 = fromMemorySegment(S, ALL, o + 5 * V, LE);
            x = FloatVector.broadcast(S, ALL.get(F32, a0 + p));
            s00 = x.fma(v0, s00);
            s01 = x.fma(v1, s01);
            s02 = x.fma(v2, s02);
            x = FloatVector.broadcast(S, ALL.get(F32, a1 + p));
            s10 = x.fma(v0, s10);
            s11 = x.fma(v1, s11);
            s12 = x.fma(v2, s12);
            x = FloatVector.broadcast(S, ALL.get(F32, a2 + p));
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

    /** 3 rows of 3 vectors, any number of steps. */
    static void rest3x3(long a0, long lda, long b0, long f0, long ldf, long c0, long ldc, int k, int rows) {
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
        long step = ALL.get(I64, STEP), line = step * (3 * V / 4);
        for (long o = b0, i = step - 4, end = k * 4L; i < end; i += step, o += line) {
            long p = i & OFFSET;
            FloatVector v0 = fromMemorySegment(S, ALL, o, LE);
            FloatVector v1 = fromMemorySegment(S, ALL, o + V, LE);
            FloatVector v2 = fromMemorySegment(S, ALL, o + 2 * V, LE);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, a0 + p));
            s00 = x.fma(v0, s00);
            s01 = x.fma(v1, s01);
            s02 = x.fma(v2, s02);
            x = FloatVector.broadcast(S, ALL.get(F32, a1 + p));
            s10 = x.fma(v0, s10);
            s11 = x.fma(v1, s11);
            s12 = x.fma(v2, s12);
            x = FloatVector.broadcast(S, ALL.get(F32, a2 + p));
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

    /** 4 rows of 2 vectors, the steps that {@link #STEPS} divides. */
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
        long step = 2 * ALL.get(I64, STEP), line = step * (2 * V / 4);
        for (long o = b0, i = step - 8, end = (k & -2) * 4L; i < end; i += step, o += line) {
            long p = i & SECOND;
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
            p = Objects.checkIndex(p | 4, OFFSET);
            v0 = fromMemorySegment(S, ALL, o + 2 * V, LE);
            v1 = fromMemorySegment(S, ALL, o + 3 * V, LE);
            x = FloatVector.broadcast(S, ALL.get(F32, a0 + p));
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

    /** 4 rows of 2 vectors, any number of steps. */
    static void rest4x2(long a0, long lda, long b0, long f0, long ldf, long c0, long ldc, int k, int rows) {
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
        long step = ALL.get(I64, STEP), line = step * (2 * V / 4);
        for (long o = b0, i = step - 4, end = k * 4L; i < end; i += step, o += line) {
            long p = i & OFFSET;
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
        long step = ALL.get(I64, STEP), line = step * (3 * V / 4);
        for (long o = b0, i = step - 4, end = k * 4L; i < end; i += step, o += line) {
            long p = i & OFFSET;
            FloatVector v0 = fromMemorySegment(S, ALL, o, LE);
            FloatVector v1 = fromMemorySegment(S, ALL, o + V, LE);
            FloatVector v2 = fromMemorySegment(S, ALL, o + 2 * V, LE);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, a0 + p));
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
        long step = ALL.get(I64, STEP), line = step * (2 * V / 4);
        for (long o = b0, i = step - 4, end = k * 4L; i < end; i += step, o += line) {
            long p = i & OFFSET;
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
        long step = ALL.get(I64, STEP), line = step * (V / 4);
        for (long o = b0, i = step - 4, end = k * 4L; i < end; i += step, o += line) {
            long p = i & OFFSET;
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
        FloatVector s00 = fromMemorySegment(S, ALL, f0, LE);
        a0 &= ADDRESS;
        long step = ALL.get(I64, STEP), line = step * (V / 4);
        for (long o = b0, i = step - 4, end = k * 4L; i < end; i += step, o += line) {
            long p = i & OFFSET;
            FloatVector v0 = fromMemorySegment(S, ALL, o, LE);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, a0 + p));
            s00 = x.fma(v0, s00);
        }
        s00.intoMemorySegment(ALL, c0, LE);
    }
}
