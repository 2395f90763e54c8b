package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ADDRESS;
import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.LANES;
import static dev.reprise.ops.kernel.Memory.LE;
import static dev.reprise.ops.kernel.Memory.S;
import static dev.reprise.ops.kernel.Memory.V;
import static dev.reprise.ops.tensor.Tensor.F32;
import static dev.reprise.ops.tensor.Tensor.I32;
import static dev.reprise.ops.tensor.Tensor.I64;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loops of products whose left side is half zeros, as it is behind a ReLU: they skip the steps of a zero and give the bits of
 * {@link WideTiles}, which takes them all. fma(0, b, s) is s for every finite b, except that it makes +0 of a sum of -0. Such a sum needs a product that
 * underflows; {@link #applies} says where its sign is lost anyway.
 *
 * <p>Row by row: 64 elements of A are the bits of one word ({@link #find}), and the loop goes from one bit that is set to the next. Each step reads four vectors of
 * B for four multiplications, which the first-level cache delivers just as fast: 64 rows of a panel are 16 KiB and stay there while all
 * rows of A pass by. On Zen 4 a row of 64 steps takes 260 cycles in a dense tile, here some 30 and 4.6 for each element that is not zero.
 */
final class SparseTiles {
    /** Whether this machine's panels are wide enough: four sums hide the latency of a multiplication, and with 512 bits it is worth one's while. */
    static final boolean AVAILABLE = PackedB.PANEL == 4 && LANES == 16;
    /** Whether the loops are those of {@link SparseRows}, for rows that share their marks, or those of this class. */
    static final boolean ROWS = AVAILABLE && !Processor.ONE_MULTIPLICATION;
    /** Steps of one pass: the bits of a word. */
    static final int STEPS = 64;
    /** Words of a row of 512 columns, all that {@link GemmBlock#KC} ever is. */
    private static final int WORDS = 512 / STEPS;
    /** Rows that wait for a partner, one for each number of marks: their words and their numbers, and a place for the loops' use. */
    private static final long HEAD_BYTES = 64 * 8 + 64 * 4 + 64, NUMBERS = 64 * 8, SINK = 64 * 12;
    /** The share of elements, or of fours of them, that may differ from zero, in per cent; where the loops about break even with a dense tile (Zen 4 and Zen 5). */
    private static final int MOST = ROWS ? 90 : 74;
    /** So many rows tell whether it is worth one's while to look at the others. */
    private static final int SAMPLE = 8;
    /** So many panels pay for the search for pairs: measured 1 to 3 % faster, with one panel up to 8 % slower. */
    private static final int PAIRS = 4;
    /** Bytes of B that are fetched for each pair of rows: with 64 rows all that the next pass needs. */
    static final int AHEAD = 512;
    private static final VectorSpecies<Integer> BITS = IntVector.SPECIES_PREFERRED;

    private SparseTiles() {}

    /**
     * Whether the sign of a sum that is zero does not reach the result: max(s + ..., +0) loses it, and so does the addition of a bias, unless that is -0.
     *
     * @param bias {@code n} floats, or 0
     */
    static boolean applies(Epilogue e, long bias, int n) {
        if (e.alpha() != 1) return false;
        if (e.activation() == Activation.RELU) return true;
        if (bias == 0) return false;
        boolean none = true;
        for (int j = 0; j < n; j++)
            none &= ALL.get(I32, bias + j * 4L) != Integer.MIN_VALUE;
        return none;
    }

    /** Bytes of scratch for {@code rows} rows: words, numbers of rows, and sums of one panel. */
    static long scratchBytes(int rows) {
        return sums(0, rows) + rows * 4 * V;
    }

    /** Where the words are that {@link #find} writes: row by row or pair by pair of rows, for each 64 columns. */
    static long words(long scratch) {
        return scratch + HEAD_BYTES;
    }

    /** Where {@link #pairs} writes to which row each word belongs. */
    static long order(long scratch, int rows) {
        return words(scratch) + rows * 8L * WORDS + 8;
    }

    /** Where there is place for four vectors of each row. */
    static long sums(long scratch, int rows) {
        return order(scratch, rows) + rows * 4L * WORDS + 64 & -64;
    }

    /** Four bytes for the loops' use. */
    static long sink(long scratch) { return scratch + SINK; }

    /**
     * Marks the elements of A that are not zero, for the loops that {@link #ROWS} names.
     *
     * @param panels how many panels will meet the marks
     * @return whether it is worth one's while to skip the others; if not, the words are undefined
     */
    static boolean find(long a, long lda, int rows, int k, int panels, long scratch) {
        return ROWS ? SparseRows.mark(a, lda, rows, k, MOST, SAMPLE, words(scratch)) : pairs(a, lda, rows, k, panels, MOST, scratch);
    }

    /**
     * Marks the elements of A that are not zero (NaN among them): bit p % 64 of a word for each row and 64 columns. Word i of columns p to p + 63 is at
     * {@code words + (p / 64 * rows + i) * 8}.
     *
     * @param most per cent of the elements that may differ from zero
     * @return whether there are few enough; if not, the words are undefined
     */
    static boolean mark(long a, long lda, int rows, int k, int most, long words) {
        long found = 0;
        for (int i = 0; i < rows; i++) {
            found += row(a + i * lda, k, words + i * 8L, rows * 8L);
            if (i == SAMPLE - 1 && found * 100 > (long) SAMPLE * k * most) return false;
        }
        return found * 100 <= (long) rows * k * most;
    }

    /**
     * {@link #mark}, and two rows are a pair; the one with fewer marks gets some zeros marked besides, so that both have as many: steps that {@link WideTiles} takes as well. Where
     * many panels meet the rows it is worth one's while to make pairs of rows with as many marks, where there are; otherwise neighbours are pairs, and C is written as it lies. The
     * number of the row of word i is an int at {@code order + (p / 64 * rows + i) * 4}; pairs begin where i is even.
     */
    static boolean pairs(long a, long lda, int rows, int k, int panels, int most, long scratch) {
        long all = sums(scratch, rows);
        if (!mark(a, lda, rows, k, most, all)) return false;
        for (int c = 0; c * STEPS < k; c++) {
            long from = all + c * rows * 8L, words = words(scratch) + c * rows * 8L, order = order(scratch, rows) + c * rows * 4L;
            if (panels < PAIRS) neighbours(from, rows, words, order);
            else pair(from, rows, scratch, words, order);
        }
        return true;
    }

    private static void neighbours(long from, int rows, long words, long order) {
        for (int i = 0; i < rows; i++) {
            ALL.set(I64, words + i * 8L, ALL.get(I64, from + i * 8L));
            ALL.set(I32, order + i * 4L, i);
            if ((i & 1) != 0) even(words + i * 8L);
        }
    }

    /**
     * Without a branch: whether a row finds a partner is anybody's guess. What is written where nothing is complete yet, one place behind the last too, is written
     * again by who comes next.
     */
    private static void pair(long from, int rows, long slots, long words, long order) {
        long waiting = 0;
        int done = 0;
        for (int i = 0; i < rows; i++) {
            long word = ALL.get(I64, from + i * 8L);
            int marks = Math.min(Long.bitCount(word), 63);
            long slot = slots + marks * 8L, number = slots + NUMBERS + marks * 4L, at = words + done * 8L, to = order + done * 4L;
            ALL.set(I64, at, ALL.get(I64, slot));
            ALL.set(I64, at + 8, word);
            ALL.set(I32, to, ALL.get(I32, number));
            ALL.set(I32, to + 4, i);
            ALL.set(I64, slot, word);
            ALL.set(I32, number, i);
            done += (int) (waiting >>> marks & 1) << 1;
            waiting ^= 1L << marks;
        }
        for (; waiting != 0; waiting &= waiting - 1, done++) {
            int marks = Long.numberOfTrailingZeros(waiting);
            ALL.set(I64, words + done * 8L, ALL.get(I64, slots + marks * 8L));
            ALL.set(I32, order + done * 4L, ALL.get(I32, slots + NUMBERS + marks * 4L));
            if ((done & 1) != 0) even(words + done * 8L);
        }
    }

    /** Marks zeros of one of two rows, the first ones there are. The words are at {@code at} - 8 and {@code at}. */
    private static void even(long at) {
        long x = ALL.get(I64, at - 8), y = ALL.get(I64, at);
        int more = Long.bitCount(x) - Long.bitCount(y);
        ALL.set(I64, at - 8, x | Long.expand(ones(Math.max(-more, 0)), ~x));
        ALL.set(I64, at, y | Long.expand(ones(Math.max(more, 0)), ~y));
    }

    /** @param n 0 to 64 */
    private static long ones(int n) { return (1L << (n >> 1) << n - (n >> 1)) - 1; }

    private static int row(long a, int k, long to, long step) {
        int found = 0, p = 0;
        for (; p <= k - STEPS; p += STEPS, to += step) {
            long o = a + p * 4L, word = 0;
            for (int j = 0; j < STEPS; j += LANES)
                word |= fromMemorySegment(S, ALL, o + j * 4L, LE).compare(VectorOperators.NE, 0f).toLong() << j;
            ALL.set(I64, to, word);
            found += Long.bitCount(word);
        }
        if (p == k) return found;
        long word = 0;
        for (int j = 0; p + j < k; j++)
            if (ALL.get(F32, a + (p + j) * 4L) != 0) word |= 1L << j;
        ALL.set(I64, to, word);
        return found + Long.bitCount(word);
    }

    /**
     * At most 64 steps of all rows: c[i][j] = fma(a[i][p], b[p][j], f[i][j]) for the p that are marked, ascending. Parameters are those of
     * {@link WideTiles}. Rows go in pairs, with as many marks each, so that one has work while the other waits for its sums; a last row without a partner is computed twice. No
     * loop follows for what one of two rows had left: C2 inlines so much and no more at once, and of sums that such a loop carried on, one JVM in four made objects.
     *
     * <p>An element of A is loaded as an integer and used twice. Then C2 takes it to a vector from a register; the broadcast from memory, which it prefers, would take
     * its turn with the loads of B.
     *
     * @param words one word a row
     * @param order the number of each word's row
     * @param ahead {@link #AHEAD} bytes of it are read for each pair of rows, and with {@code step} = {@link #AHEAD} the next ones for the next pair: the part of B
     *              that comes next. Where weights come from memory, the processor cannot guess it from steps that leave every other row out
     * @param sink  four bytes, which get a number without a meaning: the second use
     */
    static void add(long a, long lda, long b, long f, long ldf, long c, long ldc, int rows, long words, long order,
            long ahead, int step, long sink) {
        int seen = 0;
        for (int row = 0; row < rows; row += 2) {
            int next = Math.min(row + 1, rows - 1), i0 = ALL.get(I32, order + row * 4L), i1 = ALL.get(I32, order + next * 4L);
            long a0 = a + i0 * lda & ADDRESS, f0 = f + i0 * ldf, c0 = c + i0 * ldc, m0 = ALL.get(I64, words + row * 8L);
            long a1 = a + i1 * lda & ADDRESS, f1 = f + i1 * ldf, c1 = c + i1 * ldc, m1 = ALL.get(I64, words + next * 8L);
            FloatVector s00 = fromMemorySegment(S, ALL, f0, LE);
            FloatVector s01 = fromMemorySegment(S, ALL, f0 + V, LE);
            FloatVector s02 = fromMemorySegment(S, ALL, f0 + 2 * V, LE);
            FloatVector s03 = fromMemorySegment(S, ALL, f0 + 3 * V, LE);
            FloatVector s10 = fromMemorySegment(S, ALL, f1, LE);
            FloatVector s11 = fromMemorySegment(S, ALL, f1 + V, LE);
            FloatVector s12 = fromMemorySegment(S, ALL, f1 + 2 * V, LE);
            FloatVector s13 = fromMemorySegment(S, ALL, f1 + 3 * V, LE);
            for (int i = Long.bitCount(m0); i > 0; i--) {
                long p0 = Long.numberOfTrailingZeros(m0) & STEPS - 1, o0 = b + p0 * (4 * V);
                m0 &= m0 - 1;
                int bits0 = ALL.get(I32, a0 + p0 * 4);
                seen |= bits0;
                FloatVector x0 = IntVector.broadcast(BITS, bits0).reinterpretAsFloats();
                s00 = x0.fma(fromMemorySegment(S, ALL, o0, LE), s00);
                s01 = x0.fma(fromMemorySegment(S, ALL, o0 + V, LE), s01);
                s02 = x0.fma(fromMemorySegment(S, ALL, o0 + 2 * V, LE), s02);
                s03 = x0.fma(fromMemorySegment(S, ALL, o0 + 3 * V, LE), s03);
                long p1 = Long.numberOfTrailingZeros(m1) & STEPS - 1, o1 = b + p1 * (4 * V);
                m1 &= m1 - 1;
                int bits1 = ALL.get(I32, a1 + p1 * 4);
                seen |= bits1;
                FloatVector x1 = IntVector.broadcast(BITS, bits1).reinterpretAsFloats();
                s10 = x1.fma(fromMemorySegment(S, ALL, o1, LE), s10);
                s11 = x1.fma(fromMemorySegment(S, ALL, o1 + V, LE), s11);
                s12 = x1.fma(fromMemorySegment(S, ALL, o1 + 2 * V, LE), s12);
                s13 = x1.fma(fromMemorySegment(S, ALL, o1 + 3 * V, LE), s13);
            }
            s00.intoMemorySegment(ALL, c0, LE);
            s01.intoMemorySegment(ALL, c0 + V, LE);
            s02.intoMemorySegment(ALL, c0 + 2 * V, LE);
            s03.intoMemorySegment(ALL, c0 + 3 * V, LE);
            s10.intoMemorySegment(ALL, c1, LE);
            s11.intoMemorySegment(ALL, c1 + V, LE);
            s12.intoMemorySegment(ALL, c1 + 2 * V, LE);
            s13.intoMemorySegment(ALL, c1 + 3 * V, LE);
            for (int j = 0; j < AHEAD; j += 64)
                seen |= ALL.get(I32, ahead + j);
            ahead += step;
        }
        ALL.set(I32, sink, seen);
    }

    /**
     * The last steps of all rows and the beginning of the epilogue, as in {@link WideTiles#finish}: c[i][j] = max(sum + bias[j] + r[i][j], floor). F may be C: both
     * rows are read before one is written.
     */
    static void end(long a, long lda, long b, long f, long ldf, long c, long ldc, int rows, long words, long order, long bias,
            long r, long ldr, float floor, long ahead, int step, long sink) {
        int seen = 0;
        FloatVector low = FloatVector.broadcast(S, floor);
        for (int row = 0; row < rows; row += 2) {
            int next = Math.min(row + 1, rows - 1), i0 = ALL.get(I32, order + row * 4L), i1 = ALL.get(I32, order + next * 4L);
            long a0 = a + i0 * lda & ADDRESS, f0 = f + i0 * ldf, c0 = c + i0 * ldc, m0 = ALL.get(I64, words + row * 8L);
            long a1 = a + i1 * lda & ADDRESS, f1 = f + i1 * ldf, c1 = c + i1 * ldc, m1 = ALL.get(I64, words + next * 8L);
            long r0 = r + i0 * ldr, r1 = r + i1 * ldr;
            FloatVector s00 = fromMemorySegment(S, ALL, f0, LE);
            FloatVector s01 = fromMemorySegment(S, ALL, f0 + V, LE);
            FloatVector s02 = fromMemorySegment(S, ALL, f0 + 2 * V, LE);
            FloatVector s03 = fromMemorySegment(S, ALL, f0 + 3 * V, LE);
            FloatVector s10 = fromMemorySegment(S, ALL, f1, LE);
            FloatVector s11 = fromMemorySegment(S, ALL, f1 + V, LE);
            FloatVector s12 = fromMemorySegment(S, ALL, f1 + 2 * V, LE);
            FloatVector s13 = fromMemorySegment(S, ALL, f1 + 3 * V, LE);
            for (int i = Long.bitCount(m0); i > 0; i--) {
                long p0 = Long.numberOfTrailingZeros(m0) & STEPS - 1, o0 = b + p0 * (4 * V);
                m0 &= m0 - 1;
                int bits0 = ALL.get(I32, a0 + p0 * 4);
                seen |= bits0;
                FloatVector x0 = IntVector.broadcast(BITS, bits0).reinterpretAsFloats();
                s00 = x0.fma(fromMemorySegment(S, ALL, o0, LE), s00);
                s01 = x0.fma(fromMemorySegment(S, ALL, o0 + V, LE), s01);
                s02 = x0.fma(fromMemorySegment(S, ALL, o0 + 2 * V, LE), s02);
                s03 = x0.fma(fromMemorySegment(S, ALL, o0 + 3 * V, LE), s03);
                long p1 = Long.numberOfTrailingZeros(m1) & STEPS - 1, o1 = b + p1 * (4 * V);
                m1 &= m1 - 1;
                int bits1 = ALL.get(I32, a1 + p1 * 4);
                seen |= bits1;
                FloatVector x1 = IntVector.broadcast(BITS, bits1).reinterpretAsFloats();
                s10 = x1.fma(fromMemorySegment(S, ALL, o1, LE), s10);
                s11 = x1.fma(fromMemorySegment(S, ALL, o1 + V, LE), s11);
                s12 = x1.fma(fromMemorySegment(S, ALL, o1 + 2 * V, LE), s12);
                s13 = x1.fma(fromMemorySegment(S, ALL, o1 + 3 * V, LE), s13);
            }
            FloatVector e0 = fromMemorySegment(S, ALL, bias, LE);
            FloatVector e1 = fromMemorySegment(S, ALL, bias + V, LE);
            FloatVector e2 = fromMemorySegment(S, ALL, bias + 2 * V, LE);
            FloatVector e3 = fromMemorySegment(S, ALL, bias + 3 * V, LE);
            s00 = s00.add(e0).add(fromMemorySegment(S, ALL, r0, LE));
            s01 = s01.add(e1).add(fromMemorySegment(S, ALL, r0 + V, LE));
            s02 = s02.add(e2).add(fromMemorySegment(S, ALL, r0 + 2 * V, LE));
            s03 = s03.add(e3).add(fromMemorySegment(S, ALL, r0 + 3 * V, LE));
            s10 = s10.add(e0).add(fromMemorySegment(S, ALL, r1, LE));
            s11 = s11.add(e1).add(fromMemorySegment(S, ALL, r1 + V, LE));
            s12 = s12.add(e2).add(fromMemorySegment(S, ALL, r1 + 2 * V, LE));
            s13 = s13.add(e3).add(fromMemorySegment(S, ALL, r1 + 3 * V, LE));
            s00.blend(low, s00.compare(VectorOperators.LE, low)).intoMemorySegment(ALL, c0, LE);
            s01.blend(low, s01.compare(VectorOperators.LE, low)).intoMemorySegment(ALL, c0 + V, LE);
            s02.blend(low, s02.compare(VectorOperators.LE, low)).intoMemorySegment(ALL, c0 + 2 * V, LE);
            s03.blend(low, s03.compare(VectorOperators.LE, low)).intoMemorySegment(ALL, c0 + 3 * V, LE);
            s10.blend(low, s10.compare(VectorOperators.LE, low)).intoMemorySegment(ALL, c1, LE);
            s11.blend(low, s11.compare(VectorOperators.LE, low)).intoMemorySegment(ALL, c1 + V, LE);
            s12.blend(low, s12.compare(VectorOperators.LE, low)).intoMemorySegment(ALL, c1 + 2 * V, LE);
            s13.blend(low, s13.compare(VectorOperators.LE, low)).intoMemorySegment(ALL, c1 + 3 * V, LE);
            for (int j = 0; j < AHEAD; j += 64)
                seen |= ALL.get(I32, ahead + j);
            ahead += step;
        }
        ALL.set(I32, sink, seen);
    }
}
