package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * ONNX ReverseSequence over data seen as (a, b, block bytes): the first {@code lengths[batch]} steps of each batch entry
 * in reverse, the rest unchanged. Time is axis 0 or 1, the batch the other. Input 1 holds the lengths.
 */
public record ReverseSequence(long a, long b, long block, boolean timeFirst) implements Kernel {
    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        MemorySegment from = in[0].data(), to = out[0].data();
        long times = timeFirst ? a : b;
        workers.run(a * b, Math.max(1, Elements.GRAIN_BYTES / Math.max(block, 16)), (begin, end, _) -> {
            for (long item = begin; item < end; item++) {
                long i = item / b, j = item % b, t = timeFirst ? i : j, length = in[1].getLong(timeFirst ? j : i);
                if (length < 0 || length > times)
                    throw new IllegalArgumentException("sequence length " + length + " is outside [0, " + times + "]");
                long s = t < length ? length - 1 - t : t;
                Elements.copy(from, (timeFirst ? s * b + j : i * b + s) * block, to, item * block, block);
            }
        });
    }
}
