package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;

/**
 * A convolution on channels-last tensors as a matrix product whose left side is gathered block by block (implicit GEMM);
 * pointwise ones read their input in place. Works on parts of segments, so that {@link Conv} can run it on scratch.
 */
final class ConvDirect {
    private static final int MC = 96;
    /** So many where K is short: their gathered rows then stay in the first-level cache until they have met all panels. */
    private static final int SHORT = 24, SHORT_K = 256;
    /** Rows of the gathered block are a cache line longer than their data, so that they do not fall on the same cache sets; {@link ConvGather} writes into it. */
    private static final long LDA = (GemmBlock.KC + 16) * 4L;
    static final long WORKER_BYTES = MC * LDA + GemmBlock.TILE_BYTES;

    private ConvDirect() {}

    /** @param scratch {@link #WORKER_BYTES} for each worker */
    static void run(ConvShape s, long x, long weights, long bias, long residual, Epilogue e, long y, long scratch, Workers workers) {
        int pixels = s.batch() * s.outPixels(), n = s.groupM(), k = s.k(), panels = PackedB.panels(n), threads = workers.threads();
        int blocks = Math.ceilDiv(pixels, s.pointwise() || k > SHORT_K ? MC : SHORT);
        if (blocks > 1) blocks = Math.ceilDiv(blocks, threads) * threads;
        int mBlocks = GemmBlock.blocks(pixels, blocks);
        long units = (long) mBlocks * s.group();
        int parts = units >= threads ? 1 : (int) Math.min(panels, Math.ceilDiv(threads, units));
        long matrix = PackedB.bytes(k, n), ldc = s.m() * 4L;
        boolean pointwise = s.pointwise();
        long work = s.flops() / (units * parts);
        workers.run(units * parts, Math.max(1, 50_000 / Math.max(1, work)), (begin, end, worker) -> {
            long own = scratch + worker * WORKER_BYTES, tile = own + MC * LDA;
            for (long t = begin; t < end; t++) {
                int part = (int) (t % parts), g = (int) (t / parts % s.group()), block = (int) (t / parts / s.group());
                int r0 = GemmBlock.row(pixels, block, mBlocks), r = GemmBlock.row(pixels, block + 1, mBlocks) - r0;
                int from = (int) ((long) panels * part / parts), to = (int) ((long) panels * (part + 1) / parts);
                long c = (long) r0 * ldc + g * n * 4L;
                for (int k0 = 0; k0 < k; k0 += GemmBlock.KC) {
                    int kc = Math.min(GemmBlock.KC, k - k0);
                    long a = pointwise ? x + ((long) r0 * s.c() + (long) g * k + k0) * 4 : own, lda = pointwise ? s.c() * 4L : LDA;
                    if (!pointwise) ConvGather.rows(s, x, g, r0, r, k0, kc, own, LDA);
                    GemmBlock.run(a, lda, r, weights + g * matrix, k, n, k0, kc, from, to, y + c, ldc, e, bias == 0 ? 0 : bias + g * n * 4L,
                            residual == 0 ? 0 : residual + c, tile);
                }
            }
        });
    }
}
