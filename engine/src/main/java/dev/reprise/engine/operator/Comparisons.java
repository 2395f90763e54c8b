package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Broadcast;
import dev.reprise.ops.kernel.Elementwise;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.function.LongBinaryOperator;

/**
 * Equal (since 1, 7, 11, 13), Greater, Less (1, 7, 9, 13), GreaterOrEqual, LessOrEqual (12, 16), And, Or, Xor (1, 7), Not (1), IsNaN (9,
 * 13), IsInf (10) and Where (9, 16).
 */
final class Comparisons {
    private Comparisons() {}

    static void register(Registry r) {
        relation(r, "Equal", 1, (x, y) -> x == y, (x, y) -> x == y, (x, y) -> x == y);
        relation(r, "Greater", 1, (x, y) -> x > y, (x, y) -> x > y, (x, y) -> Long.compareUnsigned(x, y) > 0);
        relation(r, "Less", 1, (x, y) -> x < y, (x, y) -> x < y, (x, y) -> Long.compareUnsigned(x, y) < 0);
        relation(r, "GreaterOrEqual", 12, (x, y) -> x >= y, (x, y) -> x >= y, (x, y) -> Long.compareUnsigned(x, y) >= 0);
        relation(r, "LessOrEqual", 12, (x, y) -> x <= y, (x, y) -> x <= y, (x, y) -> Long.compareUnsigned(x, y) <= 0);
        logic(r, "And", (x, y) -> x & y);
        logic(r, "Or", (x, y) -> x | y);
        logic(r, "Xor", (x, y) -> x ^ y);
        r.add("Not", 1, c -> {
            c.require(c.dtype(0) == DType.BOOL, "expected bool, found " + c.dtype(0));
            return Binding.of(DType.BOOL, c.shape(0), Elementwise.mapIntegers(x -> x ^ 1));
        });
        r.add("IsNaN", 9, c -> {
            c.require(c.dtype(0).isFloat(), "expected a float type, found " + c.dtype(0));
            return Binding.of(DType.BOOL, c.shape(0), Elementwise.test(Double::isNaN));
        });
        r.add("IsInf", 10, Comparisons::isInf, "detect_negative", "detect_positive");
        r.add("Where", 9, Comparisons::where);
    }

    private static void relation(Registry r, String name, int since, Elementwise.DoubleRelation floats, Elementwise.LongRelation signed,
            Elementwise.LongRelation unsigned) {
        Operator.Static operator = c -> {
            Broadcasts.sameType(c);
            Broadcast layout = Broadcasts.pair(c);
            DType t = c.dtype(0);
            return Binding.of(DType.BOOL, layout.shape(),
                    t.isFloat()
                            ? Elementwise.relate(layout, floats)
                            : Elementwise.relateIntegers(layout, t == DType.UINT64 ? unsigned : signed));
        };
        if (since < 7) {
            r.add(name, since, operator, Broadcasts.LEGACY);
            r.add(name, 7, operator);
        } else r.add(name, since, operator);
    }

    private static void logic(Registry r, String name, LongBinaryOperator f) {
        Operator.Static operator = c -> {
            Broadcasts.sameType(c);
            c.require(c.dtype(0) == DType.BOOL, "expected bool, found " + c.dtype(0));
            Broadcast layout = Broadcasts.pair(c);
            return Binding.of(DType.BOOL, layout.shape(),
                    Elementwise.combineIntegers(layout, Broadcasts.inPlace(c, DType.BOOL, layout.shape()), f));
        };
        r.add(name, 1, operator, Broadcasts.LEGACY);
        r.add(name, 7, operator);
    }

    private static Binding isInf(BindContext c) {
        c.require(c.dtype(0).isFloat(), "expected a float type, found " + c.dtype(0));
        boolean negative = c.attributes().flag("detect_negative", true), positive = c.attributes().flag("detect_positive", true);
        return Binding.of(DType.BOOL, c.shape(0),
                Elementwise.test(x -> positive && x == Double.POSITIVE_INFINITY || negative && x == Double.NEGATIVE_INFINITY));
    }

    private static Binding where(BindContext c) {
        c.require(c.dtype(0) == DType.BOOL, "the condition must be bool, found " + c.dtype(0));
        c.require(c.dtype(1) == c.dtype(2), "X is " + c.dtype(1) + " and Y is " + c.dtype(2) + ", expected one type");
        Shape shape = Shape.broadcast(Shape.broadcast(c.shape(0), c.shape(1)), c.shape(2));
        return Binding.of(c.dtype(1), shape,
                Elementwise.where(Broadcast.of(shape, c.shape(0), c.shape(1), c.shape(2)), c.dtype(1).bytes()));
    }
}
