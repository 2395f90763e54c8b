package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.lines;
import static dev.reprise.ops.tensor.Tensor.F32;
import static dev.reprise.ops.tensor.Tensor.F64;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Group normalization of float32, and instance normalization, which has one channel a group: per sample and group of
 * channels, mean 0 and variance 1 over its pixels, then a scale and a bias a channel, then perhaps an activation. Both
 * layouts have the same bits: sums go over a part of the pixels of a channel ({@link Moments}), over its parts, then over the channels of the group
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

    @Override
    public boolean repeatable() { return true; }

    /** Inputs x, scale, bias. */
    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment memory, Workers workers) {
        long x = in[0].address(), y = out[0].address();
        int threads = workers.threads(), parts = parts();
        Places at = new Places(memory.address(), Memory.share(memory, 0, threads, workerBytes(threads)), threads, samples * parts,
                partBytes(), sumBytes(threads));
        if (channelsLast && 4L * pixels * channels <= NEAR && (samples % threads == 0 || samples >= 4 * threads)) {
            workers.run(samples, 1, (begin, end, w) -> {
                // A sample from its sums to its end: it is read again while it is in the second-level cache.
                for (int n = (int) begin; n < end; n++) {
                    for (int p = 0; p < parts; p++)
                        for (int c = 0; c < channels; c += Moments.MAX_COLUMNS)
                            sumColumns(x, n * parts + p, c, Moments.MAX_COLUMNS, at, w);
                    normalize(x, y, (long) n * pixels, (n + 1L) * pixels, in[1], in[2], at, w);
                }
            });
            return;
        }
        if (channelsLast) sumColumns(x, at, workers);
        else workers.run((long) samples * channels, 1 + 8192 / Math.max(pixels, 1), (begin, end, w) -> {
            for (long c = begin; c < end; c++)
                for (int p = 0; p < parts; p++)
                    Moments.contiguous(x, 4 * (c * pixels + first(p)), first(p + 1) - first(p), at.own(w) + 2 * partBytes(), 0,
                            at.sums((int) (c / channels) * parts + p), 16 * (c % channels));
        });
        long pieces = (long) samples * (channelsLast ? pixels : channels), each = channelsLast ? channels : pixels;
        workers.run(pieces, 1 + 4096 / Math.max(each, 1), (begin, end, w) -> normalize(x, y, begin, end, in[1], in[2], at, w));
    }

    /**
     * Parts of a sample's pixels whose sums are taken one by one and then added in ascending order, so that a thread may sum up the pixels that it made. They follow from the size alone.
     */
    private int parts() { return pixels >= 4096 ? 8 : pixels >= 1024 ? 4 : pixels >= 256 ? 2 : 1; }

    /** The first pixel of a part. */
    private int first(int part) { return (int) ((long) pixels * part / parts()); }

    /**
     * Where things lie in scratch. Sums of a part lie with the thread whose part it is where threads share all parts equally; parameters, the sums they are made of and the lanes of {@link Moments} are a thread's own.
     *
     * @param units parts of all samples
     */
    private record Places(long scratch, long share, int threads, int units, long partBytes, long sumBytes) {
        long sums(int unit) {
            long w = ((unit + 1L) * threads - 1) / units;
            return scratch + w * share + (unit - w * units / threads) * partBytes;
        }

        long own(int worker) { return scratch + worker * share + sumBytes; }
    }

    private void sumColumns(long x, Places at, Workers workers) {
        int wide = Moments.MAX_COLUMNS;
        while (wide > 16 && (long) samples * parts() * ((channels + wide - 1) / wide) < 2L * workers.threads())
            wide >>= 1;
        int width = wide, blocks = (channels + width - 1) / width, parts = parts();
        workers.run((long) samples * parts * blocks, 1 + 8192 / Math.max(pixels / parts * width, 1), (begin, end, w) -> {
            for (long i = begin; i < end; i++)
                sumColumns(x, (int) (i / blocks), (int) (i % blocks) * width, width, at, w);
        });
    }

    /** Of one part, channels [c, c + width). */
    private void sumColumns(long x, int unit, int c, int width, Places at, int w) {
        int parts = parts(), from = first(unit % parts);
        Moments.columns(x, 4 * (((long) unit / parts * pixels + from) * channels + c), 4L * channels, first(unit % parts + 1) - from,
                Math.min(width, channels - c), at.own(w) + 2 * partBytes(), 0, at.sums(unit), 16L * c);
    }

    /** Pixels, or channels, [begin, end) of all samples. Each thread works out the parameters for itself, which spares a hand-off. */
    private void normalize(long x, long y, long begin, long end, Tensor scale, Tensor bias, Places at, int w) {
        long each = channelsLast ? pixels : channels, params = at.own(w);
        for (long i = begin, next; i < end; i = next) {
            next = Math.min(end, (i / each + 1) * each);
            parameters((int) (i / each), at, scale, bias, params);
            if (channelsLast) pixels(x, y, params, i, next);
            else channels(x, y, params, i, next);
        }
    }

    /** Of one sample, four rows (channels last) or per channel four floats: see {@link Normalize}. */
    private void parameters(int n, Places at, Tensor scale, Tensor bias, long params) {
        int size = channels / groups, parts = parts();
        long sums = at.sums(n * parts);
        if (parts > 1) {
            sums = params + partBytes();
            Memory.copy(at.sums(n * parts), sums, 16L * channels);
            for (int p = 1; p < parts; p++)
                add(at.sums(n * parts + p), sums, 2 * channels);
        }
        double count = (double) size * pixels;
        for (int g = 0; g < groups; g++) {
            double s = 0, q = 0;
            for (long c = (long) g * size; c < (g + 1L) * size; c++) {
                s += ALL.get(F64, sums + 16 * c);
                q += ALL.get(F64, sums + 16 * c + 8);
            }
            double mean = s / count, inverse = 1 / Math.sqrt(Math.max(q / count - mean * mean, 0) + epsilon);
            for (int c = g * size; c < (g + 1) * size; c++) {
                int k = c / scaleRepeat;
                set(params, 0, c, mean, inverse * scale.getFloat(k), bias.getFloat(k));
            }
        }
    }

    private static void add(long from, long to, int n) {
        for (long i = 0; i < 8L * n; i += 8)
            ALL.set(F64, to + i, ALL.get(F64, to + i) + ALL.get(F64, from + i));
    }

    void set(long params, int n, int c, double mean, double scale, float bias) {
        long step = channelsLast ? 4L * channels : 4, at = 16L * n * channels + (channelsLast ? 4L : 16L) * c;
        float high = (float) mean;
        ALL.set(F32, params + at, high);
        ALL.set(F32, params + at + step, (float) (mean - high));
        ALL.set(F32, params + at + 2 * step, (float) scale);
        ALL.set(F32, params + at + 3 * step, bias);
    }

    /** With parameters of all samples, one after the other. */
    void normalize(long x, long y, long params, Workers workers) {
        long each = channelsLast ? pixels : channels, bytes = 16L * channels;
        workers.run(samples * each, 1 + 4096 / Math.max(channelsLast ? channels : pixels, 1), (begin, end, _) -> {
            for (long i = begin, next; i < end; i = next) {
                next = Math.min(end, (i / each + 1) * each);
                if (channelsLast) pixels(x, y, params + i / each * bytes, i, next);
                else channels(x, y, params + i / each * bytes, i, next);
            }
        });
    }

    /** Pixels [begin, end), all of one sample. */
    private void pixels(long x, long y, long params, long begin, long end) {
        boolean silu = activation == Unary.SILU;
        long row = 4L * channels;
        for (long i = begin; i < end;) {
            // As many as stay in the first-level cache.
            int n = (int) Math.min(end - i, Math.max(1, STRIP / channels));
            if (silu) Normalize.pixelsSilu(x + i * row, y + i * row, row, n, channels, params, row);
            else Normalize.pixels(x + i * row, y + i * row, row, n, channels, params, row);
            if (activation != null && !silu) activation.apply(y, i * row, y, i * row, n * channels, 0, 0);
            i += n;
        }
    }

    /** Channels [begin, end), all of one sample. */
    private void channels(long x, long y, long params, long begin, long end) {
        boolean silu = activation == Unary.SILU;
        for (long i = begin; i < end; i++) {
            long at = 4 * i * pixels, p = 16 * (i % channels);
            if (silu) Normalize.channelSilu(x, at, y, at, pixels, params, p);
            else Normalize.channel(x, at, y, at, pixels, params, p);
            if (activation != null && !silu) activation.apply(y, at, y, at, pixels, 0, 0);
        }
    }

    /** Of the sums of a part, and as much of the sums and of the parameters of a sample. */
    private long partBytes() {
        return lines(16L * channels);
    }

    /** Of the sums that lie with a thread. */
    private long sumBytes(int threads) {
        return (Math.ceilDiv(samples * parts(), threads) + 1) * partBytes();
    }

    /** Of the parameters of all samples. */
    long paramBytes() { return lines(16L * samples * channels); }

    @Override
    public long scratchBytes(int threads) { return threads * workerBytes(threads); }

    private long workerBytes(int threads) { return lines(sumBytes(threads) + 2 * partBytes() + 8L * Moments.SCRATCH); }

    /** Every element is read twice before its place is written, and by the same sample and channel only. */
    @Override
    public int inPlace() { return 0; }
}
