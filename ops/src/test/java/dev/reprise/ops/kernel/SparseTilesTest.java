package dev.reprise.ops.kernel;

import static dev.reprise.ops.tensor.Tensor.F32;
import static dev.reprise.ops.tensor.Tensor.I32;
import static dev.reprise.ops.tensor.Tensor.I64;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Collections;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The loops that leave zeros out, on any machine's vectors, bit for bit against one fma for each element that is not zero. */
class SparseTilesTest {
    private static final int SPARE = 5;

    @ParameterizedTest
    @CsvSource({"1,1,1", "9,64,0.5", "3,63,0.9", "20,65,0.6", "12,130,1", "5,512,0.45", "96,130,0.5", "95,512,0.5"})
    void marksWhatIsNotZeroAndAsManyInBothRowsOfAPair(int rows, int k, double zeros) {
        long seed = System.nanoTime();
        Random r = new Random(seed);
        float[] a = Floats.withZeros(r, (long) rows * (k + SPARE), zeros, true);
        for (int panels : new int[]{1, 8})
            check(a, rows, k, panels, "seed " + seed + ", panels " + panels);
    }

    @Test
    void aRowWithoutZerosBesideOneOfNothingElse() {
        float[] a = new float[2 * (64 + SPARE)];
        for (int panels : new int[]{1, 8}) {
            Arrays.fill(a, 0);
            Arrays.fill(a, 0, 64, 1);
            check(a, 2, 64, panels, "ones first");
            Arrays.fill(a, 0);
            Arrays.fill(a, 64 + SPARE, 2 * 64 + SPARE, 1);
            check(a, 2, 64, panels, "zeros first");
        }
    }

