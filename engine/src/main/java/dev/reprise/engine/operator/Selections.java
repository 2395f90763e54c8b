package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.ReverseSequence;
import dev.reprise.ops.kernel.TopK;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.List;

/** TopK (since 1 k as attribute; 10 as input; 11 largest, sorted; 24) and ReverseSequence (10). */
final class Selections {
    private Selections() {}

    static void register(Registry r) {
        r.add("ReverseSequence", 10, Selections::reverseSequence, "batch_axis", "time_axis");
        r.add("TopK", 1, c -> topK(c, c.attributes().integer("k")), "axis", "k");
        r.add("TopK", 10, c -> topK(c, c.constant(1).getLong(0)), "axis");
        r.add("TopK", 11, c -> topK(c, c.constant(1).getLong(0)), "axis", "largest", "sorted");
    }

    private static Binding topK(BindContext c, long k) {
        Shape s = c.shape(0);
        int axis = Shape.axis(c.attributes().integer("axis", -1), s.rank());
        c.require(axis < s.rank() && k >= 0 && k <= s.dim(axis),
                "k is " + k + ", axis " + axis + " of input " + s + " has no so many elements");
        Shape out = s.with(axis, k);
        // "sorted" = 0 leaves the order open; ours is always best first.
        return Binding.of(List.of(new Binding.Output(c.dtype(0), out), new Binding.Output(DType.INT64, out)),
                new TopK(s.product(0, axis), s.dim(axis),
                        s.product(axis + 1, s.rank()), Math.toIntExact(k), c.attributes().flag("largest", true)));
    }

    private static Binding reverseSequence(BindContext c) {
        Shape s = c.shape(0);
        long batch = c.attributes().integer("batch_axis", 1), time = c.attributes().integer("time_axis", 0);
        c.require(s.rank() >= 2 && batch + time == 1 && (batch == 0 || batch == 1),
                "batch_axis and time_axis must be 0 and 1, found " + batch + ", " + time);
        c.require(c.shape(1).equals(Shape.of(s.dim((int) batch))) && c.dtype(1) == DType.INT64,
                "sequence_lens must be int64[" + s.dim((int) batch) + "], found " + c.dtype(1) + c.shape(1));
        return Binding.of(c.dtype(0), s, new ReverseSequence(s.dim(0), s.dim(1), s.product(2, s.rank()) * c.dtype(0).bytes(), time == 0));
    }
}
