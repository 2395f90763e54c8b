package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.LANES;
import static dev.reprise.ops.kernel.Memory.LE;
import static dev.reprise.ops.kernel.Memory.S;
import static dev.reprise.ops.kernel.Memory.V;
import static dev.reprise.ops.tensor.Tensor.F32;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.reprise.ops.parallel.Workers;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * 7 x 7 convolutions with stride 2 and up to four input channels, a ResNet's first layer, by Winograd's minimal filtering. Of the image's four phases,
 * the pixels of even and of odd lines and columns, each meets up to 4 x 4 taps with stride 1: together they are an image of half the size with four times the channels, to which
 * F(3 x 3, 4 x 4) applies, 36 products for 9 outputs and each phase channel instead of 49 for each output and channel, a third.
 *
 * <p>Channels of the phases go by line, column and channel of the pixel, and sums over them in this order. A thread takes a line of tiles; its six lines of
 * phases are transformed down the columns at once, all tiles that stand side by side then share them.
 */
final class ConvPhases {
    private static final int KERNEL = 7, STRIDE = 2;
    /** Outputs and points of a tile along one side, and taps of a phase. */
    static final int M = 3;
    private static final int N = 6, TAPS = 4;
    /** Floats of a pixel of the phases: as many as four phases of four channels have. */
    private static final int DEPTH = 16;
    private static final long PIXEL = DEPTH * 4;
    /** Tiles in a block, at the most: the products of a column of points, which are transformed at once, stay in the first-level cache. */
    private static final int MOST = 16;

    /** Two pixels of four channels; wider vectors would cross cache lines. */
    private static final VectorSpecies<Float> EIGHT = LANES >= 8 ? FloatVector.SPECIES_256 : S;

    private final ConvShape s;
    private final int rows, columns, block, pixels, channels;
    private final long lineBytes, pointStep, productStep, middleStep, matricesAt, productsAt, middleAt, spareAt, workerBytes;

    ConvPhases(ConvShape s) {
        this.s = s;
        rows = Math.ceilDiv(s.out()[1], M);
        columns = Math.ceilDiv(s.out()[2], M);
        block = Math.ceilDiv(columns, Math.ceilDiv(columns, MOST));
        pixels = columns * M + TAPS - 1;
        channels = channels(s);
        lineBytes = pixels * PIXEL;
        // A cache line more than the data, here and there: powers of two would fall on the same cache sets.
        pointStep = block * PIXEL + 64;
        productStep = middleStep = (long) block * PackedB.PANEL_COLUMNS * 4 + 64;
        matricesAt = N * lineBytes;
        productsAt = matricesAt + N * N * pointStep;
        middleAt = productsAt + N * productStep;
        spareAt = middleAt + M * N * middleStep;
        workerBytes = Memory.lines(spareAt + M * PackedB.PANEL_COLUMNS * 4L);
    }

    private static int channels(ConvShape s) { return STRIDE * STRIDE * s.c(); }

    /** Whether these sizes are for it, and worth it: the transforms cost as much as nine channels of products, and few outputs leave tiles half empty. */
    static boolean applies(ConvShape s) {
        for (int i = 1; i < 3; i++)
            if (s.kernel()[i] != KERNEL || s.stride()[i] != STRIDE || s.dilation()[i] != 1) return false;
        if (s.kernel()[0] != 1 || s.stride()[0] != 1 || s.pad()[0] != 0 || s.in()[0] != s.out()[0]) return false;
        if (s.group() != 1 || channels(s) > DEPTH || s.m() % 16 != 0 || s.m() < 32) return false;
        long tiles = (long) Math.ceilDiv(s.out()[1], M) * Math.ceilDiv(s.out()[2], M);
        return tiles * N * N * (channels(s) + 9) < (long) s.out()[1] * s.out()[2] * s.k();
    }

    /** Bytes of the packed weights: for each panel and point a matrix of phase channels by output channels ({@link PackedB}). */
    static long weightBytes(ConvShape s) {
        return N * N * PackedB.bytes(channels(s), s.m());
    }

