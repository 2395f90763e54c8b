package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * DynamicQuantizeLinear of ONNX 11: float32 to uint8 (output 0) with the scale (output 1) and zero point (output 2) that
 * let its range, widened to contain zero, fill 0 to 255.
 */
public record DynamicQuantize() implements Kernel {
    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        Tensor x = in[0];
        float low = 0, high = 0;
        for (long i = 0; i < x.size(); i++) {
            low = Math.min(low, x.getFloat(i));
            high = Math.max(high, x.getFloat(i));
        }
        // A constant zero has no range; any scale represents it.
        float s = high == low ? 1 : (high - low) / 255f, scale = s;
        long zero = Quantize.saturate(Math.rint(-low / scale), DType.UINT8);
        if (out[0] != null)
            for (long i = 0; i < x.size(); i++)
                out[0].setLong(i, Quantize.saturate(Math.rint(x.getFloat(i) / scale) + zero, DType.UINT8));
        if (out.length > 1 && out[1] != null) out[1].setFloat(0, scale);
        if (out.length > 2 && out[2] != null) out[2].setLong(0, zero);
    }
}
