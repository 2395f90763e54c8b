package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.LE;
import static dev.reprise.ops.kernel.Memory.S;
import static dev.reprise.ops.kernel.Memory.V;
import static dev.reprise.ops.kernel.Memory.lines;
import static dev.reprise.ops.tensor.Tensor.I32;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.reprise.ops.parallel.Workers;
import jdk.incubator.vector.FloatVector;

/**
 * 3 x 3 convolutions with stride 1 or 2 on channels-last tensors by Winograd's minimal filtering. A block of tiles is
 * transformed into scratch; then, for one panel of output channels after the other, {@link WinogradWeights#chunk} channels of
 * weights at a time are transformed in the cache, every point is a matrix product of tiles by channels, and the products are
 * transformed back. Sums over channels are in ascending order.
 *
 * <p>Transformed weights would be up to four times as large as the weights, and small images would wait for them to come from
 * memory; transformed anew for every block of tiles they cost a tenth of the time, and half of it where an image is but four tiles.
 * Where they are so few that a core's cache keeps them, a thread transforms them once a run.
 *
 * <p>With stride 2 ({@link WinogradStride2Transform}) m odd inputs of a line meet the same point of the weights: in that point's matrix a
 * tile has m rows, and m² where both dimensions are odd.
 */
final class ConvWinograd {
    /** Bytes of what is between the two passes of the input transform, at the most, unless one tile has more: it stays in the first-level cache. */
    private static final int MIDDLE_BYTES = 32 << 10;
    /** Bytes of transformed input in a block: it streams from the third-level cache. */
    private static final int BLOCK_BYTES = 5120 << 10;

    /** Rows of a product's tile; tiles in a block, at the most. */
    private static final int ROWS = GemmBlock.ROWS, MOST = GemmBlock.WIDE ? 64 : 60;
    /** What the transform of a chunk of weights costs, in rows of its products. */
    private static final int TRANSFORM = GemmBlock.WIDE ? 3 : 2;
    /**
     * What sharing panels costs more, in percent: input is transformed by each thread or comes, as do parts of pixels, from the other core's cache. Little where cores
     * share a third-level cache, three quarters of a convolution's time where they do not (measured when two threads still fetched transformed input from each
     * other); this is what both can live with.
     */
    private static final int SHARING = 15;

    /**
     * Bytes of transformed weights that a thread keeps from block to block: those of 64 to 64 channels, which the second-level cache holds
     * beside a small block. 128 to 128, in the third, cost 5 to 10 % at batch 1 and gained 0 to 3 with eight images.
     */
    private static final long KEPT_BYTES = 640 << 10;
    /** Tiles in a block then, at the most. */
    private static final int KEPT_MOST = 4 * ROWS;
    /**
     * Bytes of the next weights that a step of a product may read. With 47, 9x9 images of 512 channels, it waits for memory instead of the transform (.94 to 1.03 ms); with 24,
     * 9x9 outputs of stride 2, 1.70 ms become 1.53.
     */
    private static final int AHEAD = 32;

    private final ConvShape s;
    private final ConvAlgorithm algorithm;
    /** Outputs and inputs of a tile along one side; points of the weights, and how many of these meet one input only. */
    private final int m, n, points, single;
    private final int rows, columns, tiles, block;
    /** Input channels whose weights are transformed at a time; the transformed input of so many lies together. */
    private final int chunk;
    /** Tiles side by side that are transformed together, and inputs from one to the next. */
    private final int together, backTogether, apart;
    /** Whether a thread transforms the weights once for all of its blocks. */
    private final boolean kept;
    /** Bytes from one tile to the next, and from one point to the next, of the transformed input and of the products. */
    private final long tileStep, pointStep, chunkStep, productStep, edgeAt, middleAt, weightsAt, chunkBytes, productAt, spareAt, blockAt,
            workerBytes;

