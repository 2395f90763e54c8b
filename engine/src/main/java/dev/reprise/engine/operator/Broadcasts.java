package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Broadcast;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.stream.IntStream;

/** The shapes of operators with two or more operands: NumPy's rules, and the {@code axis}/{@code broadcast} attributes before set 7. */
final class Broadcasts {
    /** The attributes of elementwise operators with two operands before operator set 7. */
    static final String[] LEGACY = {"axis", "broadcast", "consumed_inputs"};

    private Broadcasts() {}

    /** The layout of inputs 0 and 1, by the rules of the operator set in force. */
    static Broadcast pair(BindContext c) {
        Shape a = c.shape(0), b = c.shape(1);
        if (c.opset() < 7) b = legacy(c, a, b);
        return Broadcast.of(Shape.broadcast(a, b), a, b);
    }

    /** Before set 7: b's dimensions are a run of a's that starts at {@code axis}, or ends where a's end. */
    private static Shape legacy(BindContext c, Shape a, Shape b) {
        if (!c.attributes().flag("broadcast", false)) {
            c.require(a.equals(b), "shapes " + a + " and " + b + " differ, and attribute 'broadcast' is not set");
            return b;
        }
        long axis = c.attributes().integer("axis", a.rank() - b.rank());
        if (axis < 0) axis += a.rank();
        c.require(axis >= 0 && axis + b.rank() <= a.rank(), "shape " + b + " does not fit into " + a + " at axis " + axis);
        long[] d = new long[a.rank() - (int) axis];
        java.util.Arrays.fill(d, 1);
        for (int i = 0; i < b.rank(); i++)
            d[i] = b.dim(i);
        return Shape.of(d);
    }

    /** The first of inputs 0 and 1 that has the output's type and shape, so that the result may replace it; or -1. */
    static int inPlace(BindContext c, DType dtype, Shape out) {
        for (int i = 0; i < 2 && i < c.inputs(); i++)
            if (c.has(i) && c.dtype(i) == dtype && c.shape(i).equals(out)) return i;
        return -1;
    }

    /** The inputs that have a part for each of dimension 0 of {@code out}; none before set 7, when dimensions met in other ways. */
    static int[] batched(BindContext c, Shape out) {
        if (c.opset() < 7) return new int[0];
        return IntStream.range(0, c.inputs()).filter(i -> out.rank() > 0 && c.rank(i) == out.rank() && c.shape(i).dim(0) == out.dim(0))
                .toArray();
    }

    /** @throws OperatorException where input 1 has another element type than input 0 */
    static void sameType(BindContext c) {
        for (int i = 1; i < c.inputs(); i++)
            c.require(c.dtype(i) == c.dtype(0), "input " + i + " is " + c.dtype(i) + ", expected " + c.dtype(0) + " as input 0");
    }
}
