package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Binary;
import dev.reprise.ops.kernel.Broadcast;
import dev.reprise.ops.kernel.Fold;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;

/** Max, Min (since 1, 6, 8, 12, 13), Sum and Mean (1, 6, 8, 13): one operand or more. */
final class Variadics {
    private Variadics() {}

    static void register(Registry r) {
        add(r, "Max", Fold.Of.MAX);
        add(r, "Min", Fold.Of.MIN);
        add(r, "Sum", Fold.Of.SUM);
        add(r, "Mean", Fold.Of.MEAN);
    }

    private static void add(Registry r, String name, Fold.Of of) { r.add(name, 1, Halves.of(c -> bind(c, of)), "consumed_inputs"); }

    private static Binding bind(BindContext c, Fold.Of of) {
        Broadcasts.sameType(c);
        DType t = c.dtype(0);
        if (t == DType.BOOL || (of == Fold.Of.SUM || of == Fold.Of.MEAN) && !t.isFloat()) throw c.unsupported("element type " + t);
        Shape shape = c.shape(0);
        for (int i = 1; i < c.inputs(); i++) {
            c.require(c.opset() >= 8 || c.shape(i).equals(shape),
                    "input " + i + " has shape " + c.shape(i) + ", expected " + shape + " (set 8 broadcasts)");
            shape = Shape.broadcast(shape, c.shape(i));
        }
        if (c.inputs() == 1) return Binding.alias(0, t, shape);
        if (c.inputs() == 2 && of == Fold.Of.SUM)
            return Arithmetic.bind(c, Broadcast.of(shape, c.shape(0), c.shape(1)), Binary.ADD, Double::sum, Long::sum, Long::sum);
        Broadcast[] steps = new Broadcast[c.inputs() - 1];
        steps[0] = Broadcast.of(shape, c.shape(0), c.shape(1));
        for (int i = 1; i < steps.length; i++)
            steps[i] = Broadcast.of(shape, shape, c.shape(i + 1));
        return Binding.of(t, shape, Fold.kernel(of, t, steps));
    }
}
