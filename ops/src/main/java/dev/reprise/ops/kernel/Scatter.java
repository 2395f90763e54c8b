package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * ONNX ScatterElements and ScatterND: a copy of input 0 in which the updates (input 2) land where the indices (input 1)
 * say. Updates are applied by one thread in their order, so where indices repeat, the last one wins and sums have one
 * order.
 */
public sealed interface Scatter extends Kernel {
    @Override
    default int inPlace() { return 0; }

    /** Single elements, placed by an index on one axis. */
    static Kernel elements(Shape data, Shape indices, int axis, Reduction reduction) {
        return new ByElement(new ElementIndex(data, indices, axis), reduction);
    }

    /** Blocks, placed by index tuples. */
    static Kernel blocks(Shape data, Shape indices, Reduction reduction) {
        return new ByBlock(new TupleIndex(data, indices, 0), data.product(indices.dimInt(indices.rank() - 1), data.rank()), reduction);
    }

    /** @hidden */
    record ByElement(ElementIndex at, Reduction reduction) implements Scatter {
        @Override
        public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
            Elements.copy(in[0], out[0], workers);
            long n = at.rowLength();
            for (long row = 0; row < at.rows(); row++) {
                long base = at.base(row);
                for (long j = 0; j < n; j++)
                    reduction.apply(out[0], at.position(base, j, in[1].getLong(row * n + j)), in[2], row * n + j, 1);
            }
        }
    }

    /** @hidden */
    record ByBlock(TupleIndex at, long block, Reduction reduction) implements Scatter {
        @Override
        public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
            Elements.copy(in[0], out[0], workers);
            for (long i = 0; i < at.tuples(); i++)
                reduction.apply(out[0], at.position(in[1], i), in[2], i * block, block);
        }
    }
}
