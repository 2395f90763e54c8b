package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import jdk.incubator.vector.FloatVector;

/** A convolution in which every channel has its own kernel and its own output, on channels-last tensors. */
final class ConvDepthwise {
    private ConvDepthwise() {}

    static void run(ConvShape s, long x, long weights, long bias, long residual, Epilogue e, long y, Workers workers) {
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
                    if (inside(s, d, h, w)) inside(x + offset(s, image, d, h, w), taps, weights, y + to, s.c());
                    else edge(s, x, image, d, h, w, weights, y + to);
                }
                e.apply(y + at, s.m() * 4L, width, s.m(), bias, residual == 0 ? 0 : residual + at, s.m() * 4L);
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
    private static void inside(long x, long[] taps, long weights, long to, int c) {
        int i = 0;
        for (; i <= c - 4 * Memory.LANES; i += 4 * Memory.LANES)
            four(x + i * 4L, taps, weights + i * 4L, c * 4L, to + i * 4L);
        for (; i <= c - Memory.LANES; i += Memory.LANES)
            one(x + i * 4L, taps, weights + i * 4L, c * 4L, to + i * 4L);
        for (; i < c; i++) {
            float sum = 0;
            for (int t = 0; t < taps.length; t++)
                sum = Math.fma(Memory.getFloat(x + taps[t] + i * 4L), Memory.getFloat(weights + ((long) t * c + i) * 4), sum);
            Memory.putFloat(to + i * 4L, sum);
        }
    }

    private static void four(long x, long[] taps, long weights, long step, long to) {
        FloatVector a = FloatVector.zero(Memory.S), b = a, c = a, d = a;
        for (int t = 0; t < taps.length; t++) {
            long o = x + taps[t], w = weights + t * step;
            a = Memory.load(o).fma(Memory.load(w), a);
            b = Memory.load(o + Memory.V).fma(Memory.load(w + Memory.V), b);
            c = Memory.load(o + 2 * Memory.V).fma(Memory.load(w + 2 * Memory.V), c);
            d = Memory.load(o + 3 * Memory.V).fma(Memory.load(w + 3 * Memory.V), d);
        }
        Memory.store(a, to);
        Memory.store(b, to + Memory.V);
        Memory.store(c, to + 2 * Memory.V);
        Memory.store(d, to + 3 * Memory.V);
    }

    private static void one(long x, long[] taps, long weights, long step, long to) {
        FloatVector a = FloatVector.zero(Memory.S);
        for (int t = 0; t < taps.length; t++)
            a = Memory.load(x + taps[t]).fma(Memory.load(weights + t * step), a);
        Memory.store(a, to);
    }

    /** A pixel whose kernel reaches into the padding. */
    private static void edge(ConvShape s, long x, int image, int d0, int h0, int w0, long weights, long to) {
        int c = s.c(), kd = s.kernel()[0], kh = s.kernel()[1], kw = s.kernel()[2];
        for (int i = 0; i < c; i++)
            Memory.putFloat(to + i * 4L, 0f);
        for (int t = 0; t < kd * kh * kw; t++) {
            int w = w0 + t % kw * s.dilation()[2], h = h0 + t / kw % kh * s.dilation()[1], d = d0 + t / kw / kh * s.dilation()[0];
            boolean inside = d >= 0 && d < s.in()[0] && h >= 0 && h < s.in()[1] && w >= 0 && w < s.in()[2];
            long tap = weights + (long) t * c * 4;
            if (inside) add(x + offset(s, image, d, h, w), tap, to, c);
            else addZero(tap, to, c);
        }
    }

    private static void add(long x, long w, long to, int n) {
        int i = 0;
        for (; i <= n - Memory.LANES; i += Memory.LANES) {
            long o = i * 4L;
            Memory.store(Memory.load(x + o).fma(Memory.load(w + o), Memory.load(to + o)), to + o);
        }
        for (; i < n; i++) {
            long o = i * 4L;
            Memory.putFloat(to + o, Math.fma(Memory.getFloat(x + o), Memory.getFloat(w + o), Memory.getFloat(to + o)));
        }
    }

    /** A zero of the padding takes part like any other value, as in {@link ConvDirect}: it turns -0 into 0 and an infinite weight into NaN. */
    private static void addZero(long w, long to, int n) {
        for (long o = 0; o < n * 4L; o += 4)
            Memory.putFloat(to + o, Math.fma(0f, Memory.getFloat(w + o), Memory.getFloat(to + o)));
    }
}
