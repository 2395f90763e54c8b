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
        workers.run(lines, Math.max(1, 25_000 / work), (begin, end, _) -> {
            for (int line = (int) begin; line < end; line++) {
                int h = line % s.out()[1], d = line / s.out()[1] % s.out()[0], image = line / s.out()[1] / s.out()[0];
                long at = (long) line * width * s.m() * 4;
                for (int w = 0; w < width; w++)
                    pixel(s, x, image, d * s.stride()[0] - s.pad()[0], h * s.stride()[1] - s.pad()[1], w * s.stride()[2] - s.pad()[2],
                            weights, weightsAt,
                            y, at + (long) w * s.m() * 4);
                e.apply(y, at, s.m() * 4L, width, s.m(), bias, 0, residual, at, s.m() * 4L);
            }
        });
    }

    private static void pixel(ConvShape s, MemorySegment x, int image, int d0, int h0, int w0, MemorySegment weights, long wAt,
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