    /**
     * {@code G g Gᵀ} of the phases of the weights, in doubles, each rounded once.
     *
     * @param w (M, C, 7, 7)
     */
    static void pack(long w, ConvShape s, long to) {
        double[] taps = new double[TAPS * TAPS], half = new double[N * TAPS];
        int channels = channels(s);
        for (int m = 0; m < PackedB.vectors(s.m()) * LANES; m++) {
            int panel = m / PackedB.PANEL_COLUMNS;
            long row = PackedB.width(s.m(), panel) * V, point = channels * row,
                    at = to + (long) panel * PackedB.PANEL_COLUMNS * 4 * N * N * channels + m % PackedB.PANEL_COLUMNS * 4L;
            for (int k = 0; k < channels; k++) {
                int c = k % s.c(), fx = k / s.c() % STRIDE, fy = k / s.c() / STRIDE;
                for (int i = 0; i < TAPS * TAPS; i++) {
                    int y = i / TAPS * STRIDE + fy, x = i % TAPS * STRIDE + fx;
                    taps[i] = m < s.m() && y < KERNEL && x < KERNEL
                            ? ALL.get(F32, w + (((long) m * s.c() + c) * KERNEL * KERNEL + y * KERNEL + x) * 4)
                            : 0;
                }
                for (int p = 0; p < N; p++)
                    for (int x = 0; x < TAPS; x++)
                        half[p * TAPS + x] = WinogradTransform.value(p, taps[x], taps[TAPS + x], taps[2 * TAPS + x], taps[3 * TAPS + x]);
                for (int p = 0; p < N * N; p++) {
                    int i = p / N * TAPS;
                    ALL.set(F32, at + p * point + k * row,
                            (float) WinogradTransform.value(p % N, half[i], half[i + 1], half[i + 2], half[i + 3]));
                }
            }
        }
    }

    long scratchBytes(int threads) { return threads * workerBytes; }

    void run(long x, long weights, long bias, long residual, Epilogue e, long y, long scratch, long share, Workers workers) {
        long line = s.out()[2] * s.m() * 4L;
        long items = (long) images() * rows;
        workers.balance(items, 1, GemmBlock.piece(s.flops() / items), (begin, end, worker, start) -> {
            long own = scratch + worker * share;
            if (start) clear(own);
            for (long t = begin; t < end; t++) {
                int image = (int) (t / rows), row = (int) (t % rows);
                long at = ((long) image * s.out()[1] + row * M) * line;
                tiles(x, image, row, own, weights, bias, residual == 0 ? 0 : residual + at, e, y + at, line);
            }
        });
    }

    int images() { return s.batch() * s.in()[0]; }

    /** To be called before {@link #tiles}. Floats of a pixel that no phase fills are transformed too, though no product reads them: what lay there might be slow to multiply. */
    void clear(long own) {
        Memory.zero(own, matricesAt);
    }

    /**
     * Line {@code row} of an image's tiles, up to M lines of outputs.
     *
     * @param own      scratch of this thread
     * @param residual of these outputs, or 0
     * @param to       where the lines begin, {@code toLine} bytes apart
     */
    void tiles(long x, int image, int row, long own, long weights, long bias, long residual, Epilogue e, long to, long toLine) {
        long bytes = (long) s.in()[1] * s.in()[2] * s.c() * 4;
        lines(x + image * bytes, row, own, x + images() * bytes);
        WinogradTransform.input6(own, 0, lineBytes, 1, own, 0, lineBytes, lineBytes);
        for (int first = 0; first < columns; first += block)
            block(own, row, first, Math.min(block, columns - first), weights, bias, residual, e, to, toLine);
    }

    /** Lays out the six lines of phases that a line of tiles reads, zeros where they lie outside of the image. */
    private void lines(long image, int row, long to, long end) {
        int c = s.c(), two = STRIDE * c, wide = s.in()[2], left = s.pad()[2];
        long line = (long) wide * c * 4;
        // Pixels [low, high) have both columns inside.
        int low = Math.clamp(Math.ceilDiv(left, STRIDE), 0, pixels), high = Math.clamp(Math.floorDiv(wide + left, STRIDE), low, pixels);
        for (int i = 0; i < N; i++, to += lineBytes) {
            int h = (row * M + i) * STRIDE - s.pad()[1];
            long at = image + h * line - left * c * 4L;
            boolean vectors = two <= EIGHT.length() && h >= 0 && h + 1 < s.in()[1];
            // A vector reads more than its pixel has, which must still be memory of the tensor.
            int fast = vectors ? Math.clamp(Math.floorDiv(end - EIGHT.vectorByteSize() - at - line, two * 4L) + 1, low, high) : low;
            pixels(at, line, h, 0, low, to);
            if (fast > low) both(at + low * two * 4L, two * 4L, line, fast - low, to + low * PIXEL);
            pixels(at, line, h, fast, pixels, to);
        }
    }

