package dev.reprise.engine.operator;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.Arrays;

/** Shape (since 1; 15 adds start and end) and Size (1). Their kernels do not look at the input's elements. */
final class Shapes {
    private Shapes() {}

    static void register(Registry r) {
        r.add("Shape", 1, Shapes::shape);
        r.add("Shape", 15, Shapes::shape, "start", "end");
        r.add("Size", 1, Shapes::size);
    }

    private static Binding shape(BindContext c) {
        int rank = c.rank(0);
        int start = clamp(c.attributes().integer("start", 0), rank), end = clamp(c.attributes().integer("end", rank), rank);
        long[] dims = Arrays.copyOfRange(c.shape(0).dims(), start, Math.max(start, end));
        return Binding.of(DType.INT64, Shape.of(dims.length), (_, out, _, _) -> {
            for (int i = 0; i < dims.length; i++)
                out[0].setLong(i, dims[i]);
        });
    }

    private static int clamp(long axis, int rank) { return (int) Math.clamp(axis < 0 ? axis + rank : axis, 0L, rank); }

    private static Binding size(BindContext c) {
        long n = c.shape(0).size();
        return Binding.of(DType.INT64, Shape.SCALAR, (_, out, _, _) -> out[0].setLong(0, n));
    }
}
