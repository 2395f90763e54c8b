package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * ONNX Gather: output block (o, i) of {@code block} bytes is block {@code indices[i]} of the data's {@code n} blocks in
 * outer slice o. Input 0 is the data, input 1 the indices (int32 or int64, negative ones count from the end).
 */
public record Gather(long outer, long n, long count, long block, String what) implements Kernel {
    @Override
    public boolean repeatable() { return true; }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        if (block == 0) return;
        MemorySegment from = in[0].data(), to = out[0].data();
        Tensor indices = in[1];
        workers.run(outer * count, Math.max(1, Elements.GRAIN_BYTES / Math.max(block, 16)), (begin, end, _) -> {
            for (long item = begin; item < end; item++) {
                long o = item / count, k = Elements.index(indices.getLong(item - o * count), n, what);
                Elements.copy(from, (o * n + k) * block, to, item * block, block);
            }
        });
    }
}
