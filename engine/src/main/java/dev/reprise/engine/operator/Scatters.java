package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Reduction;
import dev.reprise.ops.kernel.Scatter;
import dev.reprise.ops.kernel.TensorScatter;
import dev.reprise.ops.tensor.Shape;

/**
 * Scatter (since 9), ScatterElements (11, 13; 16 and 18 reduction), ScatterND (11, 13; 16 and 18 reduction) and
 * TensorScatter (24). Where indices repeat, updates count in their order.
 */
final class Scatters {
    private Scatters() {}

    static void register(Registry r) {
        r.add("Scatter", 9, Scatters::elements, "axis");
        r.add("ScatterElements", 11, Scatters::elements, "axis");
        r.add("ScatterElements", 16, halves(Scatters::elements), "axis", "reduction");
        r.add("ScatterND", 11, Scatters::nd);
        r.add("ScatterND", 16, halves(Scatters::nd), "reduction");
        r.add("TensorScatter", 24, Scatters::cache, "axis", "mode");
    }

    /** Only what calculates needs half types widened. */
    private static Operator.Static halves(Operator.Static operator) {
        Operator.Static wide = Halves.of(operator);
        return c -> reduction(c) == Reduction.NONE ? operator.bind(c) : wide.bind(c);
    }

    private static Reduction reduction(BindContext c) {
        String name = c.attributes().string("reduction", "none");
        return switch (name) {
            case "none" -> Reduction.NONE;
            case "add" -> Reduction.ADD;
            case "mul" -> Reduction.MUL;
            case "min" -> Reduction.MIN;
            case "max" -> Reduction.MAX;
            default -> throw c.error("attribute 'reduction' is '" + name + "', expected none, add, mul, min or max");
        };
    }

    private static Binding elements(BindContext c) {
        Shape data = c.shape(0), indices = c.shape(1);
        int axis = Gathers.checkElements(c, data, indices);
        checkUpdates(c, indices);
        return Binding.of(c.dtype(0), data, Scatter.elements(data, indices, axis, reduction(c)));
    }

    private static Binding nd(BindContext c) {
        Shape data = c.shape(0), indices = c.shape(1);
        int tuple = Gathers.checkTuples(c, data, indices, 0), tuples = indices.rank() - 1;
        long[] dims = new long[tuples + data.rank() - tuple];
        for (int i = 0; i < dims.length; i++)
            dims[i] = i < tuples ? indices.dim(i) : data.dim(i - tuples + tuple);
        checkUpdates(c, Shape.of(dims));
        return Binding.of(c.dtype(0), data, Scatter.blocks(data, indices, reduction(c)));
    }

    private static void checkUpdates(BindContext c, Shape expected) {
        c.require(c.dtype(2) == c.dtype(0) && c.shape(2).equals(expected),
                "updates must be " + c.dtype(0) + expected + ", found " + c.dtype(2) + c.shape(2));
    }

    private static Binding cache(BindContext c) {
        Shape cache = c.shape(0), update = c.shape(1);
        c.require(cache.rank() > 1, "the cache must have a batch and a sequence axis, found " + cache);
        int axis = Shape.axis(c.attributes().integer("axis", -2), cache.rank());
        c.require(axis > 0, "attribute 'axis' must not be the batch axis");
        c.require(update.rank() == cache.rank() && update.with(axis, cache.dim(axis)).equals(cache) && c.dtype(1) == c.dtype(0),
                "update " + update + " does not fit cache " + cache + " along axis " + axis);
        c.require(update.dim(axis) <= cache.dim(axis), "update " + update + " is longer than cache " + cache);
        c.require(!c.has(2) || c.shape(2).size() == cache.dim(0), "write_indices must have one entry for each of the batch");
        String mode = c.attributes().string("mode", "linear");
        c.require(mode.equals("linear") || mode.equals("circular"), "attribute 'mode' is '" + mode + "', expected linear or circular");
        return Binding.of(c.dtype(0), cache, new TensorScatter(cache.dim(0), cache.product(1, axis), cache.dim(axis), update.dim(axis),
                cache.product(axis + 1, cache.rank()) * c.dtype(0).bytes(), mode.equals("circular")));
    }
}
