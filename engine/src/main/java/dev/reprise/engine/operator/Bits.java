package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Broadcast;
import dev.reprise.ops.kernel.Elementwise;
import dev.reprise.ops.tensor.DType;
import java.util.function.LongBinaryOperator;

/** BitShift (since 11), BitwiseAnd, BitwiseOr, BitwiseXor and BitwiseNot (18). */
final class Bits {
    private Bits() {}

    static void register(Registry r) {
        bitwise(r, "BitwiseAnd", (x, y) -> x & y);
        bitwise(r, "BitwiseOr", (x, y) -> x | y);
        bitwise(r, "BitwiseXor", (x, y) -> x ^ y);
        r.add("BitwiseNot", 18, c -> {
            c.require(c.dtype(0).isInteger(), "expected an integer type, found " + c.dtype(0));
            return Binding.of(c.dtype(0), c.shape(0), Elementwise.mapIntegers(x -> ~x));
        });
        r.add("BitShift", 11, Bits::shift, "direction");
    }

    private static void bitwise(Registry r, String name, LongBinaryOperator f) { r.add(name, 18, c -> bind(c, f)); }

    private static Binding bind(BindContext c, LongBinaryOperator f) {
        Broadcasts.sameType(c);
        DType t = c.dtype(0);
        c.require(t.isInteger(), "expected an integer type, found " + t);
        Broadcast layout = Broadcasts.pair(c);
        return Binding.of(t, layout.shape(), Elementwise.combineIntegers(layout, Broadcasts.inPlace(c, t, layout.shape()), f));
    }

    private static Binding shift(BindContext c) {
        c.require(c.dtype(0).kind() == DType.Kind.UNSIGNED, "expected an unsigned type, found " + c.dtype(0));
        String direction = c.attributes().string("direction");
        // Java takes the shift modulo 64; here all bits have left by then.
        return switch (direction) {
            case "LEFT" -> bind(c, (x, n) -> n >= 0 && n < 64 ? x << n : 0);
            case "RIGHT" -> bind(c, (x, n) -> n >= 0 && n < 64 ? x >>> n : 0);
            default -> throw c.error("attribute 'direction' is '" + direction + "', expected LEFT or RIGHT");
        };
    }
}
