package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.tensor.Tensor.F32;
import static dev.reprise.ops.tensor.Tensor.F64;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Group normalization of float32, and instance normalization, which has one channel a group: per sample and group of
 * channels, mean 0 and variance 1 over its pixels, then a scale and a bias a channel, then perhaps an activation. Both
 * layouts have the same bits: sums go over the pixels of a channel ({@link Moments}), then over the channels of the group
 * in ascending order, in doubles.
 *
 * @param samples       N
 * @param channels      C, a multiple of groups
 * @param pixels        product of the spatial dimensions
 * @param scaleRepeat   how many neighbouring channels share an element of scale and bias: 1, or channels / groups
 * @param channelsLast  (N, pixels, C) if true, else (N, C, pixels)
 * @param activation    what follows; null for nothing
 */
public record GroupNorm(int samples, int channels, int pixels, int groups, float epsilon, int scaleRepeat, boolean channelsLast,
        Unary activation)
        implements
            Kernel {
    /** Bytes of a sample that stay in the second-level cache between two passes. */
    private static final long NEAR = 512 << 10;
    /** Floats that are normalized at a time: 16 KB. */
    private static final int STRIP = 4096;

    public GroupNorm {
        if (groups < 1 || channels % groups != 0)
            throw new IllegalArgumentException(channels + " channels do not divide into " + groups + " groups");
    }

    /** Inputs x, scale, bias. */
    @Override
    public boolean repeatable() { return true; }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment memory, Workers workers) {
        long scratch = memory.address();
        long x = in[0].address(), y = out[0].address();
        long sums = scratch, params = scratch + sumBytes();
        long lanes = scratch + sumBytes() + paramBytes();
        int threads = workers.threads();
        if (channelsLast && 4L * pixels * channels <= NEAR && (samples % threads == 0 || samples >= 4 * threads)) {
            whole(x, y, sums, params, lanes, in[1], in[2], workers);
            return;
        }
        if (channelsLast) sumColumns(x, sums, lanes, workers);
        else workers.run((long) samples * channels, 1 + 8192 / Math.max(pixels, 1), (begin, end, w) -> {
            for (long c = begin; c < end; c++)
                Moments.contiguous(x, 4L * c * pixels, pixels, lanes, 8L * Moments.SCRATCH * w, sums, 16 * c);
        });
        workers.run(1, 1, (_, _, _) -> {
            for (int n = 0; n < samples; n++)
                parameters(n, sums, in[1], in[2], params);
        });
        normalize(x, y, params, workers);
    }

    /** A sample at a time from its sums to its end, by one worker: it is read again while it is in the second-level cache. */
    private void whole(long x, long y, long sums, long params, long lanes, Tensor scale, Tensor bias, Workers workers) {
        workers.run(samples, 1, (begin, end, w) -> {
            for (int n = (int) begin; n < end; n++) {
                for (int c = 0; c < channels; c += Moments.MAX_COLUMNS)
                    Moments.columns(x, 4 * ((long) n * pixels * channels + c), 4L * channels, pixels,
                            Math.min(Moments.MAX_COLUMNS, channels - c),
                            lanes, 8L * Moments.SCRATCH * w, sums, 16 * ((long) n * channels + c));
                parameters(n, sums, scale, bias, params);
                pixels(x, y, params, (long) n * pixels, (n + 1L) * pixels);
            }
        });
    }

    private void sumColumns(long x, long sums, long lanes, Workers workers) {
        int wide = Moments.MAX_COLUMNS;
        while (wide > 16 && (long) samples * ((channels + wide - 1) / wide) < 2L * workers.threads())
            wide >>= 1;
        int width = wide, blocks = (channels + width - 1) / width;
        workers.run((long) samples * blocks, 1 + 8192 / Math.max(pixels * width, 1), (begin, end, w) -> {
            for (long i = begin; i < end; i++) {
                long n = i / blocks;
                int c = (int) (i % blocks) * width;
                Moments.columns(x, 4 * (n * pixels * channels + c), 4L * channels, pixels, Math.min(width, channels - c), lanes,
                        8L * Moments.SCRATCH * w, sums,
                        16 * (n * channels + c));
            }
        });
    }

    /** Per sample, four rows (channels last) or per channel four floats: see {@link Normalize}. */
    private void parameters(int n, long sums, Tensor scale, Tensor bias, long params) {
        int size = channels / groups;
        double count = (double) size * pixels;
        for (int g = 0; g < groups; g++) {
            double s = 0, q = 0;
            long first = (long) n * channels + (long) g * size;
            for (long c = first; c < first + size; c++) {
                s += ALL.get(F64, sums + 16 * c);
                q += ALL.get(F64, sums + 16 * c + 8);
            }
            double mean = s / count, inverse = 1 / Math.sqrt(Math.max(q / count - mean * mean, 0) + epsilon);
            for (int c = g * size; c < (g + 1) * size; c++) {
                int k = c / scaleRepeat;
                set(params, n, c, mean, inverse * scale.getFloat(k), bias.getFloat(k));
            }
        }
    }

    void set(long params, int n, int c, double mean, double scale, float bias) {
        long step = channelsLast ? 4L * channels : 4, at = 16L * n * channels + (channelsLast ? 4L : 16L) * c;
        float high = (float) mean;
        ALL.set(F32, params + at, high);
        ALL.set(F32, params + at + step, (float) (mean - high));
        ALL.set(F32, params + at + 2 * step, (float) scale);
        ALL.set(F32, params + at + 3 * step, bias);
    }

    void normalize(long x, long y, long params, Workers workers) {
        if (channelsLast)
            workers.run((long) samples * pixels, 1 + 4096 / Math.max(channels, 1), (begin, end, _) -> pixels(x, y, params, begin, end));
        else
            channels(x, y, params, workers);
    }

    private void pixels(long x, long y, long params, long begin, long end) {
        boolean silu = activation == Unary.SILU;
        long row = 4L * channels;
        for (long i = begin; i < end;) {
            // Some pixels of one sample, as many as stay in the first-level cache.
            int n = (int) Math.min(Math.min(end - i, pixels - i % pixels), Math.max(1, STRIP / channels));
            long p = params + i / pixels * 4 * row;
            if (silu) Normalize.pixelsSilu(x + i * row, y + i * row, row, n, channels, p, row);
            else Normalize.pixels(x + i * row, y + i * row, row, n, channels, p, row);
            if (activation != null && !silu) activation.apply(y, i * row, y, i * row, n * channels, 0, 0);
            i += n;
        }
    }

    private void channels(long x, long y, long params, Workers workers) {
        boolean silu = activation == Unary.SILU;
        workers.run((long) samples * channels, 1 + 4096 / Math.max(pixels, 1), (begin, end, _) -> {
            for (long i = begin; i < end; i++) {
                long at = 4 * i * pixels;
                if (silu) Normalize.channelSilu(x, at, y, at, pixels, params, 16 * i);
                else Normalize.channel(x, at, y, at, pixels, params, 16 * i);
                if (activation != null && !silu) activation.apply(y, at, y, at, pixels, 0, 0);
            }
        });
    }

    private long sumBytes() { return 16L * samples * channels + 63 & -64; }

    long paramBytes() { return 16L * samples * channels + 63 & -64; }

    @Override
    public long scratchBytes(int threads) { return sumBytes() + paramBytes() + 8L * Moments.SCRATCH * threads; }

    /** Every element is read twice before its place is written, and by the same sample and channel only. */
    @Override
    public int inPlace() { return 0; }
}
