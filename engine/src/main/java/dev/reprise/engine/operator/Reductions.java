package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Reduce;
import dev.reprise.ops.kernel.ReducePlain;
import dev.reprise.ops.kernel.ReducedAxes;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.Arrays;

/**
 * ReduceSum (since 1, 11; 13 with the axes as an input), and ReduceMean, ReduceMax, ReduceMin, ReduceProd, ReduceL1, ReduceL2,
 * ReduceSumSquare, ReduceLogSum and ReduceLogSumExp (1, 11, 12, 13; 18 with the axes as an input; Max and Min 20 with bool).
 */
final class Reductions {
    private Reductions() {}

    static void register(Registry r) {
        add(r, "ReduceSum", Reduce.Of.SUM, 13);
        add(r, "ReduceMean", Reduce.Of.MEAN, 18);
        add(r, "ReduceMax", Reduce.Of.MAX, 18);
        add(r, "ReduceMin", Reduce.Of.MIN, 18);
        add(r, "ReduceProd", Reduce.Of.PROD, 18);
        add(r, "ReduceL1", Reduce.Of.L1, 18);
        add(r, "ReduceL2", Reduce.Of.L2, 18);
        add(r, "ReduceSumSquare", Reduce.Of.SUM_SQUARE, 18);
        add(r, "ReduceLogSum", Reduce.Of.LOG_SUM, 18);
        add(r, "ReduceLogSumExp", Reduce.Of.LOG_SUM_EXP, 18);
    }

    private static void add(Registry r, String name, Reduce.Of of, int axesAsInput) {
        r.add(name, 1, Halves.of(c -> bind(c, of, c.attributes().integers("axes", null))), "axes", "keepdims");
        r.add(name, axesAsInput, Halves.of(c -> bind(c, of, c.longs(1, null))), "keepdims", "noop_with_empty_axes");
    }

    private static Binding bind(BindContext c, Reduce.Of of, long[] axes) {
        DType t = c.dtype(0);
        checkType(c, of, t);
        Shape s = c.shape(0);
        boolean[] reduced = new boolean[s.rank()];
        if (axes == null || axes.length == 0) Arrays.fill(reduced, !c.attributes().flag("noop_with_empty_axes", false));
        else
            for (long a : axes) {
                int axis = Shape.axis(a, s.rank());
                // Exporters reduce a scalar along axis 0 too.
                if (s.rank() == 0) continue;
                c.require(!reduced[axis], "axis " + axis + " is given twice in axes " + Arrays.toString(axes));
                reduced[axis] = true;
            }
        Shape out = without(s, reduced, c.attributes().flag("keepdims", true));
        ReducedAxes layout = new ReducedAxes(s, reduced);
        if (layout.count() == 1 && of.keepsOne()) return Binding.alias(0, t, out);
        return Binding.of(t, out, t == DType.FLOAT32 ? new Reduce(of, layout) : new ReducePlain(of, layout));
    }

    private static void checkType(BindContext c, Reduce.Of of, DType t) {
        boolean extreme = of == Reduce.Of.MAX || of == Reduce.Of.MIN;
        boolean ok = switch (t) {
            case FLOAT32, FLOAT64, INT32, INT64, UINT32, UINT64 -> true;
            case INT8, UINT8 -> extreme && c.opset() >= 12;
            case BOOL -> extreme && c.opset() >= 20;
            default -> false;
        };
        if (!ok) throw c.unsupported("element type " + t + " in operator set " + c.opset());
    }

    /** The shape with the reduced dimensions 1, or gone. */
    static Shape without(Shape s, boolean[] reduced, boolean keep) {
        long[] d = new long[s.rank()];
        int n = 0;
        for (int i = 0; i < d.length; i++)
            if (!reduced[i] || keep) d[n++] = reduced[i] ? 1 : s.dim(i);
        return Shape.of(Arrays.copyOf(d, n));
    }
}
