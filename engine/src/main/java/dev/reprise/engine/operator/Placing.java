package dev.reprise.engine.operator;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.ops.kernel.CenterCropPad;
import dev.reprise.ops.kernel.MaxUnpool;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.Arrays;

/** Putting elements into a larger or smaller frame: MaxUnpool (9, 11, 22) and CenterCropPad (18). */
final class Placing {
    private Placing() {}

    static void register(Registry r) {
        r.add("MaxUnpool", 9, Placing::maxUnpool, "kernel_shape", "pads", "strides");
        r.add("CenterCropPad", 18, Placing::centerCropPad, "axes");
    }

    private static Binding maxUnpool(BindContext c) {
        Attributes a = c.attributes();
        Shape x = c.shape(0);
        int spatial = x.rank() - 2;
        c.require(c.dtype(0).isFloat() && c.dtype(1) == DType.INT64,
                "expected floats and int64 positions, found " + c.dtype(0) + " and " + c.dtype(1));
        c.require(c.shape(1).equals(x), "positions must have the shape of the input, " + x + ", found " + c.shape(1));
        long[] kernel = a.integers("kernel_shape", null), pads = a.integers("pads", new long[Math.max(2 * spatial, 0)]);
        long[] ones = new long[Math.max(spatial, 0)];
        Arrays.fill(ones, 1);
        long[] strides = a.integers("strides", ones);
        c.require(spatial > 0 && kernel != null && kernel.length == spatial && strides.length == spatial && pads.length == 2 * spatial,
                "kernel_shape and strides must have " + spatial + " numbers, pads twice as many");
        long[] pooled = x.dims();
        for (int i = 0; i < spatial; i++)
            pooled[i + 2] = (pooled[i + 2] - 1) * strides[i] - pads[i] - pads[i + spatial] + kernel[i];
        Shape inferred = Shape.of(pooled), shape = c.has(2) ? Shape.of(c.constant(2).toLongs()) : inferred;
        c.require(shape.rank() == x.rank(), "output_shape must have " + x.rank() + " numbers, found " + shape);
        return Binding.of(c.dtype(0), shape, new MaxUnpool(inferred));
    }

    private static Binding centerCropPad(BindContext c) {
        Shape x = c.shape(0);
        long[] target = c.constant(1).toLongs(), axes = c.attributes().integers("axes", null), out = x.dims();
        int n = axes == null ? x.rank() : axes.length;
        c.require(x.rank() > 0 && target.length == n, "shape must have " + n + " numbers, found " + target.length);
        for (int i = 0; i < n; i++)
            out[axes == null ? i : Shape.axis(axes[i], x.rank())] = target[i];
        Shape y = Shape.of(out);
        return Binding.of(c.dtype(0), y, new CenterCropPad(x, y, c.dtype(0).bytes()));
    }
}
