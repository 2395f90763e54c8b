package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.CumSum;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;

/** CumSum (since 11; 14 with float16 and bfloat16). */
final class CumSums {
    private CumSums() {}

    static void register(Registry r) { r.add("CumSum", 11, Halves.of(CumSums::bind), "exclusive", "reverse"); }

    private static Binding bind(BindContext c) {
        DType t = c.dtype(0);
        Shape s = c.shape(0);
        if (t == DType.BOOL || t.isInteger() && t.bytes() < 4) throw c.unsupported("element type " + t);
        Tensor a = c.constant(1);
        c.require((a.dtype() == DType.INT32 || a.dtype() == DType.INT64) && a.size() == 1,
                "axis must be one int32 or int64, found " + a);
        c.require(s.rank() > 0, "input 0 must have at least 1 dimension, found a scalar");
        int axis = Shape.axis(a.getLong(0), s.rank());
        return Binding.of(t, s, new CumSum(s.product(0, axis), s.dim(axis), s.product(axis + 1, s.rank()),
                c.attributes().flag("exclusive", false), c.attributes().flag("reverse", false)));
    }
}
