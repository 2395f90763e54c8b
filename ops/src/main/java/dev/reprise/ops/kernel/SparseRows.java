package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ADDRESS;
import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.LE;
import static dev.reprise.ops.kernel.Memory.S;
import static dev.reprise.ops.kernel.Memory.V;
import static dev.reprise.ops.tensor.Tensor.F32;
import static dev.reprise.ops.tensor.Tensor.I64;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * What {@link SparseTiles} does, for processors that begin two multiplications of 512 bits in a cycle. They load as many vectors and no more, so each element of A, which is a
 * load itself, meets two panels of B: eight sums of one row, which are just enough to hide the latency of the multiplications, and no row needs a partner.
 *
 * <p>64 rows of two panels are 32 KiB, which such processors' first-level caches of 48 KiB hold. An element takes 4.5 cycles for its two panels and a row some 50 besides, where a dense
 * tile takes 4 for every step: .66 to .70 of the time where 47 % are not zero (Zen 5). Two rows at a time took .71 to .77, since sixteen sums with bias and residual are more than the JVM's
 * first compiler has virtual registers for; panels one by one, from a general register as {@link SparseTiles} does it, .96.
 */
final class SparseRows {
    private SparseRows() {}

    /**
     * At most 64 steps of all rows and two panels: c[i][j] = fma(a[i][p], b[p][j], f[i][j]) for the p that are marked, ascending. Parameters are those of {@link WideTiles}, where C and F
     * have eight vectors in a row.
     *
     * @param b      the rows of the first panel
     * @param second those of the second
     * @param words  a word a row, which has bit p set where a[i][p] takes part
     */
    static void add(long a0, long lda, long b, long second, long f0, long ldf, long c0, long ldc, int rows, long words) {
        b &= ADDRESS;
        second &= ADDRESS;
        for (int row = 0; row < rows; row++) {
            long a = a0 + row * lda & ADDRESS, f = f0 + row * ldf, left = ALL.get(I64, words + row * 8L);
            FloatVector s0 = fromMemorySegment(S, ALL, f, LE);
            FloatVector s1 = fromMemorySegment(S, ALL, f + V, LE);
            FloatVector s2 = fromMemorySegment(S, ALL, f + 2 * V, LE);
            FloatVector s3 = fromMemorySegment(S, ALL, f + 3 * V, LE);
            FloatVector s4 = fromMemorySegment(S, ALL, f + 4 * V, LE);
            FloatVector s5 = fromMemorySegment(S, ALL, f + 5 * V, LE);
            FloatVector s6 = fromMemorySegment(S, ALL, f + 6 * V, LE);
            FloatVector s7 = fromMemorySegment(S, ALL, f + 7 * V, LE);
            for (int i = Long.bitCount(left); i > 0; i--) {
                long p = Long.numberOfTrailingZeros(left) & SparseTiles.STEPS - 1, o = b + p * (4 * V), q = second + p * (4 * V);
                left &= left - 1;
                FloatVector x = FloatVector.broadcast(S, ALL.get(F32, a + p * 4));
                s0 = x.fma(fromMemorySegment(S, ALL, o, LE), s0);
                s1 = x.fma(fromMemorySegment(S, ALL, o + V, LE), s1);
                s2 = x.fma(fromMemorySegment(S, ALL, o + 2 * V, LE), s2);
                s3 = x.fma(fromMemorySegment(S, ALL, o + 3 * V, LE), s3);
                s4 = x.fma(fromMemorySegment(S, ALL, q, LE), s4);
                s5 = x.fma(fromMemorySegment(S, ALL, q + V, LE), s5);
                s6 = x.fma(fromMemorySegment(S, ALL, q + 2 * V, LE), s6);
                s7 = x.fma(fromMemorySegment(S, ALL, q + 3 * V, LE), s7);
            }
            long c = c0 + row * ldc;
            s0.intoMemorySegment(ALL, c, LE);
            s1.intoMemorySegment(ALL, c + V, LE);
            s2.intoMemorySegment(ALL, c + 2 * V, LE);
            s3.intoMemorySegment(ALL, c + 3 * V, LE);
            s4.intoMemorySegment(ALL, c + 4 * V, LE);
            s5.intoMemorySegment(ALL, c + 5 * V, LE);
            s6.intoMemorySegment(ALL, c + 6 * V, LE);
            s7.intoMemorySegment(ALL, c + 7 * V, LE);
        }
    }

