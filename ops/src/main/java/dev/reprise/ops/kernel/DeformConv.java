package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.lines;
import static dev.reprise.ops.tensor.Tensor.F32;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Deformable convolution of ONNX 19 over float32 (N, C, H, W). Inputs: 0 the image, 1 the weights (M, C / group, kh, kw), 2
 * the offsets (N, offset groups * kh * kw * 2, oh, ow), 3 a bias (M) or null, 4 a mask (N, offset groups * kh * kw, oh, ow)
 * or null. What each tap reads is interpolated between four pixels, in float32 and in the order top left, top right, bottom
 * left, bottom right (zeros outside); then it is the matrix product of {@link Conv}.
 */
public record DeformConv(ConvShape shape, int offsetGroups) implements Kernel {
    /** The matrix product over the gathered columns of one image. */
    private static ConvShape product(ConvShape s) {
        int[] one = {1, 1, 1};
        return new ConvShape(1, s.group(), s.c() * s.taps(), s.m(), s.out(), one, one, one, new int[3], s.out());
    }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment memory, Workers workers) {
        long scratch = memory.address();
        ConvShape s = shape;
        int pixels = s.outPixels(), gc = s.groupC(), taps = s.taps();
        long at = scratch + workers.threads() * ConvDirect.WORKER_BYTES, w = at;
        at += lines(packedBytes());
        ConvWeights.packMatrices(in[1].address(), s, w, at);
        long columns = (long) pixels * s.c() * taps * 4, result = (long) pixels * s.m() * 4;
        long cols = at, y = at + lines(columns), o = out[0].address();
        Tensor mask = in.length > 4 ? in[4] : null;
        long bias = in.length > 3 && in[3] != null ? in[3].address() : 0;
        for (int i = 0; i < s.batch(); i++) {
            int image = i;
            workers.run(pixels, 4, (begin, end, _) -> {
                for (long p = begin; p < end; p++)
                    for (int t = 0; t < taps; t++)
                        for (int c = 0; c < s.c(); c++) {
                            int tap = (c / (s.c() / offsetGroups)) * taps + t;
                            float v = sample(in[0], in[2], image, c, (int) p, t, tap, pixels);
                            if (mask != null) v *= mask.getFloat(((long) image * offsetGroups * taps + tap) * pixels + p);
                            ALL.set(F32, cols + (((p * s.group() + c / gc) * taps + t) * gc + c % gc) * 4, v);
                        }
            });
            ConvDirect.run(product(s), cols, w, bias, 0, Epilogue.NONE, y, scratch, ConvDirect.WORKER_BYTES, workers);
            Layout.channelsFirst(y, 1, s.m(), pixels, o + i * result, workers);
        }
    }

    private float sample(Tensor x, Tensor offset, int image, int c, int p, int t, int tap, int pixels) {
        ConvShape s = shape;
        int w = s.out()[2], kw = s.kernel()[2], ih = s.in()[1], iw = s.in()[2];
        long o = ((long) image * offsetGroups * s.taps() + tap) * 2 * pixels + p;
        float h = p / w * s.stride()[1] - s.pad()[1] + t / kw * s.dilation()[1] + offset.getFloat(o);
        float v = p % w * s.stride()[2] - s.pad()[2] + t % kw * s.dilation()[2] + offset.getFloat(o + pixels);
        if (!(h > -1 && h < ih && v > -1 && v < iw)) return 0;
        int h0 = (int) Math.floor(h), w0 = (int) Math.floor(v);
        float dh = h - h0, dw = v - w0, eh = 1 - dh, ew = 1 - dw;
        long plane = ((long) image * s.c() + c) * ih;
        return eh * ew * pixel(x, plane, h0, w0) + eh * dw * pixel(x, plane, h0, w0 + 1) + dh * ew * pixel(x, plane, h0 + 1, w0)
                + dh * dw * pixel(x, plane, h0 + 1, w0 + 1);
    }

    private float pixel(Tensor x, long plane, int h, int w) {
        return h < 0 || w < 0 || h >= shape.in()[1] || w >= shape.in()[2] ? 0 : x.getFloat((plane + h) * shape.in()[2] + w);
    }

    private long packedBytes() { return shape.group() * PackedB.bytes(shape.k(), shape.groupM()); }

    @Override
    public long scratchBytes(int threads) {
        ConvShape s = shape;
        long columns = (long) s.outPixels() * s.c() * s.taps() * 4, result = (long) s.outPixels() * s.m() * 4;
        return threads * ConvDirect.WORKER_BYTES + lines(packedBytes()) + Math.max(4L * s.m() * s.k(), lines(columns) + result);
    }

    @Override
    public long flops() { return shape.flops(); }
}
