package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * ONNX OneHot over an output seen as (outer, depth, inner): input 0 the indices (outer, inner), of any numeric type;
 * input 2 the values off and on. Indices outside [-depth, depth-1] leave their column off.
 */
public record OneHot(long outer, long depth, long inner) implements Kernel {
    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        int bytes = out[0].dtype().bytes();
        long on = Elements.bits(in[2].data(), bytes, bytes);
        Elements.fill(out[0], Elements.bits(in[2].data(), 0, bytes), workers);
        boolean real = in[0].dtype().isFloat();
        for (long o = 0; o < outer; o++)
            for (long i = 0; i < inner; i++) {
                long k = real ? (long) in[0].getDouble(o * inner + i) : in[0].getLong(o * inner + i);
                if (k < 0) k += depth;
                if (k >= 0 && k < depth) Elements.put(out[0].data(), ((o * depth + k) * inner + i) * bytes, bytes, on);
            }
    }
}