    /**
     * The last steps of all rows and the beginning of the epilogue, as in {@link WideTiles#finish}: c[i][j] = max(sum + bias[j] + r[i][j], floor). R may be C: a row is read before it is
     * written.
     */
    static void end(long a0, long lda, long b, long second, long f0, long ldf, long c0, long ldc, int rows, long words, long bias, long r0,
            long ldr, float floor) {
        b &= ADDRESS;
        second &= ADDRESS;
        FloatVector low = FloatVector.broadcast(S, floor);
        for (int row = 0; row < rows; row++) {
            long a = a0 + row * lda & ADDRESS, f = f0 + row * ldf, left = ALL.get(I64, words + row * 8L);
            FloatVector s0 = fromMemorySegment(S, ALL, f, LE);
            FloatVector s1 = fromMemorySegment(S, ALL, f + V, LE);
            FloatVector s2 = fromMemorySegment(S, ALL, f + 2 * V, LE);
            FloatVector s3 = fromMemorySegment(S, ALL, f + 3 * V, LE);
            FloatVector s4 = fromMemorySegment(S, ALL, f + 4 * V, LE);
            FloatVector s5 = fromMemorySegment(S, ALL, f + 5 * V, LE);
            FloatVector s6 = fromMemorySegment(S, ALL, f + 6 * V, LE);
            FloatVector s7 = fromMemorySegment(S, ALL, f + 7 * V, LE);
            for (int i = Long.bitCount(left); i > 0; i--) {
                long p = Long.numberOfTrailingZeros(left) & SparseTiles.STEPS - 1, o = b + p * (4 * V), q = second + p * (4 * V);
                left &= left - 1;
                FloatVector x = FloatVector.broadcast(S, ALL.get(F32, a + p * 4));
                s0 = x.fma(fromMemorySegment(S, ALL, o, LE), s0);
                s1 = x.fma(fromMemorySegment(S, ALL, o + V, LE), s1);
                s2 = x.fma(fromMemorySegment(S, ALL, o + 2 * V, LE), s2);
                s3 = x.fma(fromMemorySegment(S, ALL, o + 3 * V, LE), s3);
                s4 = x.fma(fromMemorySegment(S, ALL, q, LE), s4);
                s5 = x.fma(fromMemorySegment(S, ALL, q + V, LE), s5);
                s6 = x.fma(fromMemorySegment(S, ALL, q + 2 * V, LE), s6);
                s7 = x.fma(fromMemorySegment(S, ALL, q + 3 * V, LE), s7);
            }
            long c = c0 + row * ldc, r = r0 + row * ldr;
            s0 = s0.add(fromMemorySegment(S, ALL, bias, LE)).add(fromMemorySegment(S, ALL, r, LE));
            s1 = s1.add(fromMemorySegment(S, ALL, bias + V, LE)).add(fromMemorySegment(S, ALL, r + V, LE));
            s2 = s2.add(fromMemorySegment(S, ALL, bias + 2 * V, LE)).add(fromMemorySegment(S, ALL, r + 2 * V, LE));
            s3 = s3.add(fromMemorySegment(S, ALL, bias + 3 * V, LE)).add(fromMemorySegment(S, ALL, r + 3 * V, LE));
            s4 = s4.add(fromMemorySegment(S, ALL, bias + 4 * V, LE)).add(fromMemorySegment(S, ALL, r + 4 * V, LE));
            s5 = s5.add(fromMemorySegment(S, ALL, bias + 5 * V, LE)).add(fromMemorySegment(S, ALL, r + 5 * V, LE));
            s6 = s6.add(fromMemorySegment(S, ALL, bias + 6 * V, LE)).add(fromMemorySegment(S, ALL, r + 6 * V, LE));
            s7 = s7.add(fromMemorySegment(S, ALL, bias + 7 * V, LE)).add(fromMemorySegment(S, ALL, r + 7 * V, LE));
            s0.blend(low, s0.compare(VectorOperators.LE, low)).intoMemorySegment(ALL, c, LE);
            s1.blend(low, s1.compare(VectorOperators.LE, low)).intoMemorySegment(ALL, c + V, LE);
            s2.blend(low, s2.compare(VectorOperators.LE, low)).intoMemorySegment(ALL, c + 2 * V, LE);
            s3.blend(low, s3.compare(VectorOperators.LE, low)).intoMemorySegment(ALL, c + 3 * V, LE);
            s4.blend(low, s4.compare(VectorOperators.LE, low)).intoMemorySegment(ALL, c + 4 * V, LE);
            s5.blend(low, s5.compare(VectorOperators.LE, low)).intoMemorySegment(ALL, c + 5 * V, LE);
            s6.blend(low, s6.compare(VectorOperators.LE, low)).intoMemorySegment(ALL, c + 6 * V, LE);
            s7.blend(low, s7.compare(VectorOperators.LE, low)).intoMemorySegment(ALL, c + 7 * V, LE);
        }
    }
}
