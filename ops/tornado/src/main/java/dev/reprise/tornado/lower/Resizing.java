package dev.reprise.tornado.lower;

import dev.reprise.ops.kernel.ResizeAxis;
import dev.reprise.ops.kernel.ResizeAxis.Coordinates;
import dev.reprise.ops.kernel.ResizeAxis.Extent;
import dev.reprise.ops.kernel.ResizeAxis.Mode;
import dev.reprise.ops.kernel.ResizeAxis.Options;
import dev.reprise.ops.kernel.ResizeAxis.Rounding;
import dev.reprise.ops.tensor.Shape;
import java.util.Arrays;
import java.util.Locale;

/** Resize and Upsample: a strided copy where pixels are repeated, else a weighted sum along each axis, the last first as on the CPU. */
final class Resizing {
    private static final String[] KNOWN = {"antialias", "axes", "coordinate_transformation_mode", "cubic_coeff_a", "exclude_outside",
        "extrapolation_value", "keep_aspect_ratio_policy", "mode", "nearest_mode", "opset", "scales"};
    /** Floats are exact up to here. */
    private static final int MOST = 1 << 24;

    private Resizing() {}

    static boolean lower(Op o) {
        switch (o.type()) {
            case "Resize" -> resize(o, o.opset(), false);
            case "Upsample" -> resize(o, 10, false);
            default -> {
                return false;
            }
        }
        return true;
    }

    static boolean fused(Op o) {
        if (!o.type().equals("ResizeChannelsLast")) return false;
        resize(o, (int) o.integer("opset", 19), true);
        return true;
    }

    private static void resize(Op o, int opset, boolean last) {
        o.only(KNOWN);
        o.require(!o.constant(0), "of a constant");
        Shape x = o.shape(0), y = o.result();
        Options options = options(o, opset);
        Extent[] extents = extents(o, opset, x, y, last);
        ResizeAxis[] axes = new ResizeAxis[x.rank()];
        for (int i = 0; i < axes.length; i++) {
            o.require(extents[i].in() > 0 && extents[i].in() <= MOST, "from " + x);
            axes[i] = ResizeAxis.of(extents[i], options);
        }
        if (Arrays.stream(axes).allMatch(Resizing::repeats)) repeat(o, x, y);
        else passes(o, x, axes);
    }

    private static Options options(Op o, int opset) {
        Mode mode = switch (o.string("mode", "nearest")) {
            case "nearest" -> Mode.NEAREST;
            case "linear", "bilinear" -> Mode.LINEAR;
            case "cubic" -> Mode.CUBIC;
            default -> throw o.refuse("mode " + o.string("mode", ""));
        };
        // Before 11 the corner of the first pixel was the origin, and the pixel at or before a point the nearest.
        if (opset < 11) return new Options(mode, Coordinates.ASYMMETRIC, Rounding.FLOOR, false, false, -0.75);
        Coordinates where = choice(o, Coordinates.values(), "coordinate_transformation_mode", "half_pixel");
        o.require(where != Coordinates.TF_CROP_AND_RESIZE, "tf_crop_and_resize");
        return new Options(mode, where, choice(o, Rounding.values(), "nearest_mode", "round_prefer_floor"), o.integer("antialias", 0) != 0,
                o.integer("exclude_outside", 0) != 0, o.real("cubic_coeff_a", -0.75f));
    }

    private static <E extends Enum<E>> E choice(Op o, E[] all, String attribute, String otherwise) {
        String found = o.string(attribute, otherwise);
        for (E e : all)
            if (e.name().toLowerCase(Locale.ROOT).equals(found)) return e;
        throw o.refuse(attribute + " " + found);
    }

    /** What is asked of each dimension, in the order in which they lie. */
    private static Extent[] extents(Op o, int opset, Shape x, Shape y, boolean last) {
        Extent[] all = new Extent[x.rank()];
        for (int i = 0; i < all.length; i++)
            all[i] = Extent.ofSize(x.dimInt(i), y.dimInt(i));
        int at = opset < 11 ? 1 : 2;
        boolean attribute = opset < 9 || !o.has(1) && opset < 11;
        float[] scales = attribute ? o.reals("scales", null) : o.has(at) && o.shape(at).size() > 0 ? o.floats(at) : null;
        if (scales == null) {
            // By sizes: the output's shape has them. Kept proportions make the scale another than their quotient.
            o.require(o.string("keep_aspect_ratio_policy", "stretch").equals("stretch"), "keep_aspect_ratio_policy");
            return all;
        }
        long[] axes = o.integers("axes", null);
        for (int i = 0; i < scales.length; i++) {
            int logical = axes == null ? i : Shape.axis(axes[i], x.rank()), a = last ? Window.physical(logical, x.rank()) : logical;
            all[a] = Extent.ofScale(x.dimInt(a), y.dimInt(a), scales[i]);
        }
        return all;
    }

    /** True where output i is input i / factor. */
    private static boolean repeats(ResizeAxis a) {
        if (a.identity()) return true;
        if (a.taps() != 1 || a.out() % a.in() != 0) return false;
        for (int i = 0; i < a.out(); i++)
            if (a.index(i, 0) != i / (a.out() / a.in())) return false;
        return true;
    }

    private static void repeat(Op o, Shape x, Shape y) {
        long[] divide = new long[x.rank()];
        for (int i = 0; i < divide.length; i++)
            divide[i] = y.dim(i) / x.dim(i);
        Movement.copy(o, o.in(0), 0, x.strides(), o.out(0), 0, y.strides(), y.dims(), divide);
    }

    private static void passes(Op o, Shape x, ResizeAxis[] axes) {
        int left = (int) Arrays.stream(axes).filter(a -> !a.identity()).count(), from = o.in(0);
        Shape shape = x;
        for (int i = axes.length - 1; i >= 0; i--) {
            ResizeAxis a = axes[i];
            if (a.identity()) continue;
            Shape next = shape.with(i, a.out());
            int to = --left == 0 ? o.out(0) : o.temporary(next);
            o.launch(Kind.RESAMPLE).words(0, next.size(), a.out(), shape.product(i + 1, shape.rank()), a.taps(), a.in()).read(5, from, 0)
                    .write(6, to, 0).weight(7, o.region(table(o, a))).each(next.size(), 2 * a.taps() * next.size());
            from = to;
            shape = next;
        }
    }

    private static float[] table(Op o, ResizeAxis a) {
        int taps = a.taps(), half = Math.multiplyExact(a.out(), taps);
        float[] t = new float[Math.multiplyExact(2, half)];
        for (int i = 0; i < a.out(); i++)
            for (int j = 0; j < taps; j++) {
                t[i * taps + j] = a.index(i, j);
                t[half + i * taps + j] = a.factor(i, j);
            }
        return t;
    }
}
