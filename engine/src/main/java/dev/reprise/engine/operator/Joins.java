package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Concat;
import dev.reprise.ops.kernel.Split;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Concat (since 1 with a default axis; 4, 11, 13) and Split (1, 2, 11 attribute; 13 input; 18 num_outputs). */
final class Joins {
    private Joins() {}

    static void register(Registry r) {
        r.add("Concat", 1, c -> concat(c, c.attributes().integer("axis", 1)), "axis");
        r.add("Concat", 4, c -> concat(c, c.attributes().integer("axis")), "axis");
        r.add("Split", 1, c -> split(c, c.has(1) ? c.longs(1, null) : c.attributes().integers("split", null)), "axis", "split");
        r.add("Split", 2, c -> split(c, c.attributes().integers("split", null)), "axis", "split");
        r.add("Split", 13, c -> split(c, c.longs(1, null)), "axis");
        r.add("Split", 18, c -> split(c, c.longs(1, null)), "axis", "num_outputs");
    }

    private static Binding concat(BindContext c, long attribute) {
        Shape first = c.shape(0);
        DType dtype = c.dtype(0);
        c.require(first.rank() > 0, "scalars cannot be concatenated");
        int axis = Shape.axis(attribute, first.rank());
        long[] runs = new long[c.inputs()];
        long n = 0, inner = first.product(axis + 1, first.rank()) * dtype.bytes();
        for (int i = 0; i < runs.length; i++) {
            Shape s = c.shape(i);
            c.require(c.dtype(i) == dtype, "input " + i + " is " + c.dtype(i) + ", input 0 is " + dtype);
            c.require(s.rank() == first.rank() && s.with(axis, first.dim(axis)).equals(first),
                    "input " + i + " of shape " + s + " does not continue input 0 of shape " + first + " along axis " + axis);
            runs[i] = s.dim(axis) * inner;
            n += s.dim(axis);
        }
        if (runs.length == 1) return Binding.alias(0, dtype, first);
        Binding b = Binding.of(dtype, first.with(axis, n), new Concat(first.product(0, axis), runs));
        return axis == 0 || runs.length > Long.SIZE ? b : b.withBatched(IntStream.range(0, runs.length).toArray());
    }

    private static Binding split(BindContext c, long[] sizes) {
        Shape in = c.shape(0);
        c.require(in.rank() > 0, "a scalar cannot be split");
        int axis = Shape.axis(c.attributes().integer("axis", 0), in.rank());
        int outputs = c.outputs();
        long n = in.dim(axis), wanted = c.attributes().integer("num_outputs", outputs);
        c.require(wanted == outputs, "attribute 'num_outputs' is " + wanted + ", the node has " + outputs + " outputs");
        if (sizes == null) {
            // Since 18 the last part may be smaller; before that the parts had to be equal.
            long part = (n + outputs - 1) / outputs;
            c.require(n % outputs == 0 || c.opset() >= 18 && part * (outputs - 1) <= n,
                    "dimension " + n + " does not split into " + outputs + " parts");
            sizes = new long[outputs];
            Arrays.fill(sizes, part);
            sizes[outputs - 1] = n - part * (outputs - 1);
        }
        c.require(sizes.length == outputs && Arrays.stream(sizes).allMatch(s -> s >= 0) && Arrays.stream(sizes).sum() == n,
                "parts " + Arrays.toString(sizes) + " do not make up dimension " + n + " over " + outputs + " outputs");
        if (outputs == 1) return Binding.alias(0, c.dtype(0), in);
        long inner = in.product(axis + 1, in.rank()) * c.dtype(0).bytes();
        long[] runs = new long[outputs];
        List<Binding.Output> types = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            runs[i] = sizes[i] * inner;
            types.add(new Binding.Output(c.dtype(0), in.with(axis, sizes[i])));
        }
        return Binding.of(types, new Split(in.product(0, axis), runs));
    }
}