    ConvWinograd(ConvShape s, ConvAlgorithm algorithm, int threads) {
        this.s = s;
        this.algorithm = algorithm;
        m = algorithm.outputs();
        n = algorithm.inputs();
        points = algorithm.points();
        single = algorithm.stride() == 1 ? n : m + 1;
        rows = Math.ceilDiv(s.out()[1], m);
        columns = Math.ceilDiv(s.out()[2], m);
        tiles = s.batch() * s.in()[0] * rows * columns;
        chunk = Math.min(WinogradWeights.chunk(s), s.c());
        tileStep = chunk * 4L;
        chunkBytes = WinogradWeights.scratchBytes(s, algorithm);
        long weightBytes = (long) PackedB.panels(s.m()) * Math.ceilDiv(s.c(), chunk) * chunkBytes;
        kept = weightBytes <= KEPT_BYTES;
        int most = Math.clamp(BLOCK_BYTES / (n * n * s.c() * 4L) / ROWS * ROWS, MOST / 4, MOST);
        block = kept ? keptBlock(tiles, threads) : block(tiles, most, PackedB.panels(s.m()), threads);
        // A cache line more than the data: powers of two would fall on the same cache sets.
        pointStep = block * tileStep + 64;
        chunkStep = n * n * pointStep;
        productStep = (long) block * PackedB.PANEL_COLUMNS * 4 + 64;
        apart = m * algorithm.stride();
        together = together((MIDDLE_BYTES / (single * 4 * chunk) - n) / apart + 1);
        backTogether = together(MIDDLE_BYTES / (m * n * PackedB.PANEL_COLUMNS * 4));
        int across = (together - 1) * apart + n;
        edgeAt = Math.ceilDiv(s.c(), chunk) * chunkStep;
        middleAt = edgeAt + (long) n * across * s.c() * 4;
        weightsAt = middleAt
                + Math.max((long) single * across * chunk, (long) m * n * backTogether * PackedB.PANEL_COLUMNS) * 4;
        productAt = weightsAt + (kept ? weightBytes : chunkBytes);
        spareAt = productAt + n * n * productStep;
        blockAt = spareAt + m * m * PackedB.PANEL_COLUMNS * 4L;
        workerBytes = lines(blockAt + 64);
    }

    /**
     * Tiles in a block. Blocks of which each thread has several are as many for each; otherwise the number is taken with which the
     * busiest thread has the least to do: few blocks, of which threads share the panels, or many, of which each thread transforms all weights.
     */
    static int block(int tiles, int most, int panels, int threads) {
        int least = Math.ceilDiv(tiles, most), best = Math.ceilDiv(least, threads) * threads;
        long fewest = Long.MAX_VALUE;
        for (int blocks = least; blocks <= threads; blocks++) {
            // Whole product tiles: counted to the row, blocks of their own would win over shared ones at 18x18, and be slower (730 to 790 us).
            int parts = Math.min(panels, Math.ceilDiv(threads, blocks)), rows = whole(Math.ceilDiv(tiles, blocks));
            long cost = (long) Math.ceilDiv(blocks * parts, threads) * Math.ceilDiv(panels, parts) * (rows + TRANSFORM);
            if (parts > 1) cost += cost * SHARING / 100;
            if (cost < fewest) {
                fewest = cost;
                best = blocks;
            }
        }
        return rounded(Math.ceilDiv(tiles, best));
    }

    /** Tiles in a block where weights are kept: as many as make the busiest thread's tiles, and its blocks, fewest. */
    static int keptBlock(int tiles, int threads) {
        int best = ROWS;
        long fewest = Long.MAX_VALUE;
        for (int size = KEPT_MOST; size > 0; size -= ROWS) {
            long blocks = Math.ceilDiv(tiles, size), busiest = 0;
            for (int w = 0; w < threads; w++) {
                long begin = blocks * w / threads, end = blocks * (w + 1) / threads;
                busiest = Math.max(busiest, Math.min(tiles, end * size) - begin * size + end - begin);
            }
            if (busiest < fewest) {
                fewest = busiest;
                best = size;
            }
        }
        return best;
    }

    private int together(int tiles) { return Math.clamp(tiles, 1, columns); }

    /** Of {@code left} tiles, how many from this one on stand side by side, at most {@code most}. */
    private int group(int tile, int left, int most) {
        return Math.min(Math.min(left, most), columns - tile % columns);
    }

    /** At least so many: three more than whole product tiles take as long as four. */
    private static int rounded(int tiles) {
        return !GemmBlock.WIDE || tiles % ROWS == ROWS - 1 ? whole(tiles) : tiles;
    }

    private static int whole(int tiles) { return Math.ceilDiv(tiles, ROWS) * ROWS; }

    long scratchBytes(int threads) { return threads * workerBytes; }

