package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.LE;
import static dev.reprise.ops.kernel.Memory.S;
import static dev.reprise.ops.kernel.Memory.V;
import static dev.reprise.ops.tensor.Tensor.F32;

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
    static final long TILE_BYTES = 6 * PackedB.PANEL * V;

    private GemmBlock() {}

    /**
     * Adds rows x kc of A times panels [from, to) of B into C, and applies the epilogue where {@code last}.
     *
     * @param a        element [row 0, column k0]
     * @param b        the packed matrix of {@code k} rows and {@code n} columns
     * @param k0       the first row of B that is used
     * @param c        element [row 0, column 0] of the block's rows, whichever panels are asked for
     * @param e        with {@code bias} (n floats) and {@code residual} (laid out as C), where these are not 0
     * @param residual its element [row 0, column 0]; rows are {@code ldc} bytes apart
     * @param tile     {@link #TILE_BYTES} of scratch
     */
    static void run(long a, long lda, int rows, long b, int k, int n, int k0, int kc, int from, int to, long c, long ldc, Epilogue e,
            long bias, long residual, long tile) {
        boolean first = k0 == 0, last = k0 + kc == k;
        for (int j = from; j < to; j++) {
            int width = PackedB.width(n, j), column = j * PackedB.PANEL_COLUMNS, columns = Math.min(width * PackedB.LANES, n - column);
            long panel = b + (long) column * k * 4 + k0 * width * V, cj = c + column * 4L;
            if (columns == width * PackedB.LANES) whole(a, lda, rows, panel, width, kc, cj, ldc, first);
            else edge(a, lda, rows, panel, width, columns, kc, cj, ldc, first, tile);
            if (last) e.apply(cj, ldc, rows, columns, bias == 0 ? 0 : bias + column * 4L, residual == 0 ? 0 : residual + column * 4L, ldc);
        }
    }

    /** C (+)= A times one panel of B, whole vectors of columns; starts from zero where {@code first}. */
    static void whole(long a, long lda, int rows, long panel, int width, int kc, long c, long ldc, boolean first) {
        for (int i = 0; i < rows;) {
            int step = step(rows - i, width), use = Math.min(step, rows - i);
            if (first) zero(c, ldc, use, width);
            tile(a, lda, panel, width, c, ldc, kc, step, use);
            a += step * lda;
            c += step * ldc;
            i += step;
        }
    }

    private static void edge(long a, long lda, int rows, long panel, int width, int columns, int kc, long c, long ldc, boolean first,
            long tile) {
        long ldt = width * V;
        for (int i = 0; i < rows;) {
            int step = step(rows - i, width), use = Math.min(step, rows - i);
            zero(tile, ldt, use, width);
            if (!first)
                for (int r = 0; r < use; r++)
                    Memory.copy(c + r * ldc, tile + r * ldt, columns * 4L);
            tile(a, lda, panel, width, tile, ldt, kc, step, use);
            for (int r = 0; r < use; r++)
                Memory.copy(tile + r * ldt, c + r * ldc, columns * 4L);
            a += step * lda;
            c += step * ldc;
            i += step;
        }
    }

    /** Rows of the next tile where {@code left} are left. */
    private static int step(int left, int width) {
        return left == 1 ? 1 : width > 2 ? 4 : 6;
    }

    private static void zero(long at, long ldc, int rows, int width) {
        FloatVector zero = FloatVector.zero(S);
        for (int r = 0; r < rows; r++)
            for (int j = 0; j < width; j++)
                zero.intoMemorySegment(ALL, at + r * ldc + j * V, LE);
    }

    private static void tile(long a, long lda, long panel, int width, long c, long ldc, int k, int step, int rows) {
        switch (width) {
            case 4 -> {
                if (step == 4) WideTiles.add4x4(a, lda, panel, c, ldc, k, rows);
                else WideTiles.add1x4(a, lda, panel, c, ldc, k);
            }
            case 3 -> {
                if (step == 4) WideTiles.add4x3(a, lda, panel, c, ldc, k, rows);
                else WideTiles.add1x3(a, lda, panel, c, ldc, k);
            }
            case 2 -> {
                if (step == 6) NarrowTiles.add6x2(a, lda, panel, c, ldc, k, rows);
                else NarrowTiles.add1x2(a, lda, panel, c, ldc, k);
            }
            default -> {
                if (step == 6) NarrowTiles.add6x1(a, lda, panel, c, ldc, k, rows);
                else NarrowTiles.add1x1(a, lda, panel, c, ldc, k);
            }
        }
    }

    /** Writes A transposed ({@code k} rows of {@code m} floats) as m rows of k floats. */
    static void transpose(long from, int k, int m, long to) {
        for (int i0 = 0; i0 < m; i0 += 16)
            for (int p = 0; p < k; p++)
                for (int i = i0; i < Math.min(m, i0 + 16); i++)
                    ALL.set(F32, to + ((long) i * k + p) * 4, ALL.get(F32, from + ((long) p * m + i) * 4));
    }
}
