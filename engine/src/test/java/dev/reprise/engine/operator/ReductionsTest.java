package dev.reprise.engine.operator;

import static dev.reprise.engine.operator.Cases.check;
import static dev.reprise.engine.operator.Cases.floats;
import static dev.reprise.engine.operator.Cases.iota;
import static dev.reprise.engine.operator.Cases.longs;
import static dev.reprise.engine.operator.Cases.refuses;
import static dev.reprise.engine.operator.Cases.scalar;
import static dev.reprise.engine.operator.Cases.shape;
import static dev.reprise.engine.operator.Cases.values;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

/** Axes, shapes and types of the reductions, ArgMax, ArgMin and CumSum. */
class ReductionsTest {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final Attributes NONE = Attributes.NONE, FLAT = Attributes.of("keepdims", 0);

    @Test
    void axesAreAnAttributeAndLaterAnInput() {
        Tensor x = iota(2, 3);
        check("ReduceSum", 11, Attributes.of("axes", new long[]{-1}), shape(2, 1), values(3, 12), x);
        check("ReduceSum", 13, FLAT, shape(2), values(3, 12), x, longs(1));
        check("ReduceMean", 13, Attributes.of("axes", new long[]{0}, "keepdims", 0), shape(3), values(1.5, 2.5, 3.5), x);
        check("ReduceMean", 18, NONE, shape(1, 3), values(1.5, 2.5, 3.5), x, longs(-2));
        check("ReduceMax", 11, FLAT, shape(), values(5), x);
        check("ReduceMax", 18, FLAT, shape(), values(5), x, null);
        check("ReduceSum", 13, FLAT, shape(), values(7), floats(shape(), 7), longs(0));
    }

    @Test
    void noAxesReduceAllOrNothing() {
        Attributes noop = Attributes.of("noop_with_empty_axes", 1);
        Tensor x = floats(shape(2, 2), 1, -2, 3, -4);
        check("ReduceSum", 13, NONE, shape(1, 1), values(-2), x, longs());
        check("ReduceSum", 13, noop, shape(2, 2), values(1, -2, 3, -4), x, longs());
        // What is not a sum alone is still applied to each element.
        check("ReduceSumSquare", 18, noop, shape(2, 2), values(1, 4, 9, 16), x);
        check("ReduceL1", 18, noop, shape(2, 2), values(1, 2, 3, 4), x);
    }

    @Test
    void reducingNothingGivesTheNeutralElement() {
        Tensor x = floats(shape(2, 0, 3));
        for (Object[] c : new Object[][]{{"ReduceSum", 0.0}, {"ReduceProd", 1.0}, {"ReduceMax", -INF}, {"ReduceMin", INF},
            {"ReduceLogSumExp", -INF}, {"ReduceLogSum", -INF}, {"ReduceL2", 0.0}, {"ReduceSumSquare", 0.0}, {"ReduceL1", 0.0}}) {
            double v = (Double) c[1];
            check((String) c[0], 20, NONE, shape(2, 1, 3), values(v, v, v, v, v, v), x, longs(1));
        }
        check("ReduceMax", 20, NONE, shape(1), values(-128), iota(DType.INT8, 0), longs(0));
        check("ReduceMin", 20, NONE, shape(1), values(1), iota(DType.BOOL, 0), longs(0));
        check("ReduceMin", 20, NONE, shape(1), values(4294967295.0), iota(DType.UINT32, 0), longs(0));
        check("ReduceSum", 13, NONE, shape(0, 1), values(), floats(shape(0, 3)), longs(1));
    }

    @Test
    void halvesAreSummedInFloat32() {
        Tensor x = Tensor.allocate(Arena.ofAuto(), DType.FLOAT16, shape(4096));
        for (int i = 0; i < 4096; i++)
            x.setDouble(i, 1);
        check("ReduceSum", 13, FLAT, shape(), values(4096), x, longs(0));
        check("ReduceMean", 18, FLAT, shape(), values(1), x, longs(0));
    }

    @Test
    void wrongAxesAndTypesAreRefused() {
        refuses("given twice", "ReduceSum", 13, NONE, iota(2, 3), longs(1, -1));
        refuses("element type INT8", "ReduceSum", 13, NONE, iota(DType.INT8, 2), longs(0));
        refuses("element type BOOL", "ReduceMax", 18, NONE, iota(DType.BOOL, 2), longs(0));
        refuses("no elements", "ArgMax", 13, NONE, floats(shape(0, 2)));
        refuses("element type INT8", "CumSum", 14, NONE, iota(DType.INT8, 2), scalar(0));
    }

    @Test
    void positionsAndRunningSums() {
        Tensor x = floats(shape(2, 3), 1, 5, 5, 2, 0, 2);
        check("ArgMax", 13, Attributes.of("axis", -1), shape(2, 1), values(1, 0), x);
        check("ArgMax", 13, Attributes.of("axis", 1, "keepdims", 0, "select_last_index", 1), shape(2), values(2, 2), x);
        check("ArgMin", 11, NONE, shape(1, 3), values(0, 1, 1), x);
        check("CumSum", 14, Attributes.of("exclusive", 1, "reverse", 1), shape(2, 3), values(10, 5, 0, 2, 2, 0), x, scalar(-1));
        check("CumSum", 11, NONE, shape(2, 3), values(1, 5, 5, 3, 5, 7), x, scalar(0));
    }
}
