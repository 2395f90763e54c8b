package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** ONNX GatherND: each index tuple fetches one block of the data. */
public final class GatherNd implements Kernel {
    private final TupleIndex at;
    private final int bytes;
    private final long block;

    public GatherNd(Shape data, Shape indices, int batch, int bytes) {
        at = new TupleIndex(data, indices, batch);
        this.bytes = bytes;
        block = data.product(batch + indices.dimInt(indices.rank() - 1), data.rank()) * bytes;
    }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        MemorySegment from = in[0].data(), to = out[0].data();
        workers.run(at.tuples(), Math.max(1, Elements.GRAIN_BYTES / Math.max(block, 16)), (begin, end, _) -> {
            for (long i = begin; i < end; i++)
                Elements.copy(from, at.position(in[1], i) * bytes, to, i * block, block);
        });
    }
}
