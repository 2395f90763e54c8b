package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** float32 images between (N, C, pixels) and (N, pixels, C). */
final class Layout {
    private static final int TILE = 16;

    private Layout() {}

    static void channelsLast(MemorySegment x, int batch, int c, int pixels, MemorySegment to, Workers workers) {
        transpose(x, batch, c, pixels, to, workers);
    }

    static void channelsFirst(MemorySegment x, int batch, int c, int pixels, MemorySegment to, Workers workers) {
        transpose(x, batch, pixels, c, to, workers);
    }

    /** Each of {@code batch} matrices of rows x columns becomes its transpose. */
    private static void transpose(MemorySegment x, int batch, int rows, int columns, MemorySegment to, Workers workers) {
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

    private static void tile(MemorySegment x, MemorySegment to, long base, int rows, int columns, int r0, int r1, int c0, int c1) {
        for (int c = c0; c < c1; c++)
            for (int r = r0; r < r1; r++)
                to.set(Tensor.F32, base + ((long) c * rows + r) * 4, x.get(Tensor.F32, base + ((long) r * columns + c) * 4));
    }
}