    void run(long x, long weights, long bias, long residual, Epilogue e, long y, long scratch, long share, Workers workers) {
        int blocks = Math.ceilDiv(tiles, block), panels = PackedB.panels(s.m()), threads = workers.threads();
        // Weights that are kept are worth whole blocks. Else items are the panels of a block: few blocks are shared that way, and threads that are done take panels
        // over from others. Each transforms the input for itself, which for two takes no longer than to fetch the other's half, larger than the input, from
        // its cache, and needs no waiting. More than two to a block share that too.
        boolean keep = kept && blocks >= threads, shared = Math.min(panels, Math.ceilDiv(threads, blocks)) > 2;
        int each = keep ? panels : 1, pieces = panels / each;
        if (shared) workers.run(tiles, 1, (begin, end, worker) -> {
            for (int i = (int) begin, g; i < end; i += g) {
                g = group(i, Math.min((int) end - i, block - i % block), together);
                input(x, i, g, scratch + worker * share, scratch + i / block * share, i % block);
            }
        });
        long last = weights + WinogradWeights.bytes(s);
        long items = (long) blocks * pieces;
        workers.balance(items, 1, GemmBlock.piece(s.flops() / items), (begin, end, worker, start) -> {
            long own = scratch + worker * share;
            for (long t = begin; t < end; t++) {
                int b = (int) (t / pieces), j = (int) (t % pieces), first = b * block, count = Math.min(block, tiles - first);
                boolean fresh = start && t == begin;
                long from = shared ? scratch + b * share : own;
                if (!shared && (fresh || ALL.get(I32, own + blockAt) != b)) {
                    for (int i = 0, g; i < count; i += g) {
                        g = group(first + i, count - i, together);
                        input(x, first + i, g, own, from, i);
                    }
                    ALL.set(I32, own + blockAt, b);
                }
                for (int to = j + each; j < to; j++) {
                    products(from, own, count, weights, j, fresh || !keep, last);
                    for (int i = 0, g; i < count; i += g) {
                        g = group(first + i, count - i, backTogether);
                        output(own, i, g, first + i, j, bias, residual, e, y);
                    }
                }
            }
        });
    }

    /** Where point (p, q) of the weights has its matrix, among n x n of one row a tile: those of several rows have as many places. */
    private int place(int p, int q) {
        return p < single ? p * n + q : single * n + q * m;
    }

    /** Rows of a tile in the matrix of point (p, q). */
    private int rows(int p, int q) {
        return (p < single ? 1 : m) * (q < single ? 1 : m);
    }

    /** Transforms {@code g} tiles side by side into their rows of every point's matrix, as the block's tiles i and on. */
    private void input(long x, int tile, int g, long own, long to, int i) {
        int w0 = tile % columns * apart - s.pad()[2], h0 = tile / columns % rows * algorithm.stride() * m - s.pad()[1],
                image = tile / columns / rows, across = (g - 1) * apart + n;
        boolean inside = w0 >= 0 && h0 >= 0 && w0 + across <= s.in()[2] && h0 + n <= s.in()[1];
        long row = (long) s.in()[2] * s.c() * 4, pixel = s.c() * 4L, at = x + ((long) image * s.in()[1] + h0) * row + w0 * pixel,
                down = inside ? row : across * pixel, middle = own + middleAt;
        if (!inside) {
            edge(at, row, pixel, h0, w0, across, own + edgeAt);
            at = own + edgeAt;
        }
        for (int c = 0; c < s.c(); c += chunk, to += chunkStep) {
            long bytes = Math.min(chunk, s.c() - c) * 4L, from = at + c * 4L, lineBytes = across * bytes;
            forward(from, pixel, algorithm.stride() * down, across, middle, bytes, lineBytes, bytes);
            for (int p = 0; p < single; p++)
                line(middle + p * lineBytes, bytes, to, p, i, 1, g, bytes);
            for (int k = 0; k < n - single; k++)
                line(from + (2 * k + 1) * down, pixel, to, single, i * m + k, m, g, bytes);
        }
    }

    /**
     * Transforms a line of {@code g} tiles into the matrices of points (p, ...).
     *
     * @param first the first tile's row of those matrices that meet one input along the line; the others follow {@code each} rows apart
     */
    private void line(long at, long step, long to, int p, int first, int each, int g, long bytes) {
        long spread = place(p, 1) - place(p, 0), odd = to + place(p, single) * pointStep + (long) first * m * tileStep;
        forward(at, apart * step, algorithm.stride() * step, g, to + place(p, 0) * pointStep + first * tileStep, each * tileStep,
                spread * pointStep, bytes);
        for (int k = 0; k < n - single; k++)
            copy(at + (2 * k + 1) * step, apart * step, g, odd + k * tileStep, each * m * tileStep, bytes);
    }

