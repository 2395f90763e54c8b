package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.AxisDoubles;
import dev.reprise.ops.kernel.Softmax;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;

/** Softmax, LogSoftmax, Hardmax (since 1 and 11 over all axes from {@code axis} on, flattened; since 13 over one axis). */
final class Softmaxes {
    private Softmaxes() {}

    static void register(Registry r) {
        r.add("Softmax", 1, Halves.of(c -> bind(c, AxisDoubles.Of.SOFTMAX)), "axis");
        r.add("LogSoftmax", 1, Halves.of(c -> bind(c, AxisDoubles.Of.LOG_SOFTMAX)), "axis");
        r.add("Hardmax", 1, c -> bind(c, AxisDoubles.Of.HARDMAX), "axis");
    }

    private static Binding bind(BindContext c, AxisDoubles.Of of) {
        Shape s = c.shape(0);
        DType t = c.dtype(0);
        c.require(t.isFloat(), "expected a float type, found " + t);
        boolean one = c.opset() >= 13;
        int axis = Shape.axis(c.attributes().integer("axis", one ? -1 : 1), s.rank());
        long outer = s.product(0, axis), size = one ? s.rank() == 0 ? 1 : s.dim(axis) : s.product(axis, s.rank()),
                inner = one && s.rank() > 0 ? s.product(axis + 1, s.rank()) : 1;
        boolean fast = t == DType.FLOAT32 && of != AxisDoubles.Of.HARDMAX;
        return Binding.of(t, s, fast
                ? new Softmax(outer, Math.toIntExact(size), Math.toIntExact(inner), of == AxisDoubles.Of.LOG_SOFTMAX)
                : AxisDoubles.kernel(of, outer, size, inner));
    }
}
