package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.lines;
import static dev.reprise.ops.tensor.Tensor.I32;
import static dev.reprise.ops.tensor.Tensor.I64;

import dev.reprise.ops.parallel.Workers;

/**
 * A convolution on channels-last tensors as a matrix product whose left side is gathered block by block (implicit GEMM);
 * pointwise ones read their input in place. Works on parts of segments, so that {@link Conv} can run it on scratch.
 */
final class ConvDirect {
    /** Rows of a block, at the most. */
    private static final int MC = 96;
    /** Panels of an item, at the least, where rows are gathered. */
    private static final int LEAST = 4;
    /** Rows of a block where they are gathered and K is short: they then stay in the first-level cache until they have met all panels. */
    private static final int SHORT = 24, SHORT_K = 256;
    /** Output pixels of an image from which windows are read where they lie; for fewer another loop is not worth the JIT compiler's time. */
    private static final int WINDOWS = 4096;
    /** Bytes of weights, at the most: four windows meet all of them, which should come from the second-level cache. */
    private static final long WINDOWS_BYTES = 256 << 10;
    /** Rows of the gathered block are a cache line longer than their data, so that they do not fall on the same cache sets; {@link ConvGather} writes into it. */
    private static final long LDA = (GemmBlock.KC + 16) * 4L;
    /** Where windows have their offsets: behind the four rows that may be gathered beside them. */
    private static final long OFFSETS = 4 * LDA;
    /** Bytes of a row of a panel. */
    private static final long PANEL_BYTES = PackedB.PANEL_COLUMNS * 4L;
    private static final long MARKS_BYTES = lines(SparseTiles.scratchBytes(MC));
    static final long WORKER_BYTES = lines(MC * LDA + GemmBlock.TILE_BYTES + MARKS_BYTES + 64);

    private ConvDirect() {}

    /** @param scratch {@code share} bytes for each worker, at least {@link #WORKER_BYTES} */
    static void run(ConvShape s, long x, long weights, long bias, long residual, Epilogue e, long y, long scratch, long share,
            Workers workers) {
        boolean pointwise = s.pointwise();
        int pixels = s.batch() * s.outPixels(), n = s.groupM(), k = s.k(), panels = PackedB.panels(n), threads = workers.threads();
        long matrix = PackedB.bytes(k, n), ldc = s.m() * 4L;
        int blocks = Math.ceilDiv(pixels, pointwise || k > SHORT_K ? MC : SHORT);
        if (blocks > 1) blocks = Math.ceilDiv(blocks, threads) * threads;
        int mBlocks = GemmBlock.blocks(pixels, blocks);
        long units = (long) mBlocks * s.group();
        // Of few blocks groups of panels are items, so that threads can take them over from each other; what gathers rows gathers them anew for each piece.
        int most = pointwise
                ? panels
                : Math.max(panels / LEAST, Math.min(panels, (int) Math.ceilDiv(threads, units)));
        int parts = (int) Math.min(most, Math.ceilDiv(GemmBlock.ITEMS * threads, units));
        boolean sparse = SparseTiles.AVAILABLE && n >= PackedB.PANEL_COLUMNS && ConvWeights.finite(s, weights);
        boolean windows = s.taps() > 1 && residual == 0 && s.outPixels() >= WINDOWS && matrix <= WINDOWS_BYTES
                && windowBytes(s) <= Integer.MAX_VALUE && GemmBlock.finishes(k, n, e) && ConvGather.lines(s);
        long work = s.flops() / (units * parts);
        workers.balance(units * parts, Math.max(1, 50_000 / Math.max(1, work)), GemmBlock.piece(work), (begin, end, worker, start) -> {
            long own = scratch + worker * share, tile = own + MC * LDA, marks = tile + GemmBlock.TILE_BYTES, note = marks + MARKS_BYTES;
            if (start) ALL.set(I64, note, -1L);
            if (windows && start) offsets(s, own + OFFSETS);
            for (long t = begin, next; t < end; t = next) {
                int part = (int) (t % parts), g = (int) (t / parts % s.group()), block = (int) (t / parts / s.group());
                int r0 = GemmBlock.row(pixels, block, mBlocks), r = GemmBlock.row(pixels, block + 1, mBlocks) - r0;
                next = Math.min(end, t - part + parts);
                int from = (int) ((long) panels * part / parts), to = (int) (panels * (part + next - t) / parts);
                long c = (long) r0 * ldc + g * n * 4L;
                if (windows) {
                    windows(s, x, r0, r, weights, from, to, y + c, e, bias, own, tile);
                    continue;
                }
                for (int k0 = 0; k0 < k; k0 += GemmBlock.KC) {
                    int kc = Math.min(GemmBlock.KC, k - k0);
                    long a = pointwise ? x + ((long) r0 * s.c() + (long) g * k + k0) * 4 : own, lda = pointwise ? s.c() * 4L : LDA;
                    if (!pointwise) ConvGather.rows(s, x, g, r0, r, k0, kc, own, LDA);
                    boolean skip = sparse && marked(a, lda, r, kc, to - from, marks, note, (t / parts << 16 | k0 / GemmBlock.KC) << 1)
                            && SparseTiles.applies(e, bias == 0 ? 0 : bias + g * n * 4L, n);
                    GemmBlock.run(a, lda, r, weights + g * matrix, k, n, k0, kc, from, to, y + c, ldc, e, bias == 0 ? 0 : bias + g * n * 4L,
                            residual == 0 ? 0 : residual + c, tile, false, skip ? marks : 0);
                }
            }
        });
    }

