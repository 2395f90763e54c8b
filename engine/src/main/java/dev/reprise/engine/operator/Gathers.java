package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Gather;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;

/** Gather (since 1, 11, 13). */
final class Gathers {
    private Gathers() {}

    static void register(Registry r) {
        r.add("Gather", 1, Gathers::gather, "axis");
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

    /** Dimensions [0, head) of {@code data}, all of {@code middle}, and those of {@code data} from {@code tail} on. */
    static Shape splice(Shape data, int head, Shape middle, int tail) {
        long[] d = new long[head + middle.rank() + data.rank() - tail];
        for (int i = 0; i < d.length; i++)
            d[i] = i < head ? data.dim(i) : i < head + middle.rank() ? middle.dim(i - head) : data.dim(i - head - middle.rank() + tail);
        return Shape.of(d);
    }

    static void needIndices(BindContext c, int input) {
        DType t = c.dtype(input);
        c.require(t == DType.INT64 || t == DType.INT32, "input " + input + " (indices) must be int32 or int64, found " + t);
    }
}
