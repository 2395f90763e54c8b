package dev.reprise.ops.kernel;

/**
 * How one axis is resized: for every output position the input positions it reads and their weights. Made once for given
 * sizes; all arithmetic is in double, the weights are rounded at the end (ONNX Resize, since 10 to 19).
 */
public final class ResizeAxis {
    /** ONNX {@code coordinate_transformation_mode}. */
    public enum Coordinates {
        HALF_PIXEL, HALF_PIXEL_SYMMETRIC, PYTORCH_HALF_PIXEL, ALIGN_CORNERS, ASYMMETRIC, TF_HALF_PIXEL_FOR_NN, TF_CROP_AND_RESIZE
    }

    /** ONNX {@code nearest_mode}. */
    public enum Rounding {
        ROUND_PREFER_FLOOR, ROUND_PREFER_CEIL, FLOOR, CEIL
    }

    /** ONNX {@code mode}. */
    public enum Mode {
        NEAREST, LINEAR, CUBIC
    }

    /**
     * What an axis does not know by itself.
     *
     * @param cubic ONNX {@code cubic_coeff_a}
     */
    public record Options(Mode mode, Coordinates coordinates, Rounding rounding, boolean antialias, boolean excludeOutside, double cubic) {}

    /**
     * The extents of an axis.
     *
     * @param scale     output pixels per input pixel
     * @param fromScale true where the scale was given as a float32, false where it is {@code out / in}
     * @param roiStart  start of the region of interest, of TF_CROP_AND_RESIZE, in units of the axis; {@code roiEnd} its end
     */
    public record Extent(int in, int out, double scale, boolean fromScale, double roiStart, double roiEnd) {
        /** True where the scale is the quotient of the sizes. */
        private boolean exact() {
            return !fromScale && scale == (double) out / in;
        }

        public static Extent ofSize(int in, int out) { return new Extent(in, out, (double) out / in, false, 0, 1); }

        public static Extent ofScale(int in, int out, float scale) { return new Extent(in, out, scale, true, 0, 1); }
    }

    final int in;
    final int out;
    /** Taps of output j are {@code [begin[j], begin[j+1])} of the following two. */
    final int[] begin;
    final int[] index;
    final double[] weight;
    final float[] weight32;
    /** Output positions outside the input, which take the extrapolation value; null where there are none. */
    final boolean[] outside;
    private final boolean identity;

    private ResizeAxis(Extent e, Options o) {
        in = e.in;
        out = e.out;
        begin = new int[out + 1];
        double stretch = o.antialias && o.mode != Mode.NEAREST ? Math.min(e.scale, 1) : 1;
        int reach = switch (o.mode) {
            case NEAREST -> 0;
            case LINEAR -> -(int) Math.floor(-1 / stretch);
            case CUBIC -> -(int) Math.floor(-2 / stretch);
        };
        int taps = o.mode == Mode.NEAREST ? 1 : 2 * reach;
        index = new int[Math.multiplyExact(out, taps)];
        weight = new double[index.length];
        boolean[] beyond = new boolean[out];
        boolean any = false, same = in == out;
        for (int j = 0; j < out; j++) {
            double x = coordinate(j, e, o);
            int at = j * taps;
            begin[j + 1] = at + taps;
            any |= beyond[j] = o.coordinates == Coordinates.TF_CROP_AND_RESIZE && (x < 0 || x > in - 1);
            if (o.mode == Mode.NEAREST) {
                index[at] = clamp(round(x, o.rounding));
                weight[at] = 1;
                same &= index[at] == j;
            } else {
                taps(x, at, taps, reach, stretch, o);
                same &= x == j;
            }
        }
        outside = any ? beyond : null;
        identity = same && !any && stretch == 1;
        weight32 = new float[weight.length];
        for (int i = 0; i < weight.length; i++)
            weight32[i] = (float) weight[i];
    }

    public static ResizeAxis of(Extent extent, Options options) { return new ResizeAxis(extent, options); }

    /** True where every output is the input at the same position. */
    public boolean identity() { return identity; }

    public int in() { return in; }

    public int out() { return out; }

    /** Input positions that each output reads. */
    public int taps() { return out == 0 ? 0 : begin[1]; }

    /** Tap t of output j. */
    public int index(int j, int t) { return index[begin[j] + t]; }

    /** What it is multiplied by. */
    public float factor(int j, int t) { return weight32[begin[j] + t]; }

    /** The point of the input that output j stands for. */
    private static double coordinate(int j, Extent e, Options o) {
        // Fractional where a scale was given: ONNX aligns the corners of the size before rounding.
        double resized = e.exact() ? e.out : e.scale * e.in;
        return switch (o.coordinates) {
            case HALF_PIXEL -> divide(j + 0.5, e, o) - 0.5;
            case HALF_PIXEL_SYMMETRIC -> e.in / 2.0 * (1 - e.out / (e.scale * e.in)) + divide(j + 0.5, e, o) - 0.5;
            case PYTORCH_HALF_PIXEL -> e.out > 1 ? divide(j + 0.5, e, o) - 0.5 : 0;
            case ALIGN_CORNERS -> resized == 1 || e.out == 1 ? 0 : j * (e.in - 1.0) / (resized - 1);
            case ASYMMETRIC -> divide(j, e, o);
            case TF_HALF_PIXEL_FOR_NN -> divide(j + 0.5, e, o);
            case TF_CROP_AND_RESIZE -> e.out > 1
                    ? e.roiStart * (e.in - 1) + j * (e.roiEnd - e.roiStart) * (e.in - 1) / (resized - 1)
                    : 0.5 * (e.roiStart + e.roiEnd) * (e.in - 1);
        };
    }

    /**
     * {@code v / scale}. A size divides exactly; a float32 scale such as 1/3 is itself rounded, so the nearest pixel is
     * chosen by the quotient in float32, which falls on the integer that was meant.
     */
    private static double divide(double v, Extent e, Options o) {
        if (e.exact()) return v * e.in / e.out;
        return o.mode == Mode.NEAREST ? (float) (v / e.scale) : v / e.scale;
    }

    private static double round(double x, Rounding rounding) {
        return switch (rounding) {
            case ROUND_PREFER_FLOOR -> Math.ceil(x - 0.5);
            case ROUND_PREFER_CEIL -> Math.floor(x + 0.5);
            case FLOOR -> Math.floor(x);
            case CEIL -> Math.ceil(x);
        };
    }

    private int clamp(double x) { return (int) Math.max(0, Math.min(x, in - 1)); }

    /** Positions beyond the border repeat it, or have no weight where they are excluded. */
    private void taps(double x, int at, int taps, int reach, double stretch, Options o) {
        // The distance to the pixel on the left lies in (0, 1], so that an even number of taps surrounds x.
        double left = Math.ceil(x) - 1, ratio = x - left, sum = 0;
        for (int t = 0; t < taps; t++) {
            int offset = t + 1 - reach;
            double distance = Math.abs((offset - ratio) * stretch), i = left + offset;
            double w = o.mode == Mode.LINEAR ? Math.max(1 - distance, 0) : cubic(distance, o.cubic);
            if (o.excludeOutside && (i < 0 || i > in - 1)) w = 0;
            index[at + t] = clamp(i);
            weight[at + t] = w;
            sum += w;
        }
        if (stretch != 1 || o.excludeOutside)
            for (int t = 0; t < taps; t++)
                weight[at + t] /= sum;
    }

    /** Keys' cubic convolution kernel with parameter a. */
    private static double cubic(double x, double a) {
        if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
        return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
    }
}
