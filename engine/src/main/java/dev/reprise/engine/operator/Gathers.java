package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Gather;
import dev.reprise.ops.kernel.GatherElements;
import dev.reprise.ops.kernel.GatherNd;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;

/** Gather (since 1, 11, 13), GatherElements (11, 13) and GatherND (11; 12 batch_dims; 13). */
final class Gathers {
    private Gathers() {}

    static void register(Registry r) {
        r.add("Gather", 1, Gathers::gather, "axis");
        r.add("GatherElements", 11, Gathers::elements, "axis");
        r.add("GatherND", 11, Gathers::nd);
        r.add("GatherND", 12, Gathers::nd, "batch_dims");
    }

    private static Binding gather(BindContext c) {
        Shape data = c.shape(0), indices = c.shape(1);
        needIndices(c, 1);
        c.require(data.rank() > 0, "input 0 must not be a scalar");
        int axis = Shape.axis(c.attributes().integer("axis", 0), data.rank());
        Shape out = splice(data, axis, indices, axis + 1);
        return Binding.of(c.dtype(0), out, new Gather(data.product(0, axis), data.dim(axis), indices.size(),
                data.product(axis + 1, data.rank()) * c.dtype(0).bytes(), "axis " + axis + " of input 0 " + data));
    }

    private static Binding elements(BindContext c) {
        Shape data = c.shape(0), indices = c.shape(1);
        int axis = checkElements(c, data, indices);
        return Binding.of(c.dtype(0), indices, new GatherElements(data, indices, axis, c.dtype(0).bytes()));
    }

    private static Binding nd(BindContext c) {
        Shape data = c.shape(0), indices = c.shape(1);
        long batch = c.attributes().integer("batch_dims", 0);
        c.require(batch >= 0 && batch < Math.min(data.rank(), indices.rank()),
                "attribute 'batch_dims' is " + batch + ", expected less than the ranks of " + data + " and " + indices);
        int b = (int) batch;
        for (int i = 0; i < b; i++)
            c.require(data.dim(i) == indices.dim(i), "batch dimension " + i + " differs between data " + data + " and indices " + indices);
        int tuple = checkTuples(c, data, indices, b), tuples = indices.rank() - 1;
        long[] dims = new long[tuples + data.rank() - b - tuple];
        for (int i = 0; i < dims.length; i++)
            dims[i] = i < tuples ? indices.dim(i) : data.dim(i - tuples + b + tuple);
        return Binding.of(c.dtype(0), Shape.of(dims), new GatherNd(data, indices, b, c.dtype(0).bytes()));
    }

    /** The axis of an operator that indexes single elements. */
    static int checkElements(BindContext c, Shape data, Shape indices) {
        needIndices(c, 1);
        c.require(data.rank() > 0 && data.rank() == indices.rank(),
                "data " + data + " and indices " + indices + " must have the same rank, at least 1");
        int axis = Shape.axis(c.attributes().integer("axis", 0), data.rank());
        for (int i = 0; i < data.rank(); i++)
            c.require(i == axis || indices.size() == 0 || indices.dim(i) <= data.dim(i),
                    "indices " + indices + " exceed data " + data + " on axis " + i);
        return axis;
    }

    /** The length of the index tuples. */
    static int checkTuples(BindContext c, Shape data, Shape indices, int batch) {
        needIndices(c, 1);
        c.require(data.rank() > 0 && indices.rank() > 0, "data and indices must not be scalars");
        long tuple = indices.dim(-1);
        c.require(tuple <= data.rank() - batch, "index tuples of length " + tuple + " are too long for data " + data);
        return (int) tuple;
    }

    /** Dimensions [0, head) of {@code data}, all of {@code middle}, and those of {@code data} from {@code tail} on. */
    private static Shape splice(Shape data, int head, Shape middle, int tail) {
        long[] d = new long[head + middle.rank() + data.rank() - tail];
        for (int i = 0; i < d.length; i++)
            d[i] = i < head ? data.dim(i) : i < head + middle.rank() ? middle.dim(i - head) : data.dim(i - head - middle.rank() + tail);
        return Shape.of(d);
    }

    private static void needIndices(BindContext c, int input) {
        DType t = c.dtype(input);
        c.require(t == DType.INT64 || t == DType.INT32, "input " + input + " (indices) must be int32 or int64, found " + t);
    }
}
