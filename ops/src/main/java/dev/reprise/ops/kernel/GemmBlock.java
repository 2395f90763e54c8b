package dev.reprise.ops.kernel;

import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * One thread's share of a float32 product: some rows of A times some panels of a packed B ({@link PackedB}), K cut into
 * blocks that continue from the stored partial sums. Every element of C is one accumulator that starts from zero and
 * takes one fma a step, K ascending, so no cut changes a bit.
 */
final class GemmBlock {
    /** Rows of B in one pass: a panel of 512 rows is 128 KiB, which stays in the second-level cache while A passes by. */
    static final int KC = 512;
    /** Bytes of scratch one worker needs: a tile for panels that are wider than what is left of C. */
    static final long TILE_BYTES = 6 * PackedB.PANEL * WideTiles.V;

    private GemmBlock() {}

    /**
     * Adds rows x kc of A times panels [from, to) of B into C, and applies the epilogue where {@code last}.
     *
     * @param bAt      where the packed matrix of {@code k} rows and {@code n} columns begins
     * @param k0       the first row of B that is used
     * @param cAt      element [row 0, column 0] of the block's rows, whichever panels are asked for
     * @param e        with {@code bias} (n floats from biasAt) and {@code residual} (laid out as C), both may be null
     * @param residual its rows are {@code ldc} bytes apart
     */
    static void run(MemorySegment a, long aAt, long lda, int rows, MemorySegment b, long bAt, int k, int n, int k0, int kc, int from,
            int to,
            MemorySegment c, long cAt, long ldc, Epilogue e, MemorySegment bias, long biasAt, MemorySegment residual, long residualAt,
            MemorySegment tile, long tileAt) {
        boolean first = k0 == 0, last = k0 + kc == k;
        for (int j = from; j < to; j++) {
            int width = PackedB.width(n, j), column = j * PackedB.PANEL_COLUMNS, columns = Math.min(width * PackedB.LANES, n - column);
            long panel = bAt + (long) column * k * 4 + k0 * width * WideTiles.V, cj = cAt + column * 4L;
            if (columns == width * PackedB.LANES) whole(a, aAt, lda, rows, b, panel, width, kc, c, cj, ldc, first);
            else edge(a, aAt, lda, rows, b, panel, width, columns, kc, c, cj, ldc, first, tile, tileAt);
            if (last) e.apply(c, cj, ldc, rows, columns, bias, biasAt + column * 4L, residual, residualAt + column * 4L, ldc);
        }
    }

    /** C (+)= A times one panel of B, whole vectors of columns; starts from zero where {@code first}. */
    static void whole(MemorySegment a, long aAt, long lda, int rows, MemorySegment b, long panel, int width, int kc,
            MemorySegment c, long cAt,
            long ldc, boolean first) {
        for (int i = 0; i < rows;) {
            int step = step(rows - i, width), use = Math.min(step, rows - i);
            if (first) zero(c, cAt, ldc, use, width);
            tile(a, aAt, lda, b, panel, width, c, cAt, ldc, kc, step, use);
            aAt += step * lda;
            cAt += step * ldc;
            i += step;
        }
    }

    private static void edge(MemorySegment a, long aAt, long lda, int rows, MemorySegment b, long panel, int width, int columns, int kc,
            MemorySegment c,
            long cAt, long ldc, boolean first, MemorySegment tile, long tileAt) {
        long ldt = width * WideTiles.V;
        for (int i = 0; i < rows;) {
            int step = step(rows - i, width), use = Math.min(step, rows - i);
            zero(tile, tileAt, ldt, use, width);
            if (!first)
                for (int r = 0; r < use; r++)
                    MemorySegment.copy(c, cAt + r * ldc, tile, tileAt + r * ldt, columns * 4L);
            tile(a, aAt, lda, b, panel, width, tile, tileAt, ldt, kc, step, use);
            for (int r = 0; r < use; r++)
                MemorySegment.copy(tile, tileAt + r * ldt, c, cAt + r * ldc, columns * 4L);
            aAt += step * lda;
            cAt += step * ldc;
            i += step;
        }
    }

    /** Rows of the next tile where {@code left} are left. */
    private static int step(int left, int width) {
        return left == 1 ? 1 : width > 2 ? 4 : 6;
    }

    private static void zero(MemorySegment c, long at, long ldc, int rows, int width) {
        FloatVector zero = FloatVector.zero(WideTiles.S);
        for (int r = 0; r < rows; r++)
            for (int j = 0; j < width; j++)
                zero.intoMemorySegment(c, at + r * ldc + j * WideTiles.V, WideTiles.LE);
    }

    private static void tile(MemorySegment a, long aAt, long lda, MemorySegment b, long panel, int width, MemorySegment c, long cAt,
            long ldc, int k,
            int step, int rows) {
        switch (width) {
            case 4 -> {
                if (step == 4) WideTiles.add4x4(a, aAt, lda, b, panel, c, cAt, ldc, k, rows);
                else WideTiles.add1x4(a, aAt, lda, b, panel, c, cAt, ldc, k);
            }
            case 3 -> {
                if (step == 4) WideTiles.add4x3(a, aAt, lda, b, panel, c, cAt, ldc, k, rows);
                else WideTiles.add1x3(a, aAt, lda, b, panel, c, cAt, ldc, k);
            }
            case 2 -> {
                if (step == 6) NarrowTiles.add6x2(a, aAt, lda, b, panel, c, cAt, ldc, k, rows);
                else NarrowTiles.add1x2(a, aAt, lda, b, panel, c, cAt, ldc, k);
            }
            default -> {
                if (step == 6) NarrowTiles.add6x1(a, aAt, lda, b, panel, c, cAt, ldc, k, rows);
                else NarrowTiles.add1x1(a, aAt, lda, b, panel, c, cAt, ldc, k);
            }
        }
    }

    /** Writes A transposed ({@code k} rows of {@code m} floats) as m rows of k floats. */
    static void transpose(MemorySegment from, long at, int k, int m, MemorySegment to, long toAt) {
        for (int i0 = 0; i0 < m; i0 += 16)
            for (int p = 0; p < k; p++)
                for (int i = i0; i < Math.min(m, i0 + 16); i++)
                    to.set(Tensor.F32, toAt + ((long) i * k + p) * 4, from.get(Tensor.F32, at + ((long) p * m + i) * 4));
    }
}
