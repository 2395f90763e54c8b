package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.LayerNorm;
import dev.reprise.ops.kernel.NormDoubles;
import dev.reprise.ops.kernel.Kernel;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.List;

/** LayerNormalization (since 17) and RMSNormalization (23), over the dimensions from {@code axis} on. */
final class LayerNorms {
    private LayerNorms() {}

    static void register(Registry r) {
        r.add("LayerNormalization", 17, Halves.of(c -> bind(c, true), 1, 2), "axis", "epsilon", "stash_type");
        r.add("RMSNormalization", 23, Halves.of(c -> bind(c, false)), "axis", "epsilon", "stash_type");
    }

    private static Binding bind(BindContext c, boolean centered) {
        Shape s = c.shape(0);
        DType t = c.dtype(0);
        int axis = Shape.axis(c.attributes().integer("axis", -1), s.rank());
        long rows = s.product(0, axis), size = s.product(axis, s.rank());
        for (int i = 1; i < 3; i++)
            c.require(!c.has(i) || c.shape(i).size() == size && c.dtype(i) == t,
                    "input " + i + " must have " + size + " elements of " + t + ", found "
                            + (c.has(i) ? c.dtype(i) + "" + c.shape(i) : ""));
        // ONNX wants a scale, but PyTorch 1.13 writes none for a LayerNorm without affine parameters.
        c.require(c.has(1) || !c.has(2), "a bias without a scale is not allowed");
        float epsilon = c.attributes().real("epsilon", 1e-5f);
        Kernel k = switch (t) {
            case FLOAT32 -> new LayerNorm(rows, Math.toIntExact(size), epsilon, centered);
            case FLOAT64 -> NormDoubles.rows(rows, size, epsilon, centered);
            default -> throw c.unsupported("element type " + t);
        };
        Binding.Output y = new Binding.Output(t, s);
        if (!centered || c.outputs() == 1) return Binding.of(List.of(y), k);
        Shape stats = s;
        for (int i = axis; i < s.rank(); i++)
            stats = stats.with(i, 1);
        // The statistics have the type of the computation: float32 for stash_type 1, the default.
        Binding.Output stat = new Binding.Output(DType.FLOAT32, stats);
        return Binding.of(c.outputs() == 2 ? List.of(y, stat) : List.of(y, stat, stat), k);
    }
}
