package dev.reprise.engine.operator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reprise.engine.SingleNode;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Arrays;

/** What the tables of operator cases are written with. Its memory is the garbage collector's. */
final class Cases {
    private Cases() {}

    static Tensor longs(long... v) { return Tensor.of(Arena.ofAuto(), Shape.of(v.length), v); }

    static Tensor scalar(long v) { return Tensor.of(Arena.ofAuto(), Shape.SCALAR, v); }

    static Tensor floats(Shape shape, float... v) { return Tensor.of(Arena.ofAuto(), shape, v); }

    static Shape shape(long... dims) { return Shape.of(dims); }

    /** 0, 1, 2, … */
    static Tensor iota(DType dtype, long... dims) {
        Tensor t = Tensor.allocate(Arena.ofAuto(), dtype, Shape.of(dims));
        for (long i = 0; i < t.size(); i++)
            t.setDouble(i, i);
        return t;
    }

    static Tensor iota(long... dims) { return iota(DType.FLOAT32, dims); }

    /** Runs the operator and compares output 0. */
    static void check(String opType, int opset, Attributes attributes, Shape shape, double[] want, Tensor... in) {
        Tensor got = SingleNode.run(Arena.ofAuto(), opType, opset, attributes, in);
        String what = opType + " " + opset + " of " + Arrays.toString(in);
        assertEquals(shape, got.shape(), what);
        assertArrayEquals(want, got.toDoubles(), what);
    }

    static double[] values(double... v) { return v; }

    /** Runs the operator, which must fail with a message that names the node and holds {@code part}. */
    static void refuses(String part, String opType, int opset, Attributes attributes, Tensor... in) {
        OperatorException e = assertThrows(OperatorException.class, () -> SingleNode.run(Arena.ofAuto(), opType, opset, attributes, in));
        assertTrue(e.getMessage().startsWith(opType + " node") && e.getMessage().contains(part),
                "'" + e.getMessage() + "' lacks '" + part + "'");
    }
}
