package dev.reprise.ops.kernel;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;

/** Clip: min(max(x, low), high); a NaN stays. */
public final class Clamp {
    private Clamp() {}

    /** With fixed bounds, of floats. */
    public static Kernel kernel(DType t, double low, double high) {
        if (t == DType.FLOAT32) return Unary.CLIP.kernel((float) low, (float) high);
        return Elementwise.map(x -> between(x, low, high));
    }

    /** With the bounds in inputs 1 and 2, of which either may be absent. */
    public static Kernel kernel(DType t) {
        return Elementwise.over(0, (in, out, scratch, workers) -> {
            Tensor low = in.length > 1 ? in[1] : null, high = in.length > 2 ? in[2] : null;
            if (t.isFloat()) {
                double l = low == null ? Double.NEGATIVE_INFINITY : low.getDouble(0),
                        h = high == null ? Double.POSITIVE_INFINITY : high.getDouble(0);
                if (t == DType.FLOAT32) Unary.CLIP.apply(in[0], out[0], (float) l, (float) h, workers);
                else Elementwise.map(x -> between(x, l, h)).run(in, out, scratch, workers);
            } else {
                // Flipping the top bit orders unsigned numbers as signed ones.
                long flip = t == DType.UINT64 ? Long.MIN_VALUE : 0;
                long l = low == null ? Long.MIN_VALUE : low.getLong(0) ^ flip, h = high == null ? Long.MAX_VALUE : high.getLong(0) ^ flip;
                Elementwise.mapIntegers(x -> Math.min(Math.max(x ^ flip, l), h) ^ flip).run(in, out, scratch, workers);
            }
        });
    }

    private static double between(double x, double low, double high) {
        double y = x < low ? low : x;
        return y > high ? high : y;
    }
}