    @Test
    void rowsWithAsManyMarksArePairs() {
        // 1, 2, 3, 4 marks, then the same again; row 8 has one too, and no partner but row 9 with five.
        int[] marks = {1, 2, 3, 4, 1, 2, 3, 4, 1, 5};
        float[] a = new float[marks.length * (64 + SPARE)];
        for (int i = 0; i < marks.length; i++)
            Arrays.fill(a, i * (64 + SPARE), i * (64 + SPARE) + marks[i], -1);
        assertThat(check(a, marks.length, 64, 8, "many panels")).containsExactly(0, 4, 1, 5, 2, 6, 3, 7, 8, 9);
        assertThat(check(a, marks.length, 64, 1, "one panel")).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "9,64,0.5", "20,65,0.6", "12,130,1", "95,512,0.5"})
    void marksWhatIsNotZeroRowByRow(int rows, int k, double zeros) {
        long seed = System.nanoTime();
        float[] a = Floats.withZeros(new Random(seed), (long) rows * (k + SPARE), zeros, true);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment words = arena.allocate(8L * rows * Math.ceilDiv(k, 64), 8);
            assertThat(SparseTiles.mark(copy(arena, a).address(), (k + SPARE) * 4L, rows, k, 74, words.address())).as("seed " + seed)
                    .isTrue();
            for (int i = 0; i < rows; i++)
                for (int p = 0; p < k; p++)
                    assertThat(words.getAtIndex(I64, p / 64 * (long) rows + i) >>> p % 64 & 1).as("seed %d, row %d, column %d", seed, i, p)
                            .isEqualTo(a[i * (k + SPARE) + p] != 0 ? 1 : 0);
        }
    }

    @ParameterizedTest
    @CsvSource({"4,1,0.5", "9,64,0.5", "23,65,0.8", "12,130,1", "95,512,0.9", "8,63,0.9"})
    void marksWhatIsNotZeroInAnyOfFourRows(int rows, int k, double zeros) {
        long seed = System.nanoTime();
        float[] a = Floats.withZeros(new Random(seed), (long) rows * (k + SPARE), zeros, true);
        int fours = rows / 4;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment words = arena.allocate(8L * fours * Math.ceilDiv(k, 64), 8);
            assertThat(SparseRows.mark(copy(arena, a).address(), (k + SPARE) * 4L, rows, k, 100, 8, words.address())).as("seed " + seed)
                    .isTrue();
            for (int i = 0; i < fours; i++)
                for (int p = 0; p < 64 * Math.ceilDiv(k, 64); p++) {
                    boolean any = false;
                    for (int row = 4 * i; row < 4 * i + 4; row++)
                        any |= p < k && a[row * (k + SPARE) + p] != 0;
                    assertThat(words.getAtIndex(I64, p / 64 * (long) fours + i) >>> p % 64 & 1)
                            .as("seed %d, four %d, column %d", seed, i, p)
                            .isEqualTo(any ? 1 : 0);
                }
            assertThat(SparseRows.mark(copy(arena, a).address(), (k + SPARE) * 4L, 3, k, 100, 8, words.address())).as("too few rows")
                    .isFalse();
        }
    }

    /** @return the order of the rows in the last word */
    private static int[] check(float[] a, int rows, int k, int panels, String what) {
        int[] order = new int[rows];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment am = copy(arena, a), scratch = arena.allocate(SparseTiles.scratchBytes(rows), 64);
            assertThat(SparseTiles.pairs(am.address(), (k + SPARE) * 4L, rows, k, panels, 74, scratch.address())).as(what).isTrue();
            long words = SparseTiles.words(0), numbers = SparseTiles.order(0, rows);
            for (int c = 0; c * 64 < k; c++) {
                for (int i = 0; i < rows; i++)
                    order[i] = scratch.get(I32, numbers + ((long) c * rows + i) * 4);
                assertThat(Arrays.stream(order).sorted().toArray()).as("%s: word %d", what, c)
                        .containsExactly(IntStream.range(0, rows).toArray());
                for (int i = 0; i < rows; i++) {
                    int partner = order[Math.min(i ^ 1, rows - 1)], own = marked(a, order[i], k, c),
                            most = Math.max(own, marked(a, partner, k, c));
                    long word = scratch.get(I64, words + ((long) c * rows + i) * 8);
                    String where = what + ": row " + order[i] + ", word " + c;
                    assertThat(Long.bitCount(word)).as(where).isEqualTo(most);
                    for (int p = 0; p < 64; p++) {
                        boolean set = (word >>> p & 1) != 0;
                        if (c * 64 + p >= k) assertThat(set).as(where).isFalse();
                        else if (own == most) assertThat(set).as(where).isEqualTo(a[order[i] * (k + SPARE) + c * 64 + p] != 0);
                        else if (!set) assertThat(a[order[i] * (k + SPARE) + c * 64 + p]).as(where).isEqualTo(0);
                    }
                }
            }
        }
        return order;
    }

    private static int marked(float[] a, int row, int k, int word) {
        int n = 0;
        for (int p = word * 64; p < Math.min(k, word * 64 + 64); p++)
            if (a[row * (k + SPARE) + p] != 0) n++;
        return n;
    }

    @ParameterizedTest
    @CsvSource({"0,74,false", "0.2,74,false", "0.4,74,true", "1,74,true", "0.5,40,false", "0.7,40,true"})
    void isWorthOnesWhileWhereEnoughIsZero(double zeros, int most, boolean worth) {
        float[] a = Floats.withZeros(new Random(1), 32 * 256, zeros, false);
        try (Arena arena = Arena.ofConfined()) {
            long scratch = arena.allocate(SparseTiles.scratchBytes(32), 64).address();
            assertThat(SparseTiles.pairs(copy(arena, a).address(), 1024, 32, 256, 1, most, scratch)).isEqualTo(worth);
            assertThat(SparseTiles.mark(copy(arena, a).address(), 1024, 32, 256, most, scratch)).isEqualTo(worth);
            // A row four times has as many marks as by itself.
            assertThat(SparseRows.mark(copy(arena, a).address(), 0, 32, 256, most, 8, scratch))
                    .isEqualTo(SparseTiles.mark(copy(arena, a).address(), 0, 32, 256, most, scratch));
            assertThat(SparseRows.mark(copy(arena, a).address(), 1024, 32, 256, zeros == 1 ? 0 : 100, 8, scratch)).isTrue();
            assertThat(SparseRows.mark(copy(arena, a).address(), 1024, 32, 256, 5, 8, scratch)).isEqualTo(zeros == 1);
        }
    }

    @Test
    void oneFmaForEachThatIsMarked() {
        long seed = System.nanoTime();
        Random r = new Random(seed);
        for (int steps : new int[]{1, 7, 64})
            for (int rows = 1; rows <= 5; rows++)
                for (double zeros : new double[]{0, 0.5, 0.9, 1})
                    for (int variant = 0; variant < 8; variant++)
                        check(steps, rows, zeros, (variant & 1) != 0, (variant & 2) != 0, (variant & 4) != 0, r, seed);
    }

    private static void check(int steps, int rows, double zeros, boolean fresh, boolean end, boolean inPlace, Random r, long seed) {
        int n = 4 * PackedB.LANES, lda = steps + SPARE, ldc = n + SPARE;
        float[] a = Floats.withZeros(r, (long) rows * lda, zeros, false), b = Floats.random(r, (long) steps * n),
                f = Floats.random(r, (long) rows * ldc), residual = Floats.random(r, (long) rows * ldc), bias = Floats.random(r, n),
                expected = new float[rows * ldc];
        long[] words = new long[rows];
        for (int i = 0; i < rows; i++) {
            for (int p = 0; p < steps; p++)
                if (a[i * lda + p] != 0) words[i] |= 1L << p;
            for (int j = 0; j < n; j++) {
                float sum = fresh ? 0 : f[i * ldc + j];
                for (int p = 0; p < steps; p++)
                    if (a[i * lda + p] != 0) sum = Math.fma(a[i * lda + p], b[p * n + j], sum);
                expected[i * ldc + j] = end ? Math.max(sum + bias[j] + residual[i * ldc + j], 0f) : sum;
            }
        }
        // As find does: rows in any order, and both of a pair have as many marks, of zeros where there is nothing else.
        Integer[] order = new Integer[rows];
        Arrays.setAll(order, i -> i);
        Collections.shuffle(Arrays.asList(order), r);
        long[] sorted = words.clone();
        for (int i = 0; i < rows; i++)
            words[i] = sorted[order[i]];
        for (int i = 1; i < rows; i += 2)
            for (int p = 0; Long.bitCount(words[i]) != Long.bitCount(words[i - 1]); p++)
                words[Long.bitCount(words[i]) < Long.bitCount(words[i - 1]) ? i : i - 1] |= 1L << p;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment am = copy(arena, a), bm = copy(arena, b), fm = copy(arena, f), rm = copy(arena, residual),
                    biases = copy(arena, bias);
            MemorySegment masks = arena.allocate(8L * rows, 8), numbers = arena.allocate(4L * rows, 8),
                    scratch = arena.allocate(SparseTiles.AHEAD, 64);
            MemorySegment.copy(words, 0, masks, I64, 0, rows);
            for (int i = 0; i < rows; i++)
                numbers.setAtIndex(I32, i, order[i]);
            MemorySegment cm = inPlace ? end ? rm : fm : arena.allocate(4L * rows * ldc, 64);
            long from = fresh ? Memory.ZEROS : fm.address(), ldf = fresh ? 0 : ldc * 4L, s = scratch.address();
            if (end)
                SparseTiles.end(am.address(), lda * 4L, bm.address(), from, ldf, cm.address(), ldc * 4L, rows, masks.address(),
                        numbers.address(), biases.address(), rm.address(), ldc * 4L, 0, s, 0, s);
            else
                SparseTiles.add(am.address(), lda * 4L, bm.address(), from, ldf, cm.address(), ldc * 4L, rows, masks.address(),
                        numbers.address(), s, 0, s);
            for (int i = 0; i < rows; i++)
                for (int j = 0; j < n; j++)
                    assertThat(Float.floatToIntBits(cm.getAtIndex(F32, (long) i * ldc + j)))
                            .as("seed %d: %d steps, %d rows, zeros %.1f, fresh %b, end %b, in place %b, row %d, column %d", seed, steps,
                                    rows, zeros,
                                    fresh, end, inPlace, i, j)
                            .isEqualTo(Float.floatToIntBits(expected[i * ldc + j]));
        }
    }

    @Test
    void foursOfRowsShareTheirMarks() {
        long seed = System.nanoTime();
        Random r = new Random(seed);
        for (int steps : new int[]{1, 7, 64})
            for (int rows = 0; rows <= 12; rows += 4)
                for (double zeros : new double[]{0, 0.5, 0.9, 1})
                    for (int variant = 0; variant < 4; variant++)
                        checkRows(steps, rows, zeros, (variant & 1) != 0, (variant & 2) != 0, r, seed);
    }

    private static void checkRows(int steps, int rows, double zeros, boolean fresh, boolean inPlace, Random r, long seed) {
        int n = 4 * PackedB.LANES, lda = steps + SPARE, ldc = n + SPARE;
        float[] a = Floats.withZeros(r, (long) rows * lda, zeros, false), b = Floats.random(r, (long) steps * n),
                f = Floats.random(r, (long) rows * ldc), expected = new float[rows * ldc];
        long[] words = new long[rows / 4];
        for (int i = 0; i < rows; i++)
            for (int p = 0; p < steps; p++)
                if (a[i * lda + p] != 0 || r.nextInt(8) == 0) words[i / 4] |= 1L << p;
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < n; j++) {
                float sum = fresh ? 0 : f[i * ldc + j];
                for (int p = 0; p < steps; p++)
                    if ((words[i / 4] >>> p & 1) != 0) sum = Math.fma(a[i * lda + p], b[p * n + j], sum);
                expected[i * ldc + j] = sum;
            }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment fm = copy(arena, f), cm = inPlace ? fm : arena.allocate(4L * Math.max(1, rows * ldc), 64),
                    masks = arena.allocate(8L * Math.max(1, words.length), 8);
            MemorySegment.copy(words, 0, masks, I64, 0, words.length);
            SparseRows.add4x4(copy(arena, a).address(), lda * 4L, copy(arena, b).address(), fresh ? Memory.ZEROS : fm.address(),
                    fresh ? 0 : ldc * 4L, cm.address(), ldc * 4L, rows, masks.address());
            for (int i = 0; i < rows; i++)
                for (int j = 0; j < n; j++)
                    assertThat(Float.floatToIntBits(cm.getAtIndex(F32, (long) i * ldc + j)))
                            .as("seed %d: %d steps, %d rows, zeros %.1f, fresh %b, in place %b, row %d, column %d", seed, steps, rows,
                                    zeros,
                                    fresh, inPlace, i, j)
                            .isEqualTo(Float.floatToIntBits(expected[i * ldc + j]));
        }
    }

    private static MemorySegment copy(Arena arena, float[] values) {
        MemorySegment m = arena.allocate(4L * Math.max(1, values.length), 64);
        MemorySegment.copy(values, 0, m, F32, 0, values.length);
        return m;
    }
}
