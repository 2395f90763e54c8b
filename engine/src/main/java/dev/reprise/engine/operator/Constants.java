package dev.reprise.engine.operator;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.ops.kernel.Elements;
import dev.reprise.ops.kernel.Fill;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;

/** Constant (since 1, 11, 12, 13) and ConstantOfShape (9). String constants are refused. */
final class Constants {
    private Constants() {}

    static void register(Registry r) {
        r.add("Constant", 1, Constants::constant, "value");
        r.add("Constant", 11, Constants::constant, "value", "sparse_value");
        r.add("Constant", 12, Constants::constant, "value", "sparse_value", "value_float", "value_floats", "value_int", "value_ints");
        r.add("ConstantOfShape", 9, Constants::ofShape, "value");
    }

    private static Binding constant(BindContext c) {
        // The values of an attribute live as long as the model; those made here as long as the kernel that holds them.
        Tensor t = value(c.attributes(), Arena.ofAuto());
        c.require(t != null,
                "a Constant needs one of the attributes value, sparse_value, value_float, value_floats, value_int, value_ints");
        return Binding.of(t.dtype(), t.shape(), (_, out, _, workers) -> Elements.copy(t, out[0], workers));
    }

    private static Tensor value(Attributes a, Arena arena) {
        if (a.has("value")) return a.tensor("value");
        if (a.has("sparse_value")) return a.tensor("sparse_value"); // The importer made it dense.
        if (a.has("value_float")) return Tensor.of(arena, Shape.SCALAR, a.real("value_float"));
        if (a.has("value_int")) return Tensor.of(arena, Shape.SCALAR, a.integer("value_int"));
        if (a.has("value_floats")) {
            float[] v = a.reals("value_floats", new float[0]);
            return Tensor.of(arena, Shape.of(v.length), v);
        }
        if (a.has("value_ints")) {
            long[] v = a.integers("value_ints", new long[0]);
            return Tensor.of(arena, Shape.of(v.length), v);
        }
        return null;
    }

    private static Binding ofShape(BindContext c) {
        Shape shape = Shape.of(c.longs(0, null));
        Tensor value = c.attributes().tensor("value");
        if (value == null) return Binding.of(DType.FLOAT32, shape, new Fill(0));
        c.require(value.size() == 1, "attribute 'value' must have one element, found " + value);
        return Binding.of(value.dtype(), shape, new Fill(Elements.bits(value.data(), 0, value.dtype().bytes())));
    }
}
