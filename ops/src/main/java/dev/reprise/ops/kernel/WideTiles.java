package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ADDRESS;
import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.INDEX;
import static dev.reprise.ops.kernel.Memory.LE;
import static dev.reprise.ops.kernel.Memory.S;
import static dev.reprise.ops.kernel.Memory.V;
import static dev.reprise.ops.tensor.Tensor.F32;
import static dev.reprise.ops.tensor.Tensor.I32;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The inner loops of float32 matrix products on tiles three and four vectors wide (for machines with 32 vector registers): c[i][j] = fma(a[i][p], b[p][j], c[i][j]) for p ascending
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
final class WideTiles {
    /** The largest step of {@link #ahead4x4}, in bytes; all bits of it are ones, and a mask with it drops a check as {@link Memory#ADDRESS} does. */
    static final long MOST_AHEAD = 63;

    private WideTiles() {}

    /** 4 rows of 4 vectors. */
    static void add4x4(long a0, long lda, long b0, long f0, long ldf, long c0, long ldc, int k, int rows) {
        a0 &= ADDRESS;
        b0 &= ADDRESS;
        long a1 = rows > 1 ? a0 + lda & ADDRESS : a0, c1 = rows > 1 ? c0 + ldc : c0, f1 = rows > 1 ? f0 + ldf : f0;
        long a2 = rows > 2 ? a1 + lda & ADDRESS : a1, c2 = rows > 2 ? c1 + ldc : c1, f2 = rows > 2 ? f1 + ldf : f1;
        long a3 = rows > 3 ? a2 + lda & ADDRESS : a2, c3 = rows > 3 ? c2 + ldc : c2, f3 = rows > 3 ? f2 + ldf : f2;
        FloatVector s00 = fromMemorySegment(S, ALL, f0, LE);
        FloatVector s01 = fromMemorySegment(S, ALL, f0 + V, LE);
        FloatVector s02 = fromMemorySegment(S, ALL, f0 + 2 * V, LE);
        FloatVector s03 = fromMemorySegment(S, ALL, f0 + 3 * V, LE);
        FloatVector s10 = fromMemorySegment(S, ALL, f1, LE);
        FloatVector s11 = fromMemorySegment(S, ALL, f1 + V, LE);
        FloatVector s12 = fromMemorySegment(S, ALL, f1 + 2 * V, LE);
        FloatVector s13 = fromMemorySegment(S, ALL, f1 + 3 * V, LE);
        FloatVector s20 = fromMemorySegment(S, ALL, f2, LE);
        FloatVector s21 = fromMemorySegment(S, ALL, f2 + V, LE);
        FloatVector s22 = fromMemorySegment(S, ALL, f2 + 2 * V, LE);
        FloatVector s23 = fromMemorySegment(S, ALL, f2 + 3 * V, LE);
        FloatVector s30 = fromMemorySegment(S, ALL, f3, LE);
        FloatVector s31 = fromMemorySegment(S, ALL, f3 + V, LE);
        FloatVector s32 = fromMemorySegment(S, ALL, f3 + 2 * V, LE);
        FloatVector s33 = fromMemorySegment(S, ALL, f3 + 3 * V, LE);
        for (int i = 0; i < k; i++) {
            long at = i & INDEX, o = b0 + at * (4 * V), p = at * 4;
            FloatVector v0 = fromMemorySegment(S, ALL, o, LE);
            FloatVector v1 = fromMemorySegment(S, ALL, o + V, LE);
            FloatVector v2 = fromMemorySegment(S, ALL, o + 2 * V, LE);
            FloatVector v3 = fromMemorySegment(S, ALL, o + 3 * V, LE);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, a0 + p));
            s00 = x.fma(v0, s00);
            s01 = x.fma(v1, s01);
            s02 = x.fma(v2, s02);
            s03 = x.fma(v3, s03);
            x = FloatVector.broadcast(S, ALL.get(F32, a1 + p));
            s10 = x.fma(v0, s10);
            s11 = x.fma(v1, s11);
            s12 = x.fma(v2, s12);
            s13 = x.fma(v3, s13);
            x = FloatVector.broadcast(S, ALL.get(F32, a2 + p));
            s20 = x.fma(v0, s20);
            s21 = x.fma(v1, s21);
            s22 = x.fma(v2, s22);
            s23 = x.fma(v3, s23);
            x = FloatVector.broadcast(S, ALL.get(F32, a3 + p));
            s30 = x.fma(v0, s30);
            s31 = x.fma(v1, s31);
            s32 = x.fma(v2, s32);
            s33 = x.fma(v3, s33);
        }
        s00.intoMemorySegment(ALL, c0, LE);
        s01.intoMemorySegment(ALL, c0 + V, LE);
        s02.intoMemorySegment(ALL, c0 + 2 * V, LE);
        s03.intoMemorySegment(ALL, c0 + 3 * V, LE);
        s10.intoMemorySegment(ALL, c1, LE);
        s11.intoMemorySegment(ALL, c1 + V, LE);
        s12.intoMemorySegment(ALL, c1 + 2 * V, LE);
        s13.intoMemorySegment(ALL, c1 + 3 * V, LE);
        s20.intoMemorySegment(ALL, c2, LE);
        s21.intoMemorySegment(ALL, c2 + V, LE);
        s22.intoMemorySegment(ALL, c2 + 2 * V, LE);
        s23.intoMemorySegment(ALL, c2 + 3 * V, LE);
        s30.intoMemorySegment(ALL, c3, LE);
        s31.intoMemorySegment(ALL, c3 + V, LE);
        s32.intoMemorySegment(ALL, c3 + 2 * V, LE);
        s33.intoMemorySegment(ALL, c3 + 3 * V, LE);
    }

    /**
     * {@link #add4x4} from zero. The vectors that the other reads before its loop are what makes it C2's largest method, with 24 MB where this takes 17: networks that need
     * no other have their peak of memory 4 MB lower.
     */
    static void first4x4(long a0, long lda, long b0, long c0, long ldc, int k, int rows) {
        a0 &= ADDRESS;
        b0 &= ADDRESS;
        long a1 = rows > 1 ? a0 + lda & ADDRESS : a0, c1 = rows > 1 ? c0 + ldc : c0;
        long a2 = rows > 2 ? a1 + lda & ADDRESS : a1, c2 = rows > 2 ? c1 + ldc : c1;
        long a3 = rows > 3 ? a2 + lda & ADDRESS : a2, c3 = rows > 3 ? c2 + ldc : c2;
        FloatVector s00 = FloatVector.zero(S);
        FloatVector s01 = FloatVector.zero(S);
        FloatVector s02 = FloatVector.zero(S);
        FloatVector s03 = FloatVector.zero(S);
        FloatVector s10 = FloatVector.zero(S);
        FloatVector s11 = FloatVector.zero(S);
        FloatVector s12 = FloatVector.zero(S);
        FloatVector s13 = FloatVector.zero(S);
        FloatVector s20 = FloatVector.zero(S);
        FloatVector s21 = FloatVector.zero(S);
        FloatVector s22 = FloatVector.zero(S);
        FloatVector s23 = FloatVector.zero(S);
        FloatVector s30 = FloatVector.zero(S);
        FloatVector s31 = FloatVector.zero(S);
        FloatVector s32 = FloatVector.zero(S);
        FloatVector s33 = FloatVector.zero(S);
        for (int i = 0; i < k; i++) {
            long at = i & INDEX, o = b0 + at * (4 * V), p = at * 4;
            FloatVector v0 = fromMemorySegment(S, ALL, o, LE);
            FloatVector v1 = fromMemorySegment(S, ALL, o + V, LE);
            FloatVector v2 = fromMemorySegment(S, ALL, o + 2 * V, LE);
            FloatVector v3 = fromMemorySegment(S, ALL, o + 3 * V, LE);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, a0 + p));
            s00 = x.fma(v0, s00);
            s01 = x.fma(v1, s01);
            s02 = x.fma(v2, s02);
            s03 = x.fma(v3, s03);
            x = FloatVector.broadcast(S, ALL.get(F32, a1 + p));
            s10 = x.fma(v0, s10);
            s11 = x.fma(v1, s11);
            s12 = x.fma(v2, s12);
            s13 = x.fma(v3, s13);
            x = FloatVector.broadcast(S, ALL.get(F32, a2 + p));
            s20 = x.fma(v0, s20);
            s21 = x.fma(v1, s21);
            s22 = x.fma(v2, s22);
            s23 = x.fma(v3, s23);
            x = FloatVector.broadcast(S, ALL.get(F32, a3 + p));
            s30 = x.fma(v0, s30);
            s31 = x.fma(v1, s31);
            s32 = x.fma(v2, s32);
            s33 = x.fma(v3, s33);
        }
        s00.intoMemorySegment(ALL, c0, LE);
        s01.intoMemorySegment(ALL, c0 + V, LE);
        s02.intoMemorySegment(ALL, c0 + 2 * V, LE);
        s03.intoMemorySegment(ALL, c0 + 3 * V, LE);
        s10.intoMemorySegment(ALL, c1, LE);
        s11.intoMemorySegment(ALL, c1 + V, LE);
        s12.intoMemorySegment(ALL, c1 + 2 * V, LE);
        s13.intoMemorySegment(ALL, c1 + 3 * V, LE);
        s20.intoMemorySegment(ALL, c2, LE);
        s21.intoMemorySegment(ALL, c2 + V, LE);
        s22.intoMemorySegment(ALL, c2 + 2 * V, LE);
        s23.intoMemorySegment(ALL, c2 + 3 * V, LE);
        s30.intoMemorySegment(ALL, c3, LE);
        s31.intoMemorySegment(ALL, c3 + V, LE);
        s32.intoMemorySegment(ALL, c3 + 2 * V, LE);
        s33.intoMemorySegment(ALL, c3 + 3 * V, LE);
    }

    /**
     * {@link #add4x4} with all rows, which on the way reads {@code k} times four bytes at {@code ahead}, {@code step} bytes apart: what comes next from memory. The
     * processor sees a pattern and fetches before it is asked; more than a cache line every other step would have it wait.
     *
     * @param step 0 to {@link #MOST_AHEAD}
     * @param sink four bytes, which get a number without a meaning, so that the compiler keeps the reads
     */
    static void ahead4x4(long a0, long lda, long b0, long f0, long ldf, long c0, long ldc, int k, long ahead, long step, long sink) {
        a0 &= ADDRESS;
        b0 &= ADDRESS;
        long a1 = a0 + lda & ADDRESS, c1 = c0 + ldc, f1 = f0 + ldf;
        long a2 = a1 + lda & ADDRESS, c2 = c1 + ldc, f2 = f1 + ldf;
        long a3 = a2 + lda & ADDRESS, c3 = c2 + ldc, f3 = f2 + ldf;
        ahead &= ADDRESS;
        step &= MOST_AHEAD;
        FloatVector s00 = fromMemorySegment(S, ALL, f0, LE);
        FloatVector s01 = fromMemorySegment(S, ALL, f0 + V, LE);
        FloatVector s02 = fromMemorySegment(S, ALL, f0 + 2 * V, LE);
        FloatVector s03 = fromMemorySegment(S, ALL, f0 + 3 * V, LE);
        FloatVector s10 = fromMemorySegment(S, ALL, f1, LE);
        FloatVector s11 = fromMemorySegment(S, ALL, f1 + V, LE);
        FloatVector s12 = fromMemorySegment(S, ALL, f1 + 2 * V, LE);
        FloatVector s13 = fromMemorySegment(S, ALL, f1 + 3 * V, LE);
        FloatVector s20 = fromMemorySegment(S, ALL, f2, LE);
        FloatVector s21 = fromMemorySegment(S, ALL, f2 + V, LE);
        FloatVector s22 = fromMemorySegment(S, ALL, f2 + 2 * V, LE);
        FloatVector s23 = fromMemorySegment(S, ALL, f2 + 3 * V, LE);
        FloatVector s30 = fromMemorySegment(S, ALL, f3, LE);
        FloatVector s31 = fromMemorySegment(S, ALL, f3 + V, LE);
        FloatVector s32 = fromMemorySegment(S, ALL, f3 + 2 * V, LE);
        FloatVector s33 = fromMemorySegment(S, ALL, f3 + 3 * V, LE);
        int seen = 0;
        for (int i = 0; i < k; i++) {
            long at = i & INDEX, o = b0 + at * (4 * V), p = at * 4;
            FloatVector v0 = fromMemorySegment(S, ALL, o, LE);
            FloatVector v1 = fromMemorySegment(S, ALL, o + V, LE);
            FloatVector v2 = fromMemorySegment(S, ALL, o + 2 * V, LE);
            FloatVector v3 = fromMemorySegment(S, ALL, o + 3 * V, LE);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, a0 + p));
            s00 = x.fma(v0, s00);
            s01 = x.fma(v1, s01);
            s02 = x.fma(v2, s02);
            s03 = x.fma(v3, s03);
            x = FloatVector.broadcast(S, ALL.get(F32, a1 + p));
            s10 = x.fma(v0, s10);
            s11 = x.fma(v1, s11);
            s12 = x.fma(v2, s12);
            s13 = x.fma(v3, s13);
            x = FloatVector.broadcast(S, ALL.get(F32, a2 + p));
            s20 = x.fma(v0, s20);
            s21 = x.fma(v1, s21);
            s22 = x.fma(v2, s22);
            s23 = x.fma(v3, s23);
            x = FloatVector.broadcast(S, ALL.get(F32, a3 + p));
            s30 = x.fma(v0, s30);
            s31 = x.fma(v1, s31);
            s32 = x.fma(v2, s32);
            s33 = x.fma(v3, s33);
            seen |= ALL.get(I32, ahead + at * step);
        }
        s00.intoMemorySegment(ALL, c0, LE);
        s01.intoMemorySegment(ALL, c0 + V, LE);
        s02.intoMemorySegment(ALL, c0 + 2 * V, LE);
        s03.intoMemorySegment(ALL, c0 + 3 * V, LE);
        s10.intoMemorySegment(ALL, c1, LE);
        s11.intoMemorySegment(ALL, c1 + V, LE);
        s12.intoMemorySegment(ALL, c1 + 2 * V, LE);
        s13.intoMemorySegment(ALL, c1 + 3 * V, LE);
        s20.intoMemorySegment(ALL, c2, LE);
        s21.intoMemorySegment(ALL, c2 + V, LE);
        s22.intoMemorySegment(ALL, c2 + 2 * V, LE);
        s23.intoMemorySegment(ALL, c2 + 3 * V, LE);
        s30.intoMemorySegment(ALL, c3, LE);
        s31.intoMemorySegment(ALL, c3 + V, LE);
        s32.intoMemorySegment(ALL, c3 + 2 * V, LE);
        s33.intoMemorySegment(ALL, c3 + 3 * V, LE);
        ALL.set(I32, sink, seen);
    }

    /**
     * {@link #add4x4} from zero, where the rows of A are windows of an image, read where they lie. Four windows are {@code lda} bytes apart and overlap.
     *
     * @param at {@code k} ints: how many bytes behind the first element of a window each of its elements lies. Two nested loops would do without, but C2
     *           kept these vectors in registers or boxed them by luck
     */
    static void window4x4(long a0, long lda, long at, int k, long b0, long c0, long ldc) {
        long a1 = a0 + lda & ADDRESS, a2 = a0 + 2 * lda & ADDRESS, a3 = a0 + 3 * lda & ADDRESS, c1 = c0 + ldc, c2 = c1 + ldc, c3 = c2 + ldc;
        a0 &= ADDRESS;
        b0 &= ADDRESS;
        at &= ADDRESS;
        FloatVector s00 = FloatVector.zero(S);
        FloatVector s01 = FloatVector.zero(S);
        FloatVector s02 = FloatVector.zero(S);
        FloatVector s03 = FloatVector.zero(S);
        FloatVector s10 = FloatVector.zero(S);
        FloatVector s11 = FloatVector.zero(S);
        FloatVector s12 = FloatVector.zero(S);
        FloatVector s13 = FloatVector.zero(S);
        FloatVector s20 = FloatVector.zero(S);
        FloatVector s21 = FloatVector.zero(S);
        FloatVector s22 = FloatVector.zero(S);
        FloatVector s23 = FloatVector.zero(S);
        FloatVector s30 = FloatVector.zero(S);
        FloatVector s31 = FloatVector.zero(S);
        FloatVector s32 = FloatVector.zero(S);
        FloatVector s33 = FloatVector.zero(S);
        for (int i = 0; i < k; i++) {
            long step = i & INDEX, o = b0 + step * (4 * V);
            int p = ALL.get(I32, at + step * 4) & INDEX;
            FloatVector v0 = fromMemorySegment(S, ALL, o, LE);
            FloatVector v1 = fromMemorySegment(S, ALL, o + V, LE);
            FloatVector v2 = fromMemorySegment(S, ALL, o + 2 * V, LE);
            FloatVector v3 = fromMemorySegment(S, ALL, o + 3 * V, LE);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, a0 + p));
            s00 = x.fma(v0, s00);
            s01 = x.fma(v1, s01);
            s02 = x.fma(v2, s02);
            s03 = x.fma(v3, s03);
            x = FloatVector.broadcast(S, ALL.get(F32, a1 + p));
            s10 = x.fma(v0, s10);
            s11 = x.fma(v1, s11);
            s12 = x.fma(v2, s12);
            s13 = x.fma(v3, s13);
            x = FloatVector.broadcast(S, ALL.get(F32, a2 + p));
            s20 = x.fma(v0, s20);
            s21 = x.fma(v1, s21);
            s22 = x.fma(v2, s22);
            s23 = x.fma(v3, s23);
            x = FloatVector.broadcast(S, ALL.get(F32, a3 + p));
            s30 = x.fma(v0, s30);
            s31 = x.fma(v1, s31);
            s32 = x.fma(v2, s32);
            s33 = x.fma(v3, s33);
        }
        s00.intoMemorySegment(ALL, c0, LE);
        s01.intoMemorySegment(ALL, c0 + V, LE);
        s02.intoMemorySegment(ALL, c0 + 2 * V, LE);
        s03.intoMemorySegment(ALL, c0 + 3 * V, LE);
        s10.intoMemorySegment(ALL, c1, LE);
        s11.intoMemorySegment(ALL, c1 + V, LE);
        s12.intoMemorySegment(ALL, c1 + 2 * V, LE);
        s13.intoMemorySegment(ALL, c1 + 3 * V, LE);
        s20.intoMemorySegment(ALL, c2, LE);
        s21.intoMemorySegment(ALL, c2 + V, LE);
        s22.intoMemorySegment(ALL, c2 + 2 * V, LE);
        s23.intoMemorySegment(ALL, c2 + 3 * V, LE);
        s30.intoMemorySegment(ALL, c3, LE);
        s31.intoMemorySegment(ALL, c3 + V, LE);
        s32.intoMemorySegment(ALL, c3 + 2 * V, LE);
        s33.intoMemorySegment(ALL, c3 + 3 * V, LE);
    }

    /**
     * The beginning of the epilogue, for rows of four vectors that a tile has left at {@code t}, {@code 4 * V} bytes apart, and that are still in the first-level cache:
     * c[i][j] = {@code max(t[i][j] + bias[j] + r[i][j], floor)}, each rounded on its own. R may be C, for each of its elements is read before that of C is written; where there is
     * none it is a row of -0 with {@code ldr = 0}. The maximum is a comparison and a choice, two instructions, where max takes six: it must tell -0 from +0 and find NaN.
     *
     * <p>A tile that did the same in registers was no faster, probably since the processor does this beside the next tile's multiplications, and the compiler took 32 MB for it,
     * where it takes 25 for {@link #add4x4}.
     */
    static void finish(long t, int rows, long c, long ldc, long bias, long r, long ldr, float floor) {
        FloatVector low = FloatVector.broadcast(S, floor);
        FloatVector e0 = fromMemorySegment(S, ALL, bias, LE);
        FloatVector e1 = fromMemorySegment(S, ALL, bias + V, LE);
        FloatVector e2 = fromMemorySegment(S, ALL, bias + 2 * V, LE);
        FloatVector e3 = fromMemorySegment(S, ALL, bias + 3 * V, LE);
        for (int i = 0; i < rows; i++) {
            long o = t + i * (4 * V), ci = c + i * ldc, ri = r + i * ldr;
            FloatVector s0 = fromMemorySegment(S, ALL, o, LE).add(e0).add(fromMemorySegment(S, ALL, ri, LE));
            FloatVector s1 = fromMemorySegment(S, ALL, o + V, LE).add(e1).add(fromMemorySegment(S, ALL, ri + V, LE));
            FloatVector s2 = fromMemorySegment(S, ALL, o + 2 * V, LE).add(e2).add(fromMemorySegment(S, ALL, ri + 2 * V, LE));
            FloatVector s3 = fromMemorySegment(S, ALL, o + 3 * V, LE).add(e3).add(fromMemorySegment(S, ALL, ri + 3 * V, LE));
            s0.blend(low, s0.compare(VectorOperators.LE, low)).intoMemorySegment(ALL, ci, LE);
            s1.blend(low, s1.compare(VectorOperators.LE, low)).intoMemorySegment(ALL, ci + V, LE);
            s2.blend(low, s2.compare(VectorOperators.LE, low)).intoMemorySegment(ALL, ci + 2 * V, LE);
            s3.blend(low, s3.compare(VectorOperators.LE, low)).intoMemorySegment(ALL, ci + 3 * V, LE);
        }
    }

    /** 1 row of 4 vectors. */
    static void add1x4(long a0, long lda, long b0, long f0, long ldf, long c0, long ldc, int k) {
        a0 &= ADDRESS;
        b0 &= ADDRESS;
        FloatVector s00 = fromMemorySegment(S, ALL, f0, LE);
        FloatVector s01 = fromMemorySegment(S, ALL, f0 + V, LE);
        FloatVector s02 = fromMemorySegment(S, ALL, f0 + 2 * V, LE);
        FloatVector s03 = fromMemorySegment(S, ALL, f0 + 3 * V, LE);
        for (int i = 0; i < k; i++) {
            long at = i & INDEX, o = b0 + at * (4 * V), p = at * 4;
            FloatVector v0 = fromMemorySegment(S, ALL, o, LE);
            FloatVector v1 = fromMemorySegment(S, ALL, o + V, LE);
            FloatVector v2 = fromMemorySegment(S, ALL, o + 2 * V, LE);
            FloatVector v3 = fromMemorySegment(S, ALL, o + 3 * V, LE);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, a0 + p));
            s00 = x.fma(v0, s00);
            s01 = x.fma(v1, s01);
            s02 = x.fma(v2, s02);
            s03 = x.fma(v3, s03);
        }
        s00.intoMemorySegment(ALL, c0, LE);
        s01.intoMemorySegment(ALL, c0 + V, LE);
        s02.intoMemorySegment(ALL, c0 + 2 * V, LE);
        s03.intoMemorySegment(ALL, c0 + 3 * V, LE);
    }

    /** 4 rows of 3 vectors. */
    static void add4x3(long a0, long lda, long b0, long f0, long ldf, long c0, long ldc, int k, int rows) {
        a0 &= ADDRESS;
        b0 &= ADDRESS;
        long a1 = rows > 1 ? a0 + lda & ADDRESS : a0, c1 = rows > 1 ? c0 + ldc : c0, f1 = rows > 1 ? f0 + ldf : f0;
        long a2 = rows > 2 ? a1 + lda & ADDRESS : a1, c2 = rows > 2 ? c1 + ldc : c1, f2 = rows > 2 ? f1 + ldf : f1;
        long a3 = rows > 3 ? a2 + lda & ADDRESS : a2, c3 = rows > 3 ? c2 + ldc : c2, f3 = rows > 3 ? f2 + ldf : f2;
        FloatVector s00 = fromMemorySegment(S, ALL, f0, LE);
        FloatVector s01 = fromMemorySegment(S, ALL, f0 + V, LE);
        FloatVector s02 = fromMemorySegment(S, ALL, f0 + 2 * V, LE);
        FloatVector s10 = fromMemorySegment(S, ALL, f1, LE);
        FloatVector s11 = fromMemorySegment(S, ALL, f1 + V, LE);
        FloatVector s12 = fromMemorySegment(S, ALL, f1 + 2 * V, LE);
        FloatVector s20 = fromMemorySegment(S, ALL, f2, LE);
        FloatVector s21 = fromMemorySegment(S, ALL, f2 + V, LE);
        FloatVector s22 = fromMemorySegment(S, ALL, f2 + 2 * V, LE);
        FloatVector s30 = fromMemorySegment(S, ALL, f3, LE);
        FloatVector s31 = fromMemorySegment(S, ALL, f3 + V, LE);
        FloatVector s32 = fromMemorySegment(S, ALL, f3 + 2 * V, LE);
        for (int i = 0; i < k; i++) {
            long at = i & INDEX, o = b0 + at * (3 * V), p = at * 4;
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
            x = FloatVector.broadcast(S, ALL.get(F32, a3 + p));
            s30 = x.fma(v0, s30);
            s31 = x.fma(v1, s31);
            s32 = x.fma(v2, s32);
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
        s30.intoMemorySegment(ALL, c3, LE);
        s31.intoMemorySegment(ALL, c3 + V, LE);
        s32.intoMemorySegment(ALL, c3 + 2 * V, LE);
    }

    /** 1 row of 3 vectors. */
    static void add1x3(long a0, long lda, long b0, long f0, long ldf, long c0, long ldc, int k) {
        a0 &= ADDRESS;
        b0 &= ADDRESS;
        FloatVector s00 = fromMemorySegment(S, ALL, f0, LE);
        FloatVector s01 = fromMemorySegment(S, ALL, f0 + V, LE);
        FloatVector s02 = fromMemorySegment(S, ALL, f0 + 2 * V, LE);
        for (int i = 0; i < k; i++) {
            long at = i & INDEX, o = b0 + at * (3 * V), p = at * 4;
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
}
