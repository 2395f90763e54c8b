package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.LANES;
import static dev.reprise.ops.kernel.Memory.LE;
import static dev.reprise.ops.kernel.Memory.S;
import static dev.reprise.ops.kernel.Memory.V;
import static dev.reprise.ops.kernel.Memory.lines;
import static dev.reprise.ops.tensor.Tensor.F32;
import static dev.reprise.ops.tensor.Tensor.I64;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.reprise.ops.parallel.Workers;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * A transposed convolution in which every channel has its own kernel and its own output (how DDPM++ resamples), on channels-last
 * tensors: each output pixel adds the products of the taps that reach it, vectors along the channels. The bits are those of
 * {@link ConvTranspose}.
 */
final class ConvTransposeDepthwise {
    private ConvTransposeDepthwise() {}

    static boolean fits(ConvShape s) { return s.groupC() == 1 && s.groupM() == 1; }

    /** Which taps reach coordinate o along one axis, and from where: entries first[o] to first[o + 1]. */
    private record Reach(int[] first, int[] tap, int[] source) {
        static Reach of(ConvShape s, int axis) {
            int out = s.out()[axis], kernel = s.kernel()[axis], n = 0;
            int[] first = new int[out + 1], tap = new int[out * kernel], source = new int[out * kernel];
            for (int o = 0; o < out; o++) {
                for (int k = 0; k < kernel; k++) {
                    int v = o + s.pad()[axis] - k * s.dilation()[axis];
                    if (v < 0 || v % s.stride()[axis] != 0 || v / s.stride()[axis] >= s.in()[axis]) continue;
                    tap[n] = k;
                    source[n++] = v / s.stride()[axis];
                }
                first[o + 1] = n;
            }
            return new Reach(first, Arrays.copyOf(tap, n), Arrays.copyOf(source, n));
        }
    }

    /** Bytes of scratch memory for a worker: where an input and a weight lie, for each tap. */
    static long workerBytes(ConvShape s) {
        return lines(16L * s.taps());
    }

    /** @param weights a row of channels for each tap */
    static void run(ConvShape s, long x, long weights, long bias, Epilogue e, long y, long scratch, Workers workers) {
        Reach depth = Reach.of(s, 0), height = Reach.of(s, 1), width = Reach.of(s, 2);
        long worker = workerBytes(s), line = (long) s.out()[2] * s.m();
        workers.run((long) s.batch() * s.out()[0] * s.out()[1], Math.max(1, 20_000 / line), (begin, end, w) -> {
            long list = scratch + w * worker;
            for (long i = begin; i < end; i++) {
                int h = (int) (i % s.out()[1]), d = (int) (i / s.out()[1] % s.out()[0]), image = (int) (i / s.out()[1] / s.out()[0]);
                long to = y + i * line * 4;
                for (int o = 0; o < s.out()[2]; o++) {
                    int taps = taps(s, image, depth, d, height, h, width, o, list);
                    pixel(x, weights, list, taps, to + (long) o * s.m() * 4, s.m());
                }
                e.apply(to, s.m() * 4L, s.out()[2], s.m(), bias, 0, 0);
            }
        });
    }

    /** Lists the taps that reach a pixel, in order; answers how many there are. */
    private static int taps(ConvShape s, int image, Reach depth, int d, Reach height, int h, Reach width, int w, long list) {
        int n = 0, kh = s.kernel()[1], kw = s.kernel()[2];
        for (int a = depth.first[d]; a < depth.first[d + 1]; a++)
            for (int b = height.first[h]; b < height.first[h + 1]; b++)
                for (int c = width.first[w]; c < width.first[w + 1]; c++, n++) {
                    long pixel = (((long) image * s.in()[0] + depth.source[a]) * s.in()[1] + height.source[b]) * s.in()[2]
                            + width.source[c];
                    ALL.set(I64, list + 16L * n, pixel * s.m() * 4);
                    ALL.set(I64, list + 16L * n + 8, (((long) depth.tap[a] * kh + height.tap[b]) * kw + width.tap[c]) * s.m() * 4);
                }
        return n;
    }

    private static void pixel(long x, long weights, long list, int taps, long to, int channels) {
        int i = 0;
        for (; i <= channels - 4 * LANES; i += 4 * LANES)
            four(x + i * 4L, weights + i * 4L, list, taps, to + i * 4L);
        for (; i <= channels - LANES; i += LANES)
            one(x + i * 4L, weights + i * 4L, list, taps, to + i * 4L);
        for (; i < channels; i++) {
            float sum = 0;
            for (int t = 0; t < taps; t++)
                sum += ALL.get(F32, x + ALL.get(I64, list + 16L * t) + i * 4L)
                        * ALL.get(F32, weights + ALL.get(I64, list + 16L * t + 8) + i * 4L);
            ALL.set(F32, to + i * 4L, sum);
        }
    }

    private static void four(long x, long weights, long list, int taps, long to) {
        FloatVector a = FloatVector.zero(S), b = a, c = a, d = a;
        for (int t = 0; t < taps; t++) {
            long o = x + ALL.get(I64, list + 16L * t), w = weights + ALL.get(I64, list + 16L * t + 8);
            a = fromMemorySegment(S, ALL, o, LE).mul(fromMemorySegment(S, ALL, w, LE)).add(a);
            b = fromMemorySegment(S, ALL, o + V, LE).mul(fromMemorySegment(S, ALL, w + V, LE)).add(b);
            c = fromMemorySegment(S, ALL, o + 2 * V, LE).mul(fromMemorySegment(S, ALL, w + 2 * V, LE)).add(c);
            d = fromMemorySegment(S, ALL, o + 3 * V, LE).mul(fromMemorySegment(S, ALL, w + 3 * V, LE)).add(d);
        }
        a.intoMemorySegment(ALL, to, LE);
        b.intoMemorySegment(ALL, to + V, LE);
        c.intoMemorySegment(ALL, to + 2 * V, LE);
        d.intoMemorySegment(ALL, to + 3 * V, LE);
    }

    private static void one(long x, long weights, long list, int taps, long to) {
        FloatVector a = FloatVector.zero(S);
        for (int t = 0; t < taps; t++)
            a = fromMemorySegment(S, ALL, x + ALL.get(I64, list + 16L * t), LE)
                    .mul(fromMemorySegment(S, ALL, weights + ALL.get(I64, list + 16L * t + 8), LE)).add(a);
        a.intoMemorySegment(ALL, to, LE);
    }
}
