package dev.reprise.ops.kernel;

import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;

/** Where GatherND reads and ScatterND writes: index tuples that each name a block of the data. */
final class TupleIndex {
    private final int length;
    private final long[] dims, strides;
    private final long tuples, perBatch, batchStride;
    private final String what;

    /** @param batch leading axes that data and indices share */
    TupleIndex(Shape data, Shape indices, int batch) {
        int r = indices.rank();
        length = indices.dimInt(r - 1);
        tuples = indices.product(0, r - 1);
        perBatch = indices.product(batch, r - 1);
        batchStride = data.product(batch, data.rank());
        dims = new long[length];
        strides = new long[length];
        for (int i = 0; i < length; i++) {
            dims[i] = data.dim(batch + i);
            strides[i] = data.product(batch + i + 1, data.rank());
        }
        what = "input 0 " + data;
    }

    long tuples() { return tuples; }

    /** The first element of the block that a tuple names. */
    long position(Tensor indices, long tuple) {
        long at = batchStride == 0 ? 0 : tuple / perBatch * batchStride;
        for (int i = 0; i < length; i++)
            at += Elements.index(indices.getLong(tuple * length + i), dims[i], what) * strides[i];
        return at;
    }
}
