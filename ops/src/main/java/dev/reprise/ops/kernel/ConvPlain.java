package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Convolutions of (N, C, spatial…) without vectors: float64 (fma over (c, kd, kh, kw) ascending, padding left out; input 2
 * is an optional bias) and 8-bit integers summed in int32 and, where {@code integers} says so, quantized again.
 *
 * @param type     of the output
 * @param integers null for float64
 */
public record ConvPlain(ConvShape shape, DType type, Quantization integers) implements Kernel {
    /**
     * Which inputs hold what; -1 where there is none. Zero points are one number, or one for each output channel. With
     * {@code yScale} >= 0 the output is {@code saturate(rint(sum * xScale * wScale / yScale) + yZero)}, else the sum.
     */
    public record Quantization(int x, int w, int xZero, int wZero, int bias, int xScale, int wScale, int yScale, int yZero) {}

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        ConvShape s = shape;
        int pixels = s.outPixels();
        workers.run((long) s.batch() * s.m(), Math.max(1, 20_000 / Math.max(1, (long) pixels * s.k())), (begin, end, _) -> {
            long[] taps = new long[s.taps()];
            for (int p = 0; p < pixels; p++) {
                for (int t = 0; t < taps.length; t++)
                    taps[t] = input(p, t);
                for (long t = begin; t < end; t++) {
                    int image = (int) (t / s.m()), m = (int) (t % s.m());
                    if (integers == null) out[0].setDouble(t * pixels + p, real(in, image, m, taps));
                    else out[0].setLong(t * pixels + p, integer(in, image, m, taps));
                }
            }
        });
    }

    private double real(Tensor[] in, int image, int m, long[] taps) {
        ConvShape s = shape;
        int gc = s.groupC(), c0 = m / s.groupM() * gc;
        MemorySegment xs = in[0].data(), ws = in[1].data();
        double sum = 0;
        for (int c = 0; c < gc; c++) {
            long x = ((long) image * s.c() + c0 + c) * s.inPixels(), w = ((long) m * gc + c) * taps.length;
            for (int t = 0; t < taps.length; t++)
                if (taps[t] >= 0) sum = Math.fma(xs.get(Tensor.F64, x + taps[t] << 3), ws.get(Tensor.F64, w + t << 3), sum);
        }
        return in.length > 2 && in[2] != null ? sum + in[2].getDouble(m) : sum;
    }

    private long integer(Tensor[] in, int image, int m, long[] taps) {
        ConvShape s = shape;
        Quantization q = integers;
        int gc = s.groupC(), c0 = m / s.groupM() * gc;
        long xz = value(in, q.xZero, 0), wz = value(in, q.wZero, m);
        int sum = q.bias >= 0 && q.bias < in.length && in[q.bias] != null ? (int) in[q.bias].getLong(m) : 0;
        for (int c = 0; c < gc; c++)
            for (int t = 0; t < taps.length; t++) {
                long x = taps[t];
                // Padding is the value zero, which is what the zero point stands for.
                if (x >= 0)
                    sum += (int) ((in[q.x].getLong(((long) image * s.c() + c0 + c) * s.inPixels() + x) - xz)
                            * (in[q.w].getLong(((long) m * gc + c) * taps.length + t) - wz));
            }
        if (q.yScale < 0) return sum;
        float scale = in[q.xScale].getFloat(0) * in[q.wScale].getFloat(in[q.wScale].size() == 1 ? 0 : m) / in[q.yScale].getFloat(0);
        return Quantize.saturate(Math.rint(sum * scale) + value(in, q.yZero, 0), type);
    }

    private static long value(Tensor[] in, int i, int channel) {
        if (i < 0 || i >= in.length || in[i] == null) return 0;
        return in[i].getLong(in[i].size() == 1 ? 0 : channel);
    }

    /** Index of the input pixel that tap t of output pixel p reads, or -1 in the padding. */
    private long input(int p, int t) {
        long at = 0;
        int[] o = {p / shape.out()[2] / shape.out()[1], p / shape.out()[2] % shape.out()[1], p % shape.out()[2]};
        int[] k = {t / shape.kernel()[2] / shape.kernel()[1], t / shape.kernel()[2] % shape.kernel()[1], t % shape.kernel()[2]};
        for (int i = 0; i < 3; i++) {
            int x = o[i] * shape.stride()[i] - shape.pad()[i] + k[i] * shape.dilation()[i];
            if (x < 0 || x >= shape.in()[i]) return -1;
            at = at * shape.in()[i] + x;
        }
        return at;
    }

    @Override
    public long flops() { return shape.flops(); }
}
