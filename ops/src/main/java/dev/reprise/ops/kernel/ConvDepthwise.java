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
        for (; i <= c - 4 * LANES; i += 4 * LANES)
            four(x + i * 4L, taps, weights + i * 4L, c * 4L, to + i * 4L);
        for (; i <= c - LANES; i += LANES)
            one(x + i * 4L, taps, weights + i * 4L, c * 4L, to + i * 4L);
        for (; i < c; i++) {
            float sum = 0;
            for (int t = 0; t < taps.length; t++)
                sum = Math.fma(ALL.get(F32, x + taps[t] + i * 4L), ALL.get(F32, weights + ((long) t * c + i) * 4), sum);
            ALL.set(F32, to + i * 4L, sum);
        }
    }

    private static void four(long x, long[] taps, long weights, long step, long to) {
        FloatVector a = FloatVector.zero(S), b = a, c = a, d = a;
        for (int t = 0; t < taps.length; t++) {
            long o = x + taps[t], w = weights + t * step;
            a = fromMemorySegment(S, ALL, o, LE).fma(fromMemorySegment(S, ALL, w, LE), a);
            b = fromMemorySegment(S, ALL, o + V, LE).fma(fromMemorySegment(S, ALL, w + V, LE), b);
            c = fromMemorySegment(S, ALL, o + 2 * V, LE).fma(fromMemorySegment(S, ALL, w + 2 * V, LE), c);
            d = fromMemorySegment(S, ALL, o + 3 * V, LE).fma(fromMemorySegment(S, ALL, w + 3 * V, LE), d);
        }
        a.intoMemorySegment(ALL, to, LE);
        b.intoMemorySegment(ALL, to + V, LE);
        c.intoMemorySegment(ALL, to + 2 * V, LE);
        d.intoMemorySegment(ALL, to + 3 * V, LE);
    }

    private static void one(long x, long[] taps, long weights, long step, long to) {
        FloatVector a = FloatVector.zero(S);
        for (int t = 0; t < taps.length; t++)
            a = fromMemorySegment(S, ALL, x + taps[t], LE).fma(fromMemorySegment(S, ALL, weights + t * step, LE), a);
        a.intoMemorySegment(ALL, to, LE);
    }

    /** A pixel whose kernel reaches into the padding. */
    private static void edge(ConvShape s, long x, int image, int d0, int h0, int w0, long weights, long to) {
        int c = s.c(), kd = s.kernel()[0], kh = s.kernel()[1], kw = s.kernel()[2];
        for (int i = 0; i < c; i++)
            ALL.set(F32, to + i * 4L, 0f);
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
        for (; i <= n - LANES; i += LANES) {
            long o = i * 4L;
            fromMemorySegment(S, ALL, x + o, LE).fma(fromMemorySegment(S, ALL, w + o, LE), fromMemorySegment(S, ALL, to + o, LE))
                    .intoMemorySegment(ALL, to + o, LE);
        }
        for (; i < n; i++) {
            long o = i * 4L;
            ALL.set(F32, to + o, Math.fma(ALL.get(F32, x + o), ALL.get(F32, w + o), ALL.get(F32, to + o)));
        }
    }

    /** A zero of the padding takes part like any other value, as in {@link ConvDirect}: it turns -0 into 0 and an infinite weight into NaN. */
    private static void addZero(long w, long to, int n) {
        for (long o = 0; o < n * 4L; o += 4)
            ALL.set(F32, to + o, Math.fma(0f, ALL.get(F32, w + o), ALL.get(F32, to + o)));
    }
}
