package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * ONNX TensorScatter (24): a key/value cache (batch, outer, n, block bytes) of which {@code count} positions of the
 * third axis, from {@code write_indices[batch]} (input 2, 0 where absent) on, are replaced by the update (input 1);
 * past the end it is an error, or, where {@code circular}, wraps around.
 */
public record TensorScatter(long batch, long outer, long n, long count, long block, boolean circular) implements Kernel {
    @Override
    public int inPlace() { return 0; }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        Elements.copy(in[0], out[0], workers);
        MemorySegment from = in[1].data(), to = out[0].data();
        for (long b = 0; b < batch; b++) {
            long first = in.length > 2 && in[2] != null ? in[2].getLong(b) : 0;
            if (first < 0 || !circular && first + count > n)
                throw new IndexOutOfBoundsException("writing " + count + " positions at " + first + " leaves [0, " + (n - 1) + "]");
            for (long o = b * outer; o < (b + 1) * outer; o++)
                for (long i = 0; i < count; i++)
                    MemorySegment.copy(from, (o * count + i) * block, to, (o * n + (first + i) % n) * block, block);
        }
    }
}
