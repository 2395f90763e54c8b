package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * {@code y = saturate(rint(x / scale) + zero)}, or back: {@code y = (x - zero) * scale}. Inputs: 0 x, 1 the scales, 2 the
 * zero points (of the scales' shape) or null. Element [o][a][i] of x, seen as (outer, axis, inner), has scale
 * [o][a / block][i] where {@code block} > 0, else scale [a], and where there is only one scale, that. Arithmetic is float32
 * (float16 and bfloat16 are converted exactly); int32 goes through float64.
 *
 * @param quantize true for x to integers, false for integers to x
 */
public record QuantizeLinear(boolean quantize, DType to, long outer, long axis, long inner, long block, boolean single) implements Kernel {
    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        Tensor x = in[0], scale = in[1], zero = in.length > 2 ? in[2] : null, y = out[0];
        long blocks = block > 0 ? Math.ceilDiv(axis, block) : axis;
        workers.run(outer * axis, Math.max(1, 4096 / Math.max(1, inner)), (begin, end, _) -> {
            for (long r = begin; r < end; r++)
                for (long i = 0; i < inner; i++) {
                    long at = r * inner + i, s = single ? 0 : block > 0 ? (r / axis * blocks + r % axis / block) * inner + i : r % axis;
                    long z = zero == null || zero.dtype().isFloat() ? 0 : zero.getLong(s);
                    if (quantize) y.setLong(at, Quantize.saturate(Math.rint(divide(x, at, scale, s)) + z, to));
                    else y.setDouble(at, (double) ((float) (x.getLong(at) - z) * (float) scale.getDouble(s)));
                }
        });
    }

    private static double divide(Tensor x, long i, Tensor scale, long s) {
        if (x.dtype() == DType.INT32) return x.getLong(i) / scale.getDouble(s);
        return (float) x.getDouble(i) / (float) scale.getDouble(s);
    }
}