    private void forward(long at, long tile, long step, int count, long to, long toTile, long toStep, long bytes) {
        switch (single) {
            case 3 -> WinogradStride2Transform.input3(at, tile, step, count, to, toTile, toStep, bytes);
            case 4 -> WinogradTransform.input4(at, tile, step, count, to, toTile, toStep, bytes);
            case 5 -> WinogradTransform.input5(at, tile, step, count, to, toTile, toStep, bytes);
            default -> WinogradTransform.input6(at, tile, step, count, to, toTile, toStep, bytes);
        }
    }

    /** @param odd with stride 2 the products of the odd inputs */
    private void backward(long at, long tile, long step, long odd, long oddTile, long oddStep, int count, long to, long toTile, long toStep,
            long bytes) {
        switch (algorithm) {
            case WINOGRAD2 -> WinogradTransform.output4(at, tile, step, count, to, toTile, toStep, bytes);
            case WINOGRAD3 -> WinogradTransform.output5(at, tile, step, count, to, toTile, toStep, bytes);
            case WINOGRAD4 -> WinogradTransform.output6(at, tile, step, count, to, toTile, toStep, bytes);
            case WINOGRAD2_STRIDE2 ->
                WinogradStride2Transform.output2(at, tile, step, odd, oddTile, oddStep, count, to, toTile, toStep, bytes);
            default -> WinogradStride2Transform.output3(at, tile, step, odd, oddTile, oddStep, count, to, toTile, toStep, bytes);
        }
    }

    /** {@link #backward} along a line, with stride 1 {@code max(y + bias, floor)} of it. */
    private void finish(long at, long tile, long step, long odd, int count, long to, long toTile, long toStep, long bytes, long bias,
            float floor) {
        switch (algorithm) {
            case WINOGRAD2 -> WinogradTransform.output4(at, tile, step, count, to, toTile, toStep, bytes, bias, floor);
            case WINOGRAD3 -> WinogradTransform.output5(at, tile, step, count, to, toTile, toStep, bytes, bias, floor);
            case WINOGRAD4 -> WinogradTransform.output6(at, tile, step, count, to, toTile, toStep, bytes, bias, floor);
            default -> backward(at, tile, step, odd, tile, step, count, to, toTile, toStep, bytes);
        }
    }

    /** Copies {@code across} columns of the lines of tiles that reach over the image's edge, with zeros there. */
    private void edge(long at, long row, long pixel, int h0, int w0, int across, long to) {
        int left = Math.clamp(-w0, 0, across), right = Math.clamp(s.in()[2] - w0, left, across);
        for (int h = 0; h < n; h++, at += row, to += across * pixel) {
            if (h0 + h < 0 || h0 + h >= s.in()[1]) {
                zero(to, across * pixel);
                continue;
            }
            zero(to, left * pixel);
            copy(at + left * pixel, 0, 1, to + left * pixel, 0, (right - left) * pixel);
            zero(to + right * pixel, (across - right) * pixel);
        }
    }

    private static void copy(long from, long step, int count, long to, long toStep, long bytes) {
        for (int i = 0; i < count; i++)
            for (long v = 0; v < bytes; v += V)
                fromMemorySegment(S, ALL, from + i * step + v, LE).intoMemorySegment(ALL, to + i * toStep + v, LE);
    }

    private static void zero(long to, long bytes) {
        FloatVector zero = FloatVector.zero(S);
        for (long v = 0; v < bytes; v += V)
            zero.intoMemorySegment(ALL, to + v, LE);
    }

    /**
     * Every point's matrix, which begins at {@code from}, times panel j of its weights, which are transformed first where {@code fresh}. The weights of the next chunk are
     * read on the way, where they may come from memory, the first lines of their pages before all else: the transform, which needs all of them at once, waits for them otherwise.
     *
     * @param end where the weights end that this thread needs
     */
    private void products(long from, long own, int count, long weights, int j, boolean fresh, long end) {
        int width = PackedB.width(s.m(), j), chunks = Math.ceilDiv(s.c(), chunk);
        long step = ahead(count, width);
        for (int c = 0, k; c < s.c(); c += k, from += chunkStep) {
            k = Math.min(chunk, s.c() - c);
            long at = own + weightsAt + (kept ? (j * chunks + c / chunk) * chunkBytes : 0),
                    taps = weights + WinogradWeights.at(s, j, c), next = taps + WinogradWeights.chunkBytes(width, k);
            if (step != 0) GemmBlock.touch(next, Math.min(end, next + WinogradWeights.chunkBytes(width, k)), own + spareAt);
            if (fresh) WinogradWeights.transform(taps, width, k, algorithm, at);
            for (int p = 0; p < points; p++)
                for (int q = 0; q < points; q++) {
                    long a = from + place(p, q) * pointStep, b = at + (p * points + q) * WinogradWeights.pointBytes(width, k),
                            to = own + productAt + place(p, q) * productStep, ldc = PackedB.PANEL_COLUMNS * 4L;
                    if (step == 0) GemmBlock.whole(a, tileStep, count * rows(p, q), b, width, k, to, ldc, c == 0);
                    else
                        next = GemmBlock.ahead(a, tileStep, count * rows(p, q), b, k, to, ldc, c == 0, next, step, end, own + spareAt);
                }
        }
    }

