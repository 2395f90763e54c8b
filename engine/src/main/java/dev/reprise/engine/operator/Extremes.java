package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.ArgExtreme;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;

/** ArgMax and ArgMin (since 1; 11 negative axes; 12 select_last_index; 13). */
final class Extremes {
    private Extremes() {}

    static void register(Registry r) {
        add(r, "ArgMax", true);
        add(r, "ArgMin", false);
    }

    private static void add(Registry r, String name, boolean largest) {
        r.add(name, 1, c -> bind(c, largest), "axis", "keepdims");
        r.add(name, 12, c -> bind(c, largest), "axis", "keepdims", "select_last_index");
    }

    private static Binding bind(BindContext c, boolean largest) {
        DType t = c.dtype(0);
        if (t == DType.BOOL) throw c.unsupported("element type " + t);
        Shape s = c.shape(0);
        int axis = Shape.axis(c.attributes().integer("axis", 0), s.rank());
        c.require(s.rank() > 0, "input 0 must have at least 1 dimension, found a scalar");
        c.require(s.dim(axis) > 0, "axis " + axis + " of input 0 " + s + " has no elements");
        boolean[] reduced = new boolean[s.rank()];
        reduced[axis] = true;
        return Binding.of(DType.INT64, Reductions.without(s, reduced, c.attributes().flag("keepdims", true)),
                new ArgExtreme(s.product(0, axis), s.dim(axis), s.product(axis + 1, s.rank()), largest,
                        c.attributes().flag("select_last_index", false)));
    }
}