    /** Pixels with both lines and both columns, as vectors: the second writes over what the first has too much, and ends within the pixel, where no product reads it. */
    private static void both(long at, long step, long line, int count, long to) {
        for (int i = 0; i < count; i++) {
            long o = at + i * step, t = to + i * PIXEL;
            fromMemorySegment(EIGHT, ALL, o, LE).intoMemorySegment(ALL, t, LE);
            fromMemorySegment(EIGHT, ALL, o + line, LE).intoMemorySegment(ALL, t + step, LE);
        }
    }

    /** Pixels [from, to), float by float. */
    private void pixels(long at, long line, int h, int from, int to, long lines) {
        int c = s.c(), wide = s.in()[2], high = s.in()[1];
        for (int p = from; p < to; p++) {
            long t = lines + p * PIXEL;
            for (int fy = 0; fy < STRIDE; fy++)
                for (int fx = 0; fx < STRIDE; fx++) {
                    int w = p * STRIDE + fx, v = w - s.pad()[2];
                    boolean inside = h + fy >= 0 && h + fy < high && v >= 0 && v < wide;
                    for (int k = 0; k < c; k++, t += 4)
                        ALL.set(F32, t, inside ? ALL.get(F32, at + fy * line + (w * c + k) * 4L) : 0);
                }
        }
    }

    /** Tiles [first, first + count) of a line, whose phases are transformed down the columns. */
    private void block(long own, int row, int first, int count, long weights, long bias, long residual, Epilogue e, long to, long toLine) {
        long matrices = own + matricesAt, products = own + productsAt, middle = own + middleAt;
        for (int p = 0; p < N; p++)
            WinogradTransform.input6(own + p * lineBytes + first * M * PIXEL, M * PIXEL, PIXEL, count, matrices + p * N * pointStep,
                    PIXEL, pointStep, PIXEL);
        for (int j = 0; j < PackedB.panels(s.m()); j++) {
            int width = PackedB.width(s.m(), j), c0 = j * PackedB.PANEL_COLUMNS;
            long panel = weights + (long) c0 * 4 * N * N * channels, point = channels * width * V, bytes = width * V;
            for (int q = 0; q < N; q++) {
                for (int p = 0; p < N; p++)
                    GemmBlock.whole(matrices + (p * N + q) * pointStep, PIXEL, count, panel + (p * N + q) * point, width, channels,
                            products + p * productStep, bytes, true);
                WinogradTransform.output3(products, 0, productStep, 1, middle + q * middleStep, 0, N * middleStep, count * bytes);
            }
            for (int h = 0; h < Math.min(M, s.out()[1] - row * M); h++)
                line(middle + h * N * middleStep, own + spareAt, first, count, j, bias, residual == 0 ? 0 : residual + h * toLine, e,
                        to + h * toLine);
        }
    }

    /** Transforms one line of a block's outputs along the columns and stores it. */
    private void line(long at, long spare, int first, int count, int j, long bias, long residual, Epilogue e, long lineTo) {
        int c0 = j * PackedB.PANEL_COLUMNS, columns = Math.min(PackedB.PANEL_COLUMNS, s.m() - c0), w0 = first * M,
                w = Math.min(count * M, s.out()[2] - w0), whole = w / M;
        long pixel = s.m() * 4L, bytes = columns * 4L, offset = w0 * pixel + c0 * 4L, to = lineTo + offset;
        // Bias and ReLU while the results are in registers.
        boolean begin = e.alpha() == 1 && residual == 0;
        long biases = bias == 0 ? 0 : bias + c0 * 4L, now = begin && bias != 0 ? biases : Memory.NOTHING;
        float floor = begin ? e.floor() : Float.NEGATIVE_INFINITY;
        WinogradTransform.output3(at, bytes, middleStep, whole, to, M * pixel, pixel, bytes, now, floor);
        if (whole * M < w) {
            WinogradTransform.output3(at + whole * bytes, 0, middleStep, 1, spare, 0, bytes, bytes, now, floor);
            for (int i = 0; whole * M + i < w; i++)
                Memory.copy(spare + i * bytes, to + (whole * M + i) * pixel, bytes);
        }
        if (!begin) e.apply(to, pixel, w, columns, biases, residual == 0 ? 0 : residual + offset, pixel);
        else if (!e.endsInTile()) e.afterTile(to, pixel, w, columns);
    }
}
