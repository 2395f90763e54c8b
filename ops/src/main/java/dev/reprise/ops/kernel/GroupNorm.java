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
        if (channelsLast) sumColumns(x, sums, lanes, workers);
        else workers.run((long) samples * channels, 1 + 8192 / Math.max(pixels, 1), (begin, end, w) -> {
            for (long c = begin; c < end; c++)
                Moments.contiguous(x, 4L * c * pixels, pixels, lanes, 8L * Moments.SCRATCH * w, sums, 16 * c);
        });
        workers.run(1, 1, (_, _, _) -> parameters(sums, in[1], in[2], params));
        normalize(x, y, params, workers);
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
    private void parameters(long sums, Tensor scale, Tensor bias, long params) {
        int size = channels / groups;
        double count = (double) size * pixels;
        for (int n = 0; n < samples; n++)
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
        boolean silu = activation == Unary.SILU;
        int row = channelsLast ? channels : pixels;
        long rows = (long) samples * (channelsLast ? pixels : channels);
        workers.run(rows, 1 + 4096 / Math.max(row, 1), (begin, end, _) -> {
            for (long i = begin; i < end; i++) {
                long at = 4 * i * row;
                if (channelsLast) {
                    long p = i / pixels * 16 * channels;
                    if (silu) Normalize.pixelSilu(x, at, y, at, row, params, p, 4L * channels);
                    else Normalize.pixel(x, at, y, at, row, params, p, 4L * channels);
                } else if (silu) Normalize.channelSilu(x, at, y, at, row, params, 16 * i);
                else Normalize.channel(x, at, y, at, row, params, 16 * i);
                if (activation != null && !silu) activation.apply(y, at, y, at, row, 0, 0);
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
