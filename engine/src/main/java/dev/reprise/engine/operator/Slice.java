package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.StridedCopy;
import dev.reprise.ops.tensor.Shape;

/** Slice (since 1 with attributes; 10, 11, 13 with inputs and steps, which may be negative). */
final class Slice {
    private Slice() {}

    static void register(Registry r) {
        r.add("Slice", 1, c -> slice(c, c.attributes().integers("starts", new long[0]), c.attributes().integers("ends", new long[0]),
                c.attributes().integers("axes", null), null), "starts", "ends", "axes");
        r.add("Slice", 10, c -> slice(c, c.longs(1, null), c.longs(2, null), c.longs(3, null), c.longs(4, null)));
    }

    private static Binding slice(BindContext c, long[] starts, long[] ends, long[] axes, long[] steps) {
        Shape in = c.shape(0);
        c.require(starts != null && ends != null && starts.length == ends.length && (axes == null || axes.length == starts.length)
                && (steps == null || steps.length == starts.length), "starts, ends, axes and steps must have the same length");
        c.require(starts.length <= in.rank(), "more slices than dimensions in " + in);
        long[] dims = in.dims(), strides = in.strides();
        long offset = 0;
        boolean[] seen = new boolean[dims.length];
        for (int i = 0; i < starts.length; i++) {
            int a = axes == null ? i : Shape.axis(axes[i], in.rank());
            c.require(!seen[a], "axis " + a + " is sliced twice");
            seen[a] = true;
            long step = steps == null ? 1 : steps[i], n = in.dim(a);
            c.require(step != 0, "a step must not be 0");
            // Negative positions count from the end; then both are clamped to where the walk can begin and stop.
            long high = step > 0 ? n : n - 1, low = step > 0 ? 0 : -1;
            long start = Math.clamp(starts[i] < 0 ? starts[i] + n : starts[i], 0, Math.max(high, 0));
            long end = Math.clamp(ends[i] < 0 ? ends[i] + n : ends[i], low, high);
            long count = step > 0 ? Math.ceilDiv(end - start, step) : ceilDown(start - end, step);
            dims[a] = n == 0 ? 0 : Math.max(0, count);
            offset += start * strides[a];
            strides[a] *= dims[a] > 1 ? step : 1;
        }
        Shape out = Shape.of(dims);
        if (out.equals(in) && offset == 0) return Binding.alias(0, c.dtype(0), in);
        return Binding.of(c.dtype(0), out, StridedCopy.toContiguous(c.dtype(0).bytes(), dims, strides, out.size() == 0 ? 0 : offset));
    }

    /** Elements on a walk down over {@code distance}; a step of Long.MIN_VALUE reaches one. */
    private static long ceilDown(long distance, long step) {
        if (distance <= 0) return 0;
        return step == Long.MIN_VALUE ? 1 : Math.ceilDiv(distance, -step);
    }
}
