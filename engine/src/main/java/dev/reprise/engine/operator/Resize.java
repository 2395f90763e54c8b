package dev.reprise.engine.operator;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Node;
import dev.reprise.ops.kernel.Kernel;
import dev.reprise.ops.kernel.Resample;
import dev.reprise.ops.kernel.ResizeAxis;
import dev.reprise.ops.kernel.ResizeAxis.Coordinates;
import dev.reprise.ops.kernel.ResizeAxis.Extent;
import dev.reprise.ops.kernel.ResizeAxis.Mode;
import dev.reprise.ops.kernel.ResizeAxis.Options;
import dev.reprise.ops.kernel.ResizeAxis.Rounding;
import dev.reprise.ops.kernel.ResizeExtrapolate;
import dev.reprise.ops.kernel.ResizeNearest;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.Arrays;
import java.util.Locale;

/**
 * Resize (10, 11, 13, 18, 19) and Upsample (7, 9), any number of axes.
 *
 * <p>The internal ResizeChannelsLast is Resize 19 for an x of shape (N, spatial…, C): its inputs (x, roi, scales, sizes)
 * and the attribute {@code axes} stay in the logical order N, C, spatial…, so a pass moves them over as they are. Its own
 * attribute {@code opset} tells of which operator set it was: before 11 the inputs are (x, scales).
 */
final class Resize {
    private Resize() {}

    static void register(Registry r) {
        r.add("Upsample", 7, c -> bindOld(c, c.attributes().reals("scales", null)), "mode", "scales");
        r.add("Upsample", 9, c -> bindOld(c, c.constant(1).toFloats()), "mode");
        r.add("Resize", 10, c -> bindOld(c, c.constant(1).toFloats()), "mode");
        r.add("Resize", 11, Resize::bindNew, "coordinate_transformation_mode", "cubic_coeff_a", "exclude_outside", "extrapolation_value",
                "mode", "nearest_mode");
        r.add("Resize", 18, Resize::bindNew, "antialias", "axes", "coordinate_transformation_mode", "cubic_coeff_a", "exclude_outside",
                "extrapolation_value", "keep_aspect_ratio_policy", "mode", "nearest_mode");
        r.addInternal("ResizeChannelsLast",
                c -> c.attributes().integer("opset", 19) < 11 ? bindOld(c, c.constant(1).toFloats()) : bindNew(c));
    }

    /** Before 11 the corner of the first pixel was the origin, and the pixel at or before a point the nearest. */
    private static Binding bindOld(BindContext c, float[] scales) {
        c.require(scales != null && scales.length == c.rank(0),
                "scales must have one number for each of the " + c.rank(0) + " dimensions, found "
                        + (scales == null ? "none" : Arrays.toString(scales)));
        Mode mode = mode(c, c.attributes().string("mode", "nearest"));
        if (mode == Mode.CUBIC) throw c.unsupported("mode cubic before operator set 11");
        Extent[] extents = new Extent[scales.length];
        for (int a = 0; a < extents.length; a++)
            extents[a] = scaled(c, a, scales[a]);
        return bind(c, extents, new Options(mode, Coordinates.ASYMMETRIC, Rounding.FLOOR, false, false, -0.75));
    }

    private static Binding bindNew(BindContext c) {
        Attributes a = c.attributes();
        Options options = new Options(mode(c, a.string("mode", "nearest")),
                choice(c, Coordinates.class, "coordinate_transformation_mode", "half_pixel"),
                choice(c, Rounding.class, "nearest_mode", "round_prefer_floor"), a.flag("antialias", false),
                a.flag("exclude_outside", false),
                a.real("cubic_coeff_a", -0.75f));
        if (options.antialias() && options.mode() == Mode.NEAREST) throw c.error("antialias needs mode linear or cubic, found nearest");
        return bind(c, extents(c, options.coordinates() == Coordinates.TF_CROP_AND_RESIZE), options);
    }

    /** The extents of all axes in logical order. */
    private static Extent[] extents(BindContext c, boolean crop) {
        int rank = c.rank(0);
        long[] axes = c.attributes().integers("axes", null);
        int n = axes == null ? rank : axes.length;
        boolean bySizes = given(c, 3);
        c.require(bySizes != given(c, 2), "exactly one of the inputs scales and sizes must be given");
        if (crop && !bySizes) throw c.unsupported("tf_crop_and_resize by scales");
        float[] scales = bySizes ? null : c.constant(2).toFloats();
        long[] sizes = bySizes ? c.constant(3).toLongs() : null;
        int found = bySizes ? sizes.length : scales.length;
        c.require(found == n, (bySizes ? "sizes" : "scales") + " must have " + n + " numbers, found " + found);
        double[] roi = null;
        if (crop) {
            c.require(given(c, 1), "tf_crop_and_resize needs the input roi");
            roi = c.constant(1).toDoubles();
            c.require(roi.length == 2 * n, "roi must have " + 2 * n + " numbers, found " + roi.length);
        }
        Extent[] extents = new Extent[rank];
        for (int a = 0; a < rank; a++)
            extents[a] = Extent.ofSize(dim(c, a), dim(c, a));
        double common = bySizes ? commonScale(c, axes, sizes) : 0;
        for (int i = 0; i < n; i++) {
            int a = axes == null ? i : Shape.axis(axes[i], rank), in = dim(c, a);
            if (!bySizes) extents[a] = scaled(c, a, scales[i]);
            else if (common != 0) extents[a] = new Extent(in, (int) Math.floor(common * in + 0.5), common, false, 0, 1);
            else extents[a] = Extent.ofSize(in, Math.toIntExact(sizes[i]));
            if (crop) extents[a] = new Extent(in, extents[a].out(), extents[a].scale(), false, roi[i], roi[n + i]);
        }
        return extents;
    }

