package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** A convolution in which every channel has its own kernel and its own output, on channels-last tensors. */
final class ConvDepthwise {
    private ConvDepthwise() {}

    static void run(ConvShape s, MemorySegment x, MemorySegment weights, long weightsAt, MemorySegment bias, MemorySegment residual,
            Epilogue e,
            MemorySegment y, Workers workers) {
        int lines = s.batch() * s.out()[0] * s.out()[1], width = s.out()[2];
        long work = Math.max(1, s.flops() / lines);
        long[] taps = taps(s);
        workers.run(lines, Math.max(1, 25_000 / work), (begin, end, _) -> {
            for (int line = (int) begin; line < end; line++) {
                int h = line % s.out()[1] * s.stride()[1] - s.pad()[1], d = line / s.out()[1] % s.out()[0] * s.stride()[0] - s.pad()[0];
                int image = line / s.out()[1] / s.out()[0];
                long at = (long) line * width * s.m() * 4;
                for (int i = 0; i < width; i++) {
                    int w = i * s.stride()[2] - s.pad()[2];
                    long to = at + (long) i * s.m() * 4;
                    if (inside(s, d, h, w)) inside(x, offset(s, image, d, h, w), taps, weights, weightsAt, y, to, s.c());
                    else edge(s, x, image, d, h, w, weights, weightsAt, y, to);
                }
                e.apply(y, at, s.m() * 4L, width, s.m(), bias, 0, residual, at, s.m() * 4L);
            }
        });
    }

    /** Byte offsets of what the taps read, from what the first one reads. */
    private static long[] taps(ConvShape s) {
        int kh = s.kernel()[1], kw = s.kernel()[2];
        long[] r = new long[s.taps()];
        for (int t = 0; t < r.length; t++)
            r[t] = offset(s, 0, t / kw / kh * s.dilation()[0], t / kw % kh * s.dilation()[1], t % kw * s.dilation()[2]);
        return r;
    }

    private static long offset(ConvShape s, int image, int d, int h, int w) {
        return ((((long) image * s.in()[0] + d) * s.in()[1] + h) * s.in()[2] + w) * s.c() * 4;
    }

    private static boolean inside(ConvShape s, int d, int h, int w) {
        return d >= 0 && h >= 0 && w >= 0 && d + (s.kernel()[0] - 1) * s.dilation()[0] < s.in()[0]
                && h + (s.kernel()[1] - 1) * s.dilation()[1] < s.in()[1] && w + (s.kernel()[2] - 1) * s.dilation()[2] < s.in()[2];
    }

    /** A pixel all of whose taps lie in the image: the sums stay in registers. */
    private static void inside(MemorySegment x, long at, long[] taps, MemorySegment weights, long wAt, MemorySegment y, long to, int c) {
        int i = 0;
        for (; i <= c - 4 * PackedB.LANES; i += 4 * PackedB.LANES)
            four(x, at + i * 4L, taps, weights, wAt + i * 4L, c * 4L, y, to + i * 4L);
        for (; i <= c - PackedB.LANES; i += PackedB.LANES)
            one(x, at + i * 4L, taps, weights, wAt + i * 4L, c * 4L, y, to + i * 4L);
        for (; i < c; i++) {
            float sum = 0;
            for (int t = 0; t < taps.length; t++)
                sum = Math.fma(x.get(Tensor.F32, at + taps[t] + i * 4L), weights.get(Tensor.F32, wAt + ((long) t * c + i) * 4), sum);
            y.set(Tensor.F32, to + i * 4L, sum);
        }
    }

    private static FloatVector load(MemorySegment m, long at) { return FloatVector.fromMemorySegment(WideTiles.S, m, at, WideTiles.LE); }

