package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ADDRESS;
import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.LANES;
import static dev.reprise.ops.kernel.Memory.LE;
import static dev.reprise.ops.kernel.Memory.S;
import static dev.reprise.ops.kernel.Memory.V;
import static dev.reprise.ops.tensor.Tensor.F32;
import static dev.reprise.ops.tensor.Tensor.I64;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * What {@link SparseTiles} does, for processors that begin two multiplications of 512 bits in a cycle. They load as many vectors and no more, so a row of A by itself would wait for B. Rows
 * that lie beside each other in an image are zero in the same channels, more often than not: four take a step together, as in a dense tile, unless all are zero there.
 *
 * <p>In SSCD's layers 51 % of the elements are not zero, nor are 62 % of the fours; behind a residual 75 and 85 %. Eight loads serve sixteen multiplications, which run at the peak, and nothing waits
 * for a jump that was guessed wrong. 64 steps of a panel are 16 KiB, which stay in the first-level cache; from the second, without passes, steps take a fifth more (Zen 5). Two rows by two panels meet
 * fewer zeros yet (57 and 80 %) and took .96 of the time, but have four loads more than C2 inlines before it has made too many nodes: a second copy of the loop in one JVM kept its sums on the heap.
 *
 * <p>The method takes whole fours. With a choice at the end of each row C2 had more addresses than registers and kept them in vectors, seven moves in each step, in those JVMs that had met a
 * row too few.
 */
final class SparseRows {
    /** Rows that share their marks. */
    static final int SHARED = 4;

    private SparseRows() {}

    /**
     * Marks what is not zero in at least one of four rows (NaN among them): bit p % 64 of a word for each four and 64 columns. Word i of columns p to p + 63 is at
     * {@code words + (p / 64 * fours + i) * 8}; up to three rows that are left have none.
     *
     * @param most   per cent of the fours that may differ from zero
     * @param sample so many rows tell whether it is worth one's while to look at the others; a multiple of four
     * @return whether there are few enough; if not, the words are undefined
     */
    static boolean mark(long a, long lda, int rows, int k, int most, int sample, long words) {
        long found = 0;
        int fours = rows / SHARED;
        for (int i = 0; i < fours; i++) {
            found += four(a + SHARED * i * lda, lda, k, words + i * 8L, fours * 8L);
            if (SHARED * (i + 1) == sample && found * SHARED * 100 > (long) sample * k * most) return false;
        }
        return fours > 0 && found * 100 <= (long) fours * k * most;
    }

    private static int four(long a0, long lda, int k, long to, long step) {
        int found = 0, p = 0;
        for (; p <= k - SparseTiles.STEPS; p += SparseTiles.STEPS, to += step) {
            long word = 0;
            for (int j = 0; j < SparseTiles.STEPS; j += LANES) {
                long r0 = a0 + (p + j) * 4L, r1 = r0 + lda, r2 = r1 + lda, r3 = r2 + lda;
                // Of four floats one is not zero if the bits of all together are not: -0 with +0 is -0.
                IntVector first = fromMemorySegment(S, ALL, r0, LE).reinterpretAsInts()
                        .or(fromMemorySegment(S, ALL, r1, LE).reinterpretAsInts());
                IntVector second = fromMemorySegment(S, ALL, r2, LE).reinterpretAsInts()
                        .or(fromMemorySegment(S, ALL, r3, LE).reinterpretAsInts());
                word |= first.or(second).reinterpretAsFloats().compare(VectorOperators.NE, 0f).toLong() << j;
            }
            ALL.set(I64, to, word);
            found += Long.bitCount(word);
        }
        if (p == k) return found;
        long word = 0;
        for (int j = 0; p + j < k; j++)
            for (int i = 0; i < SHARED; i++)
                if (ALL.get(F32, a0 + i * lda + (p + j) * 4L) != 0) word |= 1L << j;
        ALL.set(I64, to, word);
        return found + Long.bitCount(word);
    }

