package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Clamp;
import dev.reprise.ops.tensor.DType;

/** Clip (since 1 and 6 with attributes, 11, 12 and 13 with inputs; a missing bound bounds nothing). */
final class Clip {
    private Clip() {}

    static void register(Registry r) {
        r.add("Clip", 1, Halves.of(c -> {
            DType t = c.dtype(0);
            c.require(t.isFloat(), "expected a float type, found " + t);
            double low = c.attributes().real("min", Float.NEGATIVE_INFINITY), high = c.attributes().real("max", Float.POSITIVE_INFINITY);
            return Binding.of(t, c.shape(0), Clamp.kernel(t, low, high));
        }), "min", "max", "consumed_inputs");
        r.add("Clip", 11, Halves.of(c -> {
            DType t = c.dtype(0);
            c.require(t != DType.BOOL, "expected numbers, found bool");
            for (int i = 1; i < c.inputs(); i++)
                if (c.has(i))
                    c.require(c.dtype(i) == t && c.shape(i).size() == 1,
                            "input " + i + " must be one " + t + ", found " + c.dtype(i) + c.shape(i));
            return Binding.of(t, c.shape(0), Clamp.kernel(t));
        }));
    }
}
