package dev.reprise.ops.kernel;

import static dev.reprise.ops.tensor.Tensor.F32;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every tile, also those that this machine's number of registers does not choose, bit for bit against one fma a step. */
class TilesTest {
    private interface Loop {
        void run(long a, long lda, long b, long f, long ldf, long c, long ldc, int k, int rows);
    }

    private interface First {
        void run(long a, long lda, long b, long c, long ldc, int k, int rows);
    }

    private interface Row {
        void run(long a, long lda, long b, long f, long ldf, long c, long ldc, int k);
    }

    private record Tile(String name, int rows, int width, Loop loop, boolean first) {
        Tile(String name, int rows, int width, Loop loop) { this(name, rows, width, loop, false); }

        /** From zero alone. */
        static Tile first(String name, int rows, int width, First first) {
            return new Tile(name, rows, width, (a, lda, b, _, _, c, ldc, k, r) -> first.run(a, lda, b, c, ldc, k, r), true);
        }

        static Tile row(String name, int width, Row row) {
            return new Tile(name, 1, width, (a, lda, b, f, ldf, c, ldc, k, _) -> row.run(a, lda, b, f, ldf, c, ldc, k));
        }

        @Override
        public String toString() { return name; }
    }

    private static final int[] STEPS = {0, 1, 2, 3, 4, 7, 16, 33, 130};
    private static final int SPARE = 5;

    static Stream<Tile> tiles() {
        return Stream.of(new Tile("wide 4x4", 4, 4, WideTiles::add4x4), Tile.first("wide 4x4 from zero", 4, 4, WideTiles::first4x4),
                Tile.row("wide 1x4", 4, WideTiles::add1x4),
                new Tile("wide 4x3", 4, 3, WideTiles::add4x3), Tile.row("wide 1x3", 3, WideTiles::add1x3),
                new Tile("narrow 6x2", 6, 2, NarrowTiles::add6x2), Tile.row("narrow 1x2", 2, NarrowTiles::add1x2),
                new Tile("narrow 6x1", 6, 1, NarrowTiles::add6x1), Tile.row("narrow 1x1", 1, NarrowTiles::add1x1),
                new Tile("compact 3x3", 3, 3, CompactTiles::add3x3), new Tile("compact 4x2", 4, 2, CompactTiles::add4x2),
                Tile.row("compact 1x3", 3, CompactTiles::add1x3),
                Tile.row("compact 1x2", 2, CompactTiles::add1x2), new Tile("compact 6x1", 6, 1, CompactTiles::add6x1),
                Tile.row("compact 1x1", 1, CompactTiles::add1x1));
    }

    @ParameterizedTest
    @MethodSource("tiles")
    void oneFmaAStep(Tile t) {
        long seed = System.nanoTime();
        Random r = new Random(seed);
        for (int k : STEPS)
            for (int rows = 1; rows <= t.rows; rows++)
                for (boolean zero : t.first ? new boolean[]{true} : new boolean[]{true, false})
                    check(t, k, rows, zero, r, seed);
    }

    private static void check(Tile t, int k, int rows, boolean zero, Random r, long seed) {
        int columns = t.width * PackedB.LANES, lda = k + SPARE, ldc = columns + SPARE;
        float[] a = Floats.random(r, (long) rows * lda), b = Floats.random(r, (long) k * columns), c = Floats.random(r, (long) rows * ldc),
                expected = c.clone();
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++) {
                float sum = zero ? 0 : c[i * ldc + j];
                for (int p = 0; p < k; p++)
                    sum = Math.fma(a[i * lda + p], b[p * columns + j], sum);
                expected[i * ldc + j] = sum;
            }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment am = copy(arena, a), bm = copy(arena, b), cm = copy(arena, c);
            t.loop.run(am.address(), lda * 4L, bm.address(), zero ? Memory.ZEROS : cm.address(), zero ? 0 : ldc * 4L, cm.address(),
                    ldc * 4L, k, rows);
            float[] found = new float[c.length];
            MemorySegment.copy(cm, F32, 0, found, 0, found.length);
            Floats.assertSameBits(t + ", k " + k + ", rows " + rows + ", from zero " + zero + ", seed " + seed, found, expected);
        }
    }

    /** What Java's own arithmetic makes of sum, bias, residual and ReLU: each step rounded, NaN kept, -0 told from 0 where there is no ReLU; also where the residual is C. */
    @ParameterizedTest
    @CsvSource({"false, false, false", "true, false, false", "true, true, false", "true, true, true", "false, true, true"})
    void finishRoundsEachStep(boolean relu, boolean residual, boolean inPlace) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        float[] odd = {0f, -0f, Float.NaN, Float.intBitsToFloat(0xffc00000), Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY,
            Float.MIN_VALUE, -1e-38f};
        int columns = 4 * PackedB.LANES, ldc = columns + SPARE;
        for (int rows : new int[]{0, 1, 2, 3, 4, 9}) {
            float[] t = Floats.random(random, (long) rows * columns), bias = Floats.random(random, columns),
                    r = Floats.random(random, (long) rows * ldc), c = inPlace ? r : Floats.random(random, (long) rows * ldc),
                    expected = c.clone();
            for (int i = 0; i < t.length; i++)
                if (i % 3 == 0) t[i] = odd[random.nextInt(odd.length)];
            for (int j = 0; j < columns; j += 2)
                bias[j] = -0f;
            for (int i = 0; i < rows; i++)
                for (int j = 0; j < columns; j++) {
                    float sum = t[i * columns + j] + bias[j];
                    if (residual) sum += r[i * ldc + j];
                    expected[i * ldc + j] = relu ? Math.max(sum, 0f) : sum;
                }
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment tm = copy(arena, t), bm = copy(arena, bias), cm = copy(arena, c), rm = inPlace ? cm : copy(arena, r);
                WideTiles.finish(tm.address(), rows, cm.address(), ldc * 4L, bm.address(), residual ? rm.address() : Memory.NOTHING,
                        residual ? ldc * 4L : 0, relu ? 0 : Float.NEGATIVE_INFINITY);
                float[] found = new float[c.length];
                MemorySegment.copy(cm, F32, 0, found, 0, found.length);
                for (int i = 0; i < found.length; i++) // which NaN it is, is the processor's affair
                    if (Float.isNaN(found[i]) && Float.isNaN(expected[i])) found[i] = expected[i];
                Floats.assertSameBits("rows " + rows + ", seed " + seed, found, expected);
            }
        }
    }

    private static MemorySegment copy(Arena arena, float[] values) {
        MemorySegment m = arena.allocate(4L * Math.max(1, values.length), 64);
        MemorySegment.copy(values, 0, m, F32, 0, values.length);
        return m;
    }
}
