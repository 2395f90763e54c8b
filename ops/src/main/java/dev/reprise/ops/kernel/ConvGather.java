package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.LANES;
import static dev.reprise.ops.kernel.Memory.LE;
import static dev.reprise.ops.kernel.Memory.S;
import static dev.reprise.ops.kernel.Memory.V;
import static dev.reprise.ops.tensor.Tensor.F32;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import jdk.incubator.vector.FloatVector;

/**
 * Lays out what a block of output pixels reads as rows of a matrix: row = pixel, column = (kd, kh, kw, c) ascending, zeros
 * where the kernel reaches into the padding.
 */
final class ConvGather {
    private ConvGather() {}

    /** Whether a window inside the image is as many runs of memory as the kernel has lines. */
    static boolean lines(ConvShape s) {
        return s.group() == 1 && s.kernel()[0] == 1 && s.stride()[0] == 1 && s.pad()[0] == 0 && s.in()[0] == s.out()[0]
                && s.dilation()[1] == 1
                && s.dilation()[2] == 1;
    }

    /**
     * @param x      the input, channels last
     * @param group  which group's channels
     * @param pixel  the first output pixel, counted over the whole batch
     * @param k0     the first column
     * @param to     row i is written at {@code to + i * ld}, and perhaps a vector less one float beyond its {@code kc}
     */
    static void rows(ConvShape s, long x, int group, int pixel, int rows, int k0, int kc, long to, long ld) {
        int gc = s.groupC(), kw = s.kernel()[2];
        // Neighbouring taps of one line read neighbouring memory: they are one run unless dilation or groups part them.
        int runTaps = s.dilation()[2] == 1 && s.group() == 1 ? kw : 1, run = runTaps * gc;
        int first = k0 / run, kh = s.kernel()[1];
        // Where the first run stands in the kernel; divisions for each pixel would cost more than the copies.
        int fw = first * runTaps % kw, fh = first * runTaps / kw % kh, fd = first * runTaps / kw / kh;
        int ow = pixel % s.out()[2], oh = pixel / s.out()[2] % s.out()[1],
                od = pixel / s.out()[2] / s.out()[1] % s.out()[0], image = pixel / s.outPixels();
        boolean plane = k0 == 0 && kc == s.k() && runTaps == kw && s.kernel()[0] == 1 && s.dilation()[1] == 1;
        long line = s.in()[2] * s.c() * 4L, end = x + (long) s.batch() * s.inPixels() * s.c() * 4;
        for (int i = 0; i < rows; i++, to += ld) {
            int w0 = ow * s.stride()[2] - s.pad()[2], h0 = oh * s.stride()[1] - s.pad()[1], d0 = od * s.stride()[0] - s.pad()[0];
            long at = x + (((((long) image * s.in()[0] + d0) * s.in()[1] + h0) * s.in()[2] + w0) * s.c() + (long) group * gc) * 4;
            boolean inside = plane && d0 >= 0 && d0 < s.in()[0] && h0 >= 0 && h0 + kh <= s.in()[1] && w0 >= 0 && w0 + kw <= s.in()[2]
                    && at + (kh - 1) * line + (run + LANES) * 4L <= end;
            if (inside) window(at, line, kh, run, to);
            else runs(s, x, group, image, d0, h0, w0, runTaps, run, first, fd, fh, fw, k0, kc, to);
            if (++ow == s.out()[2]) {
                ow = 0;
                if (++oh == s.out()[1]) {
                    oh = 0;
                    if (++od == s.out()[0]) {
                        od = 0;
                        image++;
                    }
                }
            }
        }
    }

    /** A window inside the image: {@code lines} runs of {@code n} floats. Vectors may reach beyond a run, which the next one mends. */
    private static void window(long at, long line, int lines, int n, long to) {
        if (n > 2 * LANES) {
            for (int i = 0; i < lines; i++)
                copy(at + i * line, to + i * n * 4L, n);
            return;
        }
        if (n > LANES) {
            pairs(at, line, lines, n, to);
            return;
        }
        for (int i = 0; i < lines; i++)
            fromMemorySegment(S, ALL, at + i * line, LE).intoMemorySegment(ALL, to + i * n * 4L, LE);
    }

    private static void pairs(long at, long line, int lines, int n, long to) {
        for (int i = 0; i < lines; i++) {
            long o = at + i * line, t = to + i * n * 4L;
            fromMemorySegment(S, ALL, o, LE).intoMemorySegment(ALL, t, LE);
            fromMemorySegment(S, ALL, o + V, LE).intoMemorySegment(ALL, t + V, LE);
        }
    }

    /** Any window, run by run, of which columns [k0, k0 + kc) are wanted. */
    private static void runs(ConvShape s, long x, int group, int image, int d0, int h0, int w0, int runTaps, int run, int first, int td,
            int th, int tw, int k0, int kc, long to) {
        int gc = s.groupC(), kw = s.kernel()[2], kh = s.kernel()[1], end = Math.ceilDiv(k0 + kc, run);
        for (int r = first; r < end; r++) {
            int w = w0 + tw * s.dilation()[2], h = h0 + th * s.dilation()[1], d = d0 + td * s.dilation()[0];
            if ((tw += runTaps) == kw) {
                tw = 0;
                if (++th == kh) {
                    th = 0;
                    td++;
                }
            }
            int from = Math.max(k0, r * run), to1 = Math.min(k0 + kc, (r + 1) * run);
            long line = ((((long) image * s.in()[0] + d) * s.in()[1] + h) * s.in()[2] + w) * s.c() + (long) group * gc;
            // Columns [lo, hi) of the run lie inside the image.
            int lo = Math.max(0, -w) * gc, hi = Math.min(runTaps, s.in()[2] - w) * gc;
            if (d < 0 || d >= s.in()[0] || h < 0 || h >= s.in()[1]) hi = lo = 0;
            int a = from - r * run, b = to1 - r * run;
            lo = Math.clamp(lo, a, b);
            hi = Math.clamp(hi, lo, b);
            long t = to + (long) (r * run - k0) * 4;
            zero(t + a * 4L, lo - a);
            copy(x + (line + lo) * 4, t + lo * 4L, hi - lo);
            zero(t + hi * 4L, b - hi);
        }
    }

    private static void copy(long from, long to, int n) {
        if (n >= LANES) {
            // The last vector overlaps the one before.
            for (int i = 0; i < n; i += LANES) {
                long at = Math.min(i, n - LANES) * 4L;
                fromMemorySegment(S, ALL, from + at, LE).intoMemorySegment(ALL, to + at, LE);
            }
            return;
        }
        for (int i = 0; i < n; i++)
            ALL.set(F32, to + i * 4L, ALL.get(F32, from + i * 4L));
    }

    private static void zero(long to, int n) {
        if (n >= LANES) {
            for (int i = 0; i < n; i += LANES)
                FloatVector.zero(S).intoMemorySegment(ALL, to + Math.min(i, n - LANES) * 4L, LE);
            return;
        }
        for (int i = 0; i < n; i++)
            ALL.set(F32, to + i * 4L, 0f);
    }
}
