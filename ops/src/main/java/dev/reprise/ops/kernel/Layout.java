package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.tensor.Tensor.F32;

import dev.reprise.ops.parallel.Workers;

/** float32 images between (N, C, pixels) and (N, pixels, C). */
final class Layout {
    private static final int TILE = 16;

    private Layout() {}

    static void channelsLast(long x, int batch, int c, int pixels, long to, Workers workers) {
        transpose(x, batch, c, pixels, to, workers);
    }

    static void channelsFirst(long x, int batch, int c, int pixels, long to, Workers workers) {
        transpose(x, batch, pixels, c, to, workers);
    }

    /** Each of {@code batch} matrices of rows x columns becomes its transpose. */
    private static void transpose(long x, int batch, int rows, int columns, long to, Workers workers) {
        int blocks = Math.ceilDiv(columns, TILE);
        workers.run((long) batch * blocks, Math.max(1, 8192 / (rows * TILE)), (begin, end, _) -> {
            for (long t = begin; t < end; t++) {
                long base = t / blocks * rows * columns * 4;
                int c0 = (int) (t % blocks) * TILE, c1 = Math.min(columns, c0 + TILE);
                for (int r0 = 0; r0 < rows; r0 += TILE)
                    tile(x, to, base, rows, columns, r0, Math.min(rows, r0 + TILE), c0, c1);
            }
        });
    }

    private static void tile(long x, long to, long base, int rows, int columns, int r0, int r1, int c0, int c1) {
        for (int c = c0; c < c1; c++)
            for (int r = r0; r < r1; r++)
                ALL.set(F32, to + base + ((long) c * rows + r) * 4, ALL.get(F32, x + base + ((long) r * columns + c) * 4));
    }
}