    /**
     * At most 64 steps of fours of rows: c[i][j] = fma(a[i][p], b[p][j], f[i][j]) for the p that are marked, ascending. Parameters are those of {@link WideTiles}.
     *
     * @param rows  a multiple of four
     * @param words a word for each four, which has bit p set where a[i][p] takes part
     */
    static void add4x4(long a0, long lda, long b, long f0, long ldf, long c0, long ldc, int rows, long words) {
        b &= ADDRESS;
        for (int row = 0; row < rows; row += 4) {
            long left = ALL.get(I64, words + row * 2L);
            long r0 = a0 + row * lda & ADDRESS, r1 = r0 + lda & ADDRESS, r2 = r1 + lda & ADDRESS, r3 = r2 + lda & ADDRESS;
            long f = f0 + row * ldf, g = f + ldf, h = g + ldf, l = h + ldf;
            FloatVector s00 = fromMemorySegment(S, ALL, f, LE);
            FloatVector s01 = fromMemorySegment(S, ALL, f + V, LE);
            FloatVector s02 = fromMemorySegment(S, ALL, f + 2 * V, LE);
            FloatVector s03 = fromMemorySegment(S, ALL, f + 3 * V, LE);
            FloatVector s10 = fromMemorySegment(S, ALL, g, LE);
            FloatVector s11 = fromMemorySegment(S, ALL, g + V, LE);
            FloatVector s12 = fromMemorySegment(S, ALL, g + 2 * V, LE);
            FloatVector s13 = fromMemorySegment(S, ALL, g + 3 * V, LE);
            FloatVector s20 = fromMemorySegment(S, ALL, h, LE);
            FloatVector s21 = fromMemorySegment(S, ALL, h + V, LE);
            FloatVector s22 = fromMemorySegment(S, ALL, h + 2 * V, LE);
            FloatVector s23 = fromMemorySegment(S, ALL, h + 3 * V, LE);
            FloatVector s30 = fromMemorySegment(S, ALL, l, LE);
            FloatVector s31 = fromMemorySegment(S, ALL, l + V, LE);
            FloatVector s32 = fromMemorySegment(S, ALL, l + 2 * V, LE);
            FloatVector s33 = fromMemorySegment(S, ALL, l + 3 * V, LE);
            for (int i = Long.bitCount(left); i > 0; i--) {
                long p = Long.numberOfTrailingZeros(left) & SparseTiles.STEPS - 1, o = b + p * (4 * V);
                left &= left - 1;
                FloatVector v0 = fromMemorySegment(S, ALL, o, LE);
                FloatVector v1 = fromMemorySegment(S, ALL, o + V, LE);
                FloatVector v2 = fromMemorySegment(S, ALL, o + 2 * V, LE);
                FloatVector v3 = fromMemorySegment(S, ALL, o + 3 * V, LE);
                FloatVector x = FloatVector.broadcast(S, ALL.get(F32, r0 + p * 4));
                s00 = x.fma(v0, s00);
                s01 = x.fma(v1, s01);
                s02 = x.fma(v2, s02);
                s03 = x.fma(v3, s03);
                x = FloatVector.broadcast(S, ALL.get(F32, r1 + p * 4));
                s10 = x.fma(v0, s10);
                s11 = x.fma(v1, s11);
                s12 = x.fma(v2, s12);
                s13 = x.fma(v3, s13);
                x = FloatVector.broadcast(S, ALL.get(F32, r2 + p * 4));
                s20 = x.fma(v0, s20);
                s21 = x.fma(v1, s21);
                s22 = x.fma(v2, s22);
                s23 = x.fma(v3, s23);
                x = FloatVector.broadcast(S, ALL.get(F32, r3 + p * 4));
                s30 = x.fma(v0, s30);
                s31 = x.fma(v1, s31);
                s32 = x.fma(v2, s32);
                s33 = x.fma(v3, s33);
            }
            long c = c0 + row * ldc, d = c + ldc, e = d + ldc, t = e + ldc;
            s00.intoMemorySegment(ALL, c, LE);
            s01.intoMemorySegment(ALL, c + V, LE);
            s02.intoMemorySegment(ALL, c + 2 * V, LE);
            s03.intoMemorySegment(ALL, c + 3 * V, LE);
            s10.intoMemorySegment(ALL, d, LE);
            s11.intoMemorySegment(ALL, d + V, LE);
            s12.intoMemorySegment(ALL, d + 2 * V, LE);
            s13.intoMemorySegment(ALL, d + 3 * V, LE);
            s20.intoMemorySegment(ALL, e, LE);
            s21.intoMemorySegment(ALL, e + V, LE);
            s22.intoMemorySegment(ALL, e + 2 * V, LE);
            s23.intoMemorySegment(ALL, e + 3 * V, LE);
            s30.intoMemorySegment(ALL, t, LE);
            s31.intoMemorySegment(ALL, t + V, LE);
            s32.intoMemorySegment(ALL, t + 2 * V, LE);
            s33.intoMemorySegment(ALL, t + 3 * V, LE);
        }
    }
}
