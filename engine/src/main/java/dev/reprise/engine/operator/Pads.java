package dev.reprise.engine.operator;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.ops.kernel.Elements;
import dev.reprise.ops.kernel.Pad;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Arrays;

/** Pad (since 1, 2 with attributes; 11, 13 with inputs; 18 axes; 19 wrap). */
final class Pads {
    private Pads() {}

    static void register(Registry r) {
        r.add("Pad", 1, c -> attributes(c, "paddings"), "paddings", "mode", "value");
        r.add("Pad", 2, c -> attributes(c, "pads"), "pads", "mode", "value");
        r.add("Pad", 11, c -> pad(c, c.longs(1, null), null, 0, 2), "mode");
        r.add("Pad", 18, c -> pad(c, c.longs(1, null), c.longs(3, null), 0, 2), "mode");
    }

    private static Binding attributes(BindContext c, String name) {
        Attributes a = c.attributes();
        try (Arena arena = Arena.ofConfined()) {
            Tensor value = Tensor.allocate(arena, c.dtype(0), Shape.SCALAR);
            value.setDouble(0, a.real("value", 0));
            return pad(c, a.integers(name, new long[0]), null, Elements.bits(value.data(), 0, value.dtype().bytes()), -1);
        }
    }

    private static Binding pad(BindContext c, long[] pads, long[] axes, long bits, int valueInput) {
        Shape in = c.shape(0);
        int rank = in.rank(), n = axes == null ? rank : axes.length;
        c.require(pads != null && pads.length == 2 * n, "pads must have " + 2 * n + " entries, found " + Arrays.toString(pads));
        Pad.Mode mode = mode(c);
        long[] before = new long[rank], after = new long[rank], dims = in.dims();
        for (int i = 0; i < n; i++) {
            int a = axes == null ? i : Shape.axis(axes[i], rank);
            before[a] = pads[i];
            after[a] = pads[n + i];
            dims[a] = Math.addExact(dims[a], Math.addExact(pads[i], pads[n + i]));
            c.require(dims[a] >= 0, "pads " + Arrays.toString(pads) + " remove more than the input " + in + " has on axis " + a);
            c.require(mode == Pad.Mode.CONSTANT || in.dim(a) > 0 || dims[a] == 0,
                    "axis " + a + " of " + in + " is empty and has nothing to repeat");
        }
        if (valueInput >= 0 && c.has(valueInput))
            c.require(c.dtype(valueInput) == c.dtype(0) && c.shape(valueInput).size() == 1, "the constant must be one " + c.dtype(0));
        Shape out = Shape.of(dims);
        if (rank == 0 || Arrays.stream(pads).allMatch(p -> p == 0)) return Binding.alias(0, c.dtype(0), out);
        return Binding.of(c.dtype(0), out, new Pad(in, before, after, mode, c.dtype(0).bytes(), bits, valueInput));
    }

    private static Pad.Mode mode(BindContext c) {
        String mode = c.attributes().string("mode", "constant");
        return switch (mode) {
            case "constant" -> Pad.Mode.CONSTANT;
            case "reflect" -> Pad.Mode.REFLECT;
            case "edge" -> Pad.Mode.EDGE;
            case "wrap" -> Pad.Mode.WRAP;
            default -> throw c.error("attribute 'mode' is '" + mode + "', expected constant, reflect, edge or wrap");
        };
    }
}