    /** The one scale that keeps the aspect ratio, or 0 where every axis is stretched. */
    private static double commonScale(BindContext c, long[] axes, long[] sizes) {
        String policy = c.attributes().string("keep_aspect_ratio_policy", "stretch");
        if (policy.equals("stretch")) return 0;
        c.require(policy.equals("not_larger") || policy.equals("not_smaller"),
                "keep_aspect_ratio_policy must be stretch, not_larger or not_smaller, found " + policy);
        double common = 0;
        for (int i = 0; i < sizes.length; i++) {
            double s = (double) sizes[i] / dim(c, axes == null ? i : Shape.axis(axes[i], c.rank(0)));
            common = common == 0 ? s : policy.equals("not_larger") ? Math.min(common, s) : Math.max(common, s);
        }
        return common;
    }

    private static Extent scaled(BindContext c, int axis, float scale) {
        c.require(scale > 0, "scales must be positive, found " + scale);
        int in = dim(c, axis);
        return Extent.ofScale(in, Math.toIntExact((long) Math.floor((double) in * scale)), scale);
    }

    private static Binding bind(BindContext c, Extent[] logical, Options options) {
        boolean nearest = options.mode() == Mode.NEAREST;
        if (c.dtype(0).isHalf() && !nearest) return Halves.of(w -> bind(w, logical, options)).bind(c);
        int rank = logical.length;
        boolean channelsLast = channelsLast(c.node());
        ResizeAxis[] axes = new ResizeAxis[rank];
        long[] dims = new long[rank];
        for (int a = 0; a < rank; a++) {
            Extent e = logical[a];
            c.require(e.out() == 0 || e.in() > 0, "dimension " + a + " is empty and cannot be resized to " + e.out());
            int at = channelsLast ? physical(a, rank) : a;
            axes[at] = ResizeAxis.of(e, options);
            dims[at] = e.out();
        }
        int from = 0, to = rank;
        long outer = 1, inner = 1;
        while (from < to && axes[from].identity())
            outer *= axes[from++].in();
        while (to > from && axes[to - 1].identity())
            inner *= axes[--to].in();
        DType dtype = c.dtype(0);
        Shape shape = Shape.of(dims);
        if (from == to) return Binding.alias(0, dtype, shape);
        if (shape.size() == 0) return Binding.of(dtype, shape, (in, out, scratch, workers) -> {});
        if (!nearest) c.require(dtype != DType.BOOL, "bool can only be resized with mode nearest");
        ResizeAxis[] moved = Arrays.copyOfRange(axes, from, to);
        Kernel kernel = nearest ? new ResizeNearest(moved, outer, inner * dtype.bytes()) : new Resample(dtype, moved, outer, inner);
        return Binding.of(dtype, shape,
                ResizeExtrapolate.around(kernel, moved, outer, inner, c.attributes().real("extrapolation_value", 0)));
    }

    private static boolean channelsLast(Node node) { return node.domain().equals(Node.INTERNAL); }

    /** Where logical axis a (N, C, spatial…) lies in a channels-last tensor. */
    private static int physical(int a, int rank) {
        return a == 0 ? 0 : a == 1 ? rank - 1 : a - 1;
    }

    /** Logical dimension a of x. */
    private static int dim(BindContext c, int a) {
        return c.shape(0).dimInt(channelsLast(c.node()) ? physical(a, c.rank(0)) : a);
    }

    /** Exporters write an empty tensor for an input that is not there. */
    private static boolean given(BindContext c, int i) {
        return c.has(i) && c.shape(i).size() > 0;
    }

    private static Mode mode(BindContext c, String mode) {
        // Models of operator set 7 and 8 may say bilinear.
        return switch (mode) {
            case "nearest" -> Mode.NEAREST;
            case "linear", "bilinear" -> Mode.LINEAR;
            case "cubic" -> Mode.CUBIC;
            default -> throw c.error("mode must be nearest, linear or cubic, found " + mode);
        };
    }

    private static <E extends Enum<E>> E choice(BindContext c, Class<E> type, String attribute, String otherwise) {
        String found = c.attributes().string(attribute, otherwise);
        for (E e : type.getEnumConstants())
            if (e.name().toLowerCase(Locale.ROOT).equals(found)) return e;
        throw c.error(
                attribute + " must be one of " + Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT) + ", found " + found);
    }
}
