package dev.reprise.engine.operator;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.ops.kernel.AffineGrid;
import dev.reprise.ops.kernel.GridSample;
import dev.reprise.ops.kernel.MaxRoiPool;
import dev.reprise.ops.kernel.RoiAlign;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;

/** Reading images at given points and regions: GridSample (16, 20, 22), AffineGrid (20), RoiAlign (10, 16, 22), MaxRoiPool (1, 22). */
final class Sampling {
    private Sampling() {}

    static void register(Registry r) {
        r.add("GridSample", 16, Halves.of(Sampling::gridSample), "align_corners", "mode", "padding_mode");
        r.add("AffineGrid", 20, Halves.of(Sampling::affineGrid), "align_corners");
        r.add("RoiAlign", 10, Halves.of(c -> roiAlign(c, "output_half_pixel")), "mode", "output_height", "output_width", "sampling_ratio",
                "spatial_scale");
        r.add("RoiAlign", 16, Halves.of(c -> roiAlign(c, "half_pixel")), "coordinate_transformation_mode", "mode", "output_height",
                "output_width",
                "sampling_ratio", "spatial_scale");
        r.add("MaxRoiPool", 1, Halves.of(Sampling::maxRoiPool), "pooled_shape", "spatial_scale");
    }

    private static Binding gridSample(BindContext c) {
        Attributes a = c.attributes();
        Shape x = c.shape(0), grid = c.shape(1);
        real(c, 0);
        real(c, 1);
        int spatial = x.rank() - 2;
        c.require(spatial >= 1 && grid.rank() == x.rank() && grid.dim(-1) == spatial && grid.dim(0) == x.dim(0),
                "a grid of shape " + grid + " does not fit an input of shape " + x);
        c.require(c.opset() >= 20 || spatial == 2, "before operator set 20 the input must have two spatial axes, found shape " + x);
        GridSample.Mode mode = switch (a.string("mode", c.opset() >= 20 ? "linear" : "bilinear")) {
            case "linear", "bilinear" -> GridSample.Mode.LINEAR;
            case "cubic", "bicubic" -> GridSample.Mode.CUBIC;
            case "nearest" -> GridSample.Mode.NEAREST;
            default -> throw c.error("mode must be linear, nearest or cubic, found " + a.string("mode"));
        };
        GridSample.Padding padding = switch (a.string("padding_mode", "zeros")) {
            case "zeros" -> GridSample.Padding.ZEROS;
            case "border" -> GridSample.Padding.BORDER;
            case "reflection" -> GridSample.Padding.REFLECTION;
            default -> throw c.error("padding_mode must be zeros, border or reflection, found " + a.string("padding_mode"));
        };
        long[] out = grid.dims(), y = x.dims();
        System.arraycopy(out, 1, y, 2, spatial);
        Shape shape = Shape.of(y);
        c.require(shape.size() == 0 || x.size() > 0, "there are no pixels to sample in shape " + x);
        return Binding.of(c.dtype(0), shape,
                new GridSample(mode, padding, a.flag("align_corners", false), x, grid.product(1, grid.rank() - 1)));
    }

    private static Binding affineGrid(BindContext c) {
        Shape theta = c.shape(0);
        real(c, 0);
        long[] size = c.constant(1).toLongs();
        int r = size.length - 2;
        c.require(r == 2 || r == 3, "size must have 4 or 5 numbers, found " + size.length);
        c.require(theta.equals(Shape.of(size[0], r, r + 1)), "theta must be of shape " + Shape.of(size[0], r, r + 1) + ", found " + theta);
        long[] spatial = new long[r], out = new long[r + 2];
        System.arraycopy(size, 2, spatial, 0, r);
        System.arraycopy(size, 2, out, 1, r);
        out[0] = size[0];
        out[r + 1] = r;
        return Binding.of(c.dtype(0), Shape.of(out), new AffineGrid(size[0], spatial, c.attributes().flag("align_corners", false)));
    }

    private static Binding roiAlign(BindContext c, String coordinates) {
        Attributes a = c.attributes();
        Shape x = c.shape(0), rois = c.shape(1);
        regions(c, 4);
        c.require(c.shape(2).equals(Shape.of(rois.dim(0))), "batch_indices must be of shape [" + rois.dim(0) + "], found " + c.shape(2));
        String mode = a.string("mode", "avg"), found = a.string("coordinate_transformation_mode", coordinates);
        c.require(mode.equals("avg") || mode.equals("max"), "mode must be avg or max, found " + mode);
        c.require(found.equals("half_pixel") || found.equals("output_half_pixel"),
                "coordinate_transformation_mode must be half_pixel or output_half_pixel, found " + found);
        int h = Math.toIntExact(a.integer("output_height", 1)), w = Math.toIntExact(a.integer("output_width", 1));
        int sampling = Math.toIntExact(a.integer("sampling_ratio", 0));
        c.require(h > 0 && w > 0 && sampling >= 0, "output_height and output_width must be positive, sampling_ratio not negative");
        return Binding.of(c.dtype(0), Shape.of(rois.dim(0), x.dim(1), h, w),
                new RoiAlign(mode.equals("max"), x, h, w, sampling, a.real("spatial_scale", 1), found.equals("half_pixel")));
    }

    private static Binding maxRoiPool(BindContext c) {
        Attributes a = c.attributes();
        regions(c, 5);
        long[] pooled = a.integers("pooled_shape", null);
        c.require(pooled != null && pooled.length == 2 && pooled[0] > 0 && pooled[1] > 0, "pooled_shape must have two positive numbers");
        int h = Math.toIntExact(pooled[0]), w = Math.toIntExact(pooled[1]);
        return Binding.of(c.dtype(0), Shape.of(c.shape(1).dim(0), c.shape(0).dim(1), h, w),
                new MaxRoiPool(c.shape(0), h, w, a.real("spatial_scale", 1)));
    }

    private static void regions(BindContext c, int numbers) {
        real(c, 0);
        c.require(c.rank(0) == 4 && c.shape(0).size() > 0, "the input must be of shape (N, C, H, W) and not empty, found " + c.shape(0));
        c.require(c.rank(1) == 2 && c.shape(1).dim(1) == numbers && c.dtype(1) == c.dtype(0),
                "rois must be " + c.dtype(0) + " of shape (regions, " + numbers + "), found " + c.dtype(1) + " " + c.shape(1));
    }

    private static void real(BindContext c, int i) {
        if (c.dtype(i) != DType.FLOAT32 && c.dtype(i) != DType.FLOAT64)
            throw c.unsupported("element type " + c.dtype(i) + " of input " + i);
    }
}
