package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.LE;
import static dev.reprise.ops.kernel.Memory.S;
import static dev.reprise.ops.kernel.Memory.lines;
import static dev.reprise.ops.tensor.Tensor.F32;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * A transposed float32 convolution and an {@link Epilogue}. Inputs: 0 the image, 1 the weights (C, M / group, kernel…), 2 a
 * bias (M) or null. Image by image, every input pixel is multiplied with the whole kernel (one matrix product: an fma over c
 * ascending from zero for each tap), and each output element adds the products of the taps that reach it, in the order
 * (kd, kh, kw), starting from zero. Where every channel has a kernel of its own, {@link ConvTransposeDepthwise} does the same at once.
 *
 * @param shape        {@code in} is the small image and {@code out} the large one: out = in * stride - pad + tap * dilation
 * @param packed       the weights as {@link #packing} makes them, or null: then input 1 is packed in every run
 * @param channelsLast image and output are (N, spatial…, channels); otherwise (N, channels, spatial…)
 */
public record ConvTranspose(ConvShape shape, Tensor packed, Epilogue epilogue, boolean channelsLast) implements Kernel {
    /** {@link #packing} of these weights. */
    public static Tensor pack(Arena arena, Tensor weights, ConvShape s) {
        return packing(s).pack(arena, weights);
    }

    /** The form of the weights this kernel reads; {@link #form} names it. */
    public static Packing packing(ConvShape s) {
        return new Packing(packedBytes(s) / 4, (weights, to) -> {
            try (Arena own = Arena.ofConfined()) {
                pack(weights.address(), s, to.address(), own.allocate(weights.byteSize() + 1, Tensor.ALIGNMENT).address());
            }
        });
    }

    public static String form(ConvShape s) {
        return ConvTransposeDepthwise.fits(s) ? "conv-transpose/depthwise" : "conv-transpose/" + s.group() + "/" + PackedB.form();
    }

    /** The matrix product over the pixels of one image: a pointwise convolution with taps * M outputs. */
    private static ConvShape product(ConvShape s) {
        int[] one = {1, 1, 1};
        return new ConvShape(1, s.group(), s.c(), s.m() * s.taps(), s.in(), one, one, one, new int[3], s.in());
    }

    private static long packedBytes(ConvShape s) {
        return ConvTransposeDepthwise.fits(s) ? 4L * s.m() * s.taps() : s.group() * PackedB.bytes(s.groupC(), s.groupM() * s.taps());
    }

    private static void pack(long w, ConvShape s, long to, long scratch) {
        if (ConvTransposeDepthwise.fits(s)) {
            for (int c = 0; c < s.c(); c++)
                for (int t = 0; t < s.taps(); t++)
                    ALL.set(F32, to + ((long) t * s.c() + c) * 4, ALL.get(F32, w + ((long) c * s.taps() + t) * 4));
            return;
        }
        int gm = s.groupM(), taps = s.taps(), k = s.groupC(), n = taps * gm;
        for (int c = 0; c < s.c(); c++)
            for (int m = 0; m < gm; m++)
                for (int t = 0; t < taps; t++)
                    ALL.set(F32, scratch + ((long) c * n + t * gm + m) * 4, ALL.get(F32, w + ((long) c * n + m * taps + t) * 4));
        for (int g = 0; g < s.group(); g++)
            PackedB.pack(scratch + (long) g * k * n * 4, n, 1, k, n, to + g * PackedB.bytes(k, n), 0, PackedB.panels(n));
    }

    @Override
    public boolean repeatable() { return packed != null; }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment memory, Workers workers) {
        long scratch = memory.address();
        if (out[0].size() == 0) return;
        ConvShape s = shape, p = product(s);
        boolean depthwise = ConvTransposeDepthwise.fits(s);
        long at = scratch + workers.threads() * workerBytes(), columns = at;
        at += columnBytes();
        long w = packed == null ? at : packed.address(), x = in[0].address(), y = out[0].address(),
                bias = in.length > 2 && in[2] != null ? in[2].address() : 0;
        if (packed == null) {
            at += lines(packedBytes(s));
            pack(in[1].address(), s, w, at);
            at += lines(in[1].byteSize());
        }
        if (!channelsLast) {
            long xt = at;
            at += lines(in[0].byteSize());
            Layout.channelsLast(x, s.batch(), s.c(), s.inPixels(), xt, workers);
            x = xt;
            y = at;
        }
        long xImage = (long) s.c() * s.inPixels() * 4, yImage = (long) s.m() * s.outPixels() * 4;
        if (depthwise) ConvTransposeDepthwise.run(s, x, w, bias, epilogue, y, scratch, workers);
        for (int i = 0; i < s.batch() && !depthwise; i++) {
            if (xImage > 0) ConvDirect.run(p, x + i * xImage, w, 0, 0, Epilogue.NONE, columns, scratch, ConvDirect.WORKER_BYTES, workers);
            gather(columns, y + i * yImage, bias, workers);
        }
        if (!channelsLast) Layout.channelsFirst(y, s.batch(), s.m(), s.outPixels(), out[0].address(), workers);
    }

    /** Adds up what reaches each output pixel, line by line. */
    private void gather(long cols, long y, long bias, Workers workers) {
        ConvShape s = shape;
        int width = s.out()[2];
        long row = (long) s.taps() * s.m() * 4;
        workers.run((long) s.out()[0] * s.out()[1], Math.max(1, 20_000 / ((long) width * s.m())), (begin, end, _) -> {
            for (long line = begin; line < end; line++) {
                long at = line * width * s.m() * 4;
                for (int w = 0; w < width; w++)
                    pixel(cols, row, (int) (line / s.out()[1]), (int) (line % s.out()[1]), w, y, at + (long) w * s.m() * 4);
                epilogue.apply(y + at, s.m() * 4L, width, s.m(), bias, 0, 0);
            }
        });
    }

    private void pixel(long cols, long row, int d, int h, int w, long y, long at) {
        ConvShape s = shape;
        int gm = s.groupM(), taps = s.taps(), kh = s.kernel()[1], kw = s.kernel()[2];
        for (int i = 0; i < s.m(); i++)
            ALL.set(F32, y + at + i * 4L, 0f);
        for (int t = 0; t < taps; t++) {
            int pd = source(d, t / kw / kh, 0), ph = source(h, t / kw % kh, 1), pw = source(w, t % kw, 2);
            if (pd < 0 || ph < 0 || pw < 0) continue;
            long from = (((long) pd * s.in()[1] + ph) * s.in()[2] + pw) * row + (long) t * gm * 4;
            for (int g = 0; g < s.group(); g++)
                add(cols, from + (long) g * taps * gm * 4, y, at + (long) g * gm * 4, gm);
        }
    }

    /** The input coordinate whose tap {@code k} falls on output coordinate {@code o}, or -1. */
    private int source(int o, int k, int axis) {
        int v = o + shape.pad()[axis] - k * shape.dilation()[axis];
        if (v < 0 || v % shape.stride()[axis] != 0) return -1;
        v /= shape.stride()[axis];
        return v < shape.in()[axis] ? v : -1;
    }

    private static void add(long x, long xAt, long y, long at, int n) {
        int i = 0;
        for (; i <= n - PackedB.LANES; i += PackedB.LANES) {
            FloatVector v = fromMemorySegment(S, ALL, y + at + i * 4L, LE);
            v.add(fromMemorySegment(S, ALL, x + xAt + i * 4L, LE)).intoMemorySegment(ALL, y + at + i * 4L, LE);
        }
        for (; i < n; i++)
            ALL.set(F32, y + at + i * 4L, ALL.get(F32, y + at + i * 4L) + ALL.get(F32, x + xAt + i * 4L));
    }

    private long columnBytes() {
        return ConvTransposeDepthwise.fits(shape) ? 0 : lines((long) shape.inPixels() * shape.taps() * shape.m() * 4);
    }

    private long workerBytes() {
        return ConvTransposeDepthwise.fits(shape) ? ConvTransposeDepthwise.workerBytes(shape) : ConvDirect.WORKER_BYTES;
    }

    @Override
    public long scratchBytes(int threads) {
        ConvShape s = shape;
        long n = threads * workerBytes() + columnBytes();
        if (packed == null) n += lines(packedBytes(s)) + lines((long) s.m() * s.groupC() * s.taps() * 4);
        if (!channelsLast) n += lines(4L * s.batch() * s.c() * s.inPixels()) + lines(4L * s.batch() * s.m() * s.outPixels());
        return n;
    }

    @Override
    public long flops() { return 2L * shape.batch() * shape.inPixels() * shape.groupC() * shape.m() * shape.taps(); }
}
