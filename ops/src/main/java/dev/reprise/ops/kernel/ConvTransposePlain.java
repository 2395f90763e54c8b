package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** A transposed float64 convolution of (N, C, spatial…) images, in the order of {@link ConvTranspose}, without vectors. */
public record ConvTransposePlain(ConvShape shape) implements Kernel {
    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        int pixels = shape.outPixels();
        workers.run((long) shape.batch() * shape.m(), 1, (begin, end, _) -> {
            for (long t = begin; t < end; t++)
                for (int p = 0; p < pixels; p++)
                    out[0].setDouble(t * pixels + p, element(in, t / shape.m(), (int) (t % shape.m()), p));
        });
    }

    private double element(Tensor[] in, long image, int m, int p) {
        ConvShape s = shape;
        int gc = s.groupC(), gm = s.groupM(), taps = s.taps(), kw = s.kernel()[2], kh = s.kernel()[1], c0 = m / gm * gc;
        double y = 0;
        for (int t = 0; t < taps; t++) {
            int d = source(p / s.out()[2] / s.out()[1], t / kw / kh, 0), h = source(p / s.out()[2] % s.out()[1], t / kw % kh, 1),
                    w = source(p % s.out()[2], t % kw, 2);
            if (d < 0 || h < 0 || w < 0) continue;
            long pixel = ((long) d * s.in()[1] + h) * s.in()[2] + w;
            double sum = 0;
            for (int c = c0; c < c0 + gc; c++)
                sum = Math.fma(in[0].getDouble((image * s.c() + c) * s.inPixels() + pixel),
                        in[1].getDouble(((long) c * gm + m % gm) * taps + t), sum);
            y += sum;
        }
        return in.length > 2 && in[2] != null ? y + in[2].getDouble(m) : y;
    }

    private int source(int o, int k, int axis) {
        int v = o + shape.pad()[axis] - k * shape.dilation()[axis];
        if (v < 0 || v % shape.stride()[axis] != 0) return -1;
        v /= shape.stride()[axis];
        return v < shape.in()[axis] ? v : -1;
    }

    @Override
    public long flops() { return 2L * shape.batch() * shape.inPixels() * shape.groupC() * shape.m() * shape.taps(); }
}