    private static void four(MemorySegment x, long at, long[] taps, MemorySegment weights, long wAt, long step, MemorySegment y, long to) {
        FloatVector a = FloatVector.zero(WideTiles.S), b = a, c = a, d = a;
        for (int t = 0; t < taps.length; t++) {
            long o = at + taps[t], w = wAt + t * step;
            a = load(x, o).fma(load(weights, w), a);
            b = load(x, o + WideTiles.V).fma(load(weights, w + WideTiles.V), b);
            c = load(x, o + 2 * WideTiles.V).fma(load(weights, w + 2 * WideTiles.V), c);
            d = load(x, o + 3 * WideTiles.V).fma(load(weights, w + 3 * WideTiles.V), d);
        }
        a.intoMemorySegment(y, to, WideTiles.LE);
        b.intoMemorySegment(y, to + WideTiles.V, WideTiles.LE);
        c.intoMemorySegment(y, to + 2 * WideTiles.V, WideTiles.LE);
        d.intoMemorySegment(y, to + 3 * WideTiles.V, WideTiles.LE);
    }

    private static void one(MemorySegment x, long at, long[] taps, MemorySegment weights, long wAt, long step, MemorySegment y, long to) {
        FloatVector a = FloatVector.zero(WideTiles.S);
        for (int t = 0; t < taps.length; t++)
            a = load(x, at + taps[t]).fma(load(weights, wAt + t * step), a);
        a.intoMemorySegment(y, to, WideTiles.LE);
    }

    /** A pixel whose kernel reaches into the padding. */
    private static void edge(ConvShape s, MemorySegment x, int image, int d0, int h0, int w0, MemorySegment weights, long wAt,
            MemorySegment y, long at) {
        int c = s.c(), i = 0, kd = s.kernel()[0], kh = s.kernel()[1], kw = s.kernel()[2];
        zero(y, at, c);
        for (int t = 0; t < kd * kh * kw; t++) {
            int w = w0 + t % kw * s.dilation()[2], h = h0 + t / kw % kh * s.dilation()[1], d = d0 + t / kw / kh * s.dilation()[0];
            boolean inside = d >= 0 && d < s.in()[0] && h >= 0 && h < s.in()[1] && w >= 0 && w < s.in()[2];
            long o = inside ? ((((long) image * s.in()[0] + d) * s.in()[1] + h) * s.in()[2] + w) * c * 4 : -1;
            if (inside) add(x, o, weights, wAt + (long) t * c * 4, y, at, c);
            else addZero(weights, wAt + (long) t * c * 4, y, at, c);
        }
    }

    private static void zero(MemorySegment y, long at, int n) { for (int i = 0; i < n; i++)
        y.set(Tensor.F32, at + i * 4L, 0f); }

    private static void add(MemorySegment x, long xAt, MemorySegment w, long wAt, MemorySegment y, long at, int n) {
        int i = 0;
        for (; i <= n - PackedB.LANES; i += PackedB.LANES) {
            long o = i * 4L;
            FloatVector v = FloatVector.fromMemorySegment(WideTiles.S, x, xAt + o, WideTiles.LE);
            v.fma(FloatVector.fromMemorySegment(WideTiles.S, w, wAt + o, WideTiles.LE),
                    FloatVector.fromMemorySegment(WideTiles.S, y, at + o, WideTiles.LE))
                    .intoMemorySegment(y, at + o, WideTiles.LE);
        }
        for (; i < n; i++) {
            long o = i * 4L;
            y.set(Tensor.F32, at + o, Math.fma(x.get(Tensor.F32, xAt + o), w.get(Tensor.F32, wAt + o), y.get(Tensor.F32, at + o)));
        }
    }

    /** A zero of the padding takes part like any other value, as in {@link ConvDirect}: it turns -0 into 0 and an infinite weight into NaN. */
    private static void addZero(MemorySegment w, long wAt, MemorySegment y, long at, int n) {
        for (int i = 0; i < n; i++) {
            long o = i * 4L;
            y.set(Tensor.F32, at + o, Math.fma(0f, w.get(Tensor.F32, wAt + o), y.get(Tensor.F32, at + o)));
        }
    }
}