    /**
     * Bytes of the next weights for each step of the products of {@code count} tiles, so that these are just enough to read them all; 0 where that would be too many,
     * where the weights stay in the cache, or where no others come next.
     */
    private long ahead(int count, int width) {
        boolean all = s.m() <= PackedB.PANEL_COLUMNS && s.c() <= chunk;
        if (!GemmBlock.WIDE || kept || all || width < PackedB.PANEL) return 0;
        long steps = 1;
        for (int p = 0; p < points; p++)
            for (int q = 0; q < points; q++)
                steps += count * rows(p, q) / GemmBlock.ROWS * chunk;
        long step = Math.ceilDiv(WinogradWeights.chunkBytes(width, chunk), steps);
        return step <= AHEAD ? step : 0;
    }

    /** Transforms {@code g} tiles side by side of panel j back and stores what of them lies in the image. */
    private void output(long own, int i, int g, int tile, int j, long bias, long residual, Epilogue e, long y) {
        int c0 = j * PackedB.PANEL_COLUMNS, channels = Math.min(PackedB.PANEL_COLUMNS, s.m() - c0);
        int w0 = tile % columns * m, h0 = tile / columns % rows * m, image = tile / columns / rows,
                width = Math.min(g * m, s.out()[2] - w0);
        int height = Math.min(m, s.out()[1] - h0), whole = width / m;
        long bytes = channels * 4L, middle = own + middleAt, spare = own + spareAt, pixel = s.m() * 4L, down = s.out()[2] * pixel,
                step = g * bytes;
        long at = (((long) image * s.out()[1] + h0) * s.out()[2] + w0) * pixel + c0 * 4L;
        long biases = bias == 0 ? 0 : bias + c0 * 4L, residuals = residual == 0 ? 0 : residual + at;
        for (int q = 0; q < single; q++)
            column(own + productAt, i, q, 0, 1, g, middle + q * step, bytes);
        for (int k = 0; k < n - single; k++)
            column(own + productAt, i, single, k, m, g, middle + (single + k) * step, bytes);
        // Bias and ReLU while the results are in registers; with stride 2 that gains nothing.
        boolean begin = algorithm.stride() == 1 && e.alpha() == 1 && residual == 0;
        long now = begin && bias != 0 ? biases : Memory.NOTHING;
        float floor = begin ? e.floor() : Float.NEGATIVE_INFINITY;
        for (int h = 0; h < height; h++) {
            long line = middle + h * n * step, odd = line + single * step, to = y + at + h * down;
            finish(line, bytes, step, odd, whole, to, m * pixel, pixel, bytes, now, floor);
            if (whole * m < width) {
                long last = whole * bytes;
                finish(line + last, bytes, step, odd + last, 1, spare, 0, bytes, bytes, now, floor);
                copy(spare, bytes, width - whole * m, to + whole * m * pixel, pixel, bytes);
            }
            if (!begin) e.apply(to, pixel, width, channels, biases, residual == 0 ? 0 : residuals + h * down, pixel);
            else if (!e.endsInTile()) e.afterTile(to, pixel, width, channels);
        }
    }

    /** Transforms column k of tiles i to i + g - 1's products, those of points (..., q), back; they are {@code each} rows of a matrix apart. */
    private void column(long from, int i, int q, int k, int each, int g, long to, long bytes) {
        long row = PackedB.PANEL_COLUMNS * 4L, even = from + place(0, q) * productStep, odd = from + place(single, q) * productStep;
        backward(even + (i * each + k) * row, each * row, n * productStep, odd + (i * m * each + k) * row, m * each * row, each * row, g,
                to,
                bytes, n * g * bytes, bytes);
    }
}