    /**
     * {@link SparseTiles#find}, unless the piece before this one was of the same rows: what it found is still there.
     *
     * @param note the number of the rows whose marks there are, and in bit 0 whether they are worth one's while
     */
    private static boolean marked(long a, long lda, int rows, int k, int panels, long marks, long note, long number) {
        long noted = ALL.get(I64, note);
        if ((noted & -2) == number) return (noted & 1) != 0;
        boolean found = SparseTiles.find(a, lda, rows, k, panels, marks);
        ALL.set(I64, note, number | (found ? 1 : 0));
        return found;
    }

    /** How many bytes behind the first element of a window each of its elements lies. */
    private static void offsets(ConvShape s, long to) {
        int run = s.kernel()[2] * s.c(), line = s.in()[2] * s.c();
        for (int h = 0; h < s.kernel()[1]; h++)
            for (int i = 0; i < run; i++)
                ALL.set(I32, to + (h * run + i) * 4L, (h * line + i) * 4);
    }

    private static long windowBytes(ConvShape s) { return 4L * s.kernel()[1] * s.in()[2] * s.c(); }

    /** A block whose windows are read where they lie, four neighbours at a time; only those that reach over an edge are gathered. */
    private static void windows(ConvShape s, long x, int r0, int rows, long weights, int from, int to, long y, Epilogue e, long bias,
            long own, long tile) {
        int n = s.m(), k = s.k(), width = s.out()[2], high = s.in()[1] - s.kernel()[1], wide = s.in()[2] - s.kernel()[2],
                step = s.stride()[2];
        long ldc = n * 4L, pixel = s.c() * 4L, panelBytes = k * PANEL_BYTES;
        for (int i = 0; i < rows;) {
            int p = r0 + i, ow = p % width, oh = p / width % s.out()[1], image = p / s.outPixels();
            int w0 = ow * step - s.pad()[2], h0 = oh * s.stride()[1] - s.pad()[1], use = Math.min(4, rows - i);
            long c = y + i * ldc;
            if (use < 4 || ow + 4 > width || w0 < 0 || w0 + 3 * step > wide || h0 < 0 || h0 > high) {
                ConvGather.rows(s, x, 0, p, use, 0, k, own, LDA);
                GemmBlock.run(own, LDA, use, weights, k, n, 0, k, from, to, c, ldc, e, bias, 0, tile, false, 0);
            } else {
                long a = x + (((long) image * s.in()[1] + h0) * s.in()[2] + w0) * pixel;
                for (int j = from; j < to; j++) {
                    long column = j * PANEL_BYTES;
                    WideTiles.window4x4(a, step * pixel, own + OFFSETS, k, weights + j * panelBytes, tile, PANEL_BYTES);
                    WideTiles.finish(tile, 4, c + column, ldc, bias == 0 ? Memory.NOTHING : bias + column, Memory.NOTHING, 0, e.floor());
                }
                if (!e.endsInTile()) e.afterTile(c + from * PANEL_BYTES, ldc, 4, (to - from) * PackedB.PANEL_COLUMNS);
            }
            i += use;
        }
    }
}
