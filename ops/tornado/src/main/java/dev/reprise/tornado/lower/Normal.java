package dev.reprise.tornado.lower;

import dev.reprise.ops.tensor.Shape;
import dev.reprise.tornado.kernel.Norms;
import dev.reprise.tornado.kernel.Reductions;
import dev.reprise.tornado.kernel.Scalar;
import java.util.Arrays;

/** Norms, softmax and reductions. */
final class Normal {
    private static final String[] GROUP_NORM = {"num_groups", "epsilon", "activation"};

    private Normal() {}

    static boolean lower(Op o) {
        switch (o.type()) {
            case "GroupNormalization" -> groups(o, o.integer("num_groups", 0), false, o.opset() < 21, Scalar.NONE);
            case "InstanceNormalization" -> groups(o, o.shape(0).dim(1), false, false, Scalar.NONE);
            case "LayerNormalization" -> rows(o, true);
            case "RMSNormalization" -> rows(o, false);
            case "BatchNormalization" -> batch(o);
            case "Softmax", "LogSoftmax" -> softmax(o, o.type().equals("LogSoftmax"));
            case "ReduceSum" -> reduce(o, Reductions.SUM, 13);
            case "ReduceMean" -> reduce(o, Reductions.MEAN, 18);
            case "ReduceMax" -> reduce(o, Reductions.MAX, 18);
            case "ReduceMin" -> reduce(o, Reductions.MIN, 18);
            case "ReduceSumSquare" -> reduce(o, Reductions.SUM_SQUARE, 18);
            case "ReduceL1" -> reduce(o, Reductions.L1, 18);
            case "ReduceL2" -> reduce(o, Reductions.L2, 18);
            default -> {
                return false;
            }
        }
        return true;
    }

    static boolean fused(Op o) {
        switch (o.type()) {
            case "GroupNormActivation" -> groups(o.only(GROUP_NORM), o.integer("num_groups", 0), false, false, Linear.activation(o));
            case "GroupNormChannelsLast" -> groups(o.only(GROUP_NORM), o.integer("num_groups", 0), true, false, Linear.activation(o));
            default -> {
                return false;
            }
        }
        return true;
    }

    private static void groups(Op o, long groups, boolean last, boolean perGroup, int activation) {
        Shape x = o.shape(0);
        o.require(x.rank() >= 2 && groups > 0 && !o.constant(0), "shape " + x);
        long n = x.dim(0), c = x.dim(last ? -1 : 1), pixels = x.size() / Math.max(1, n * c), each = c / groups;
        Op.Draft d = o.launch(o.tiled() ? Kind.GROUP_NORM_TILE : Kind.GROUP_NORM).words(0, n * groups, groups, each, pixels)
                .read(4, o.in(0), 0)
                .write(5, o.out(0), 0).words(6, c * pixels, last ? c : 1, last ? 1 : pixels, -1, -1, perGroup ? each : 1, activation)
                .weight(13, o.region(o.real("epsilon", 1e-5f)));
        if (o.has(1)) d.readAny(14, 9, o.in(1), 0);
        if (o.has(2)) d.readAny(15, 10, o.in(2), 0);
        if (o.tiled()) d.groups(n * groups, 1, 1, Norms.GROUP, 1, 0);
        else d.each(n * groups, 0);
    }

    private static void rows(Op o, boolean centered) {
        Shape x = o.shape(0);
        o.require(!o.wants(1) && !o.wants(2) && !o.constant(0), "the statistics");
        int axis = Shape.axis(o.integer("axis", -1), x.rank());
        long rows = x.product(0, axis), size = x.product(axis, x.rank());
        Op.Draft d = o.launch(o.tiled() ? Kind.LAYER_NORM_TILE : Kind.LAYER_NORM).words(0, rows, size).read(2, o.in(0), 0)
                .write(3, o.out(0), 0)
                .words(4, -1, 0, -1, 0, centered ? 1 : 0).weight(9, o.region(o.real("epsilon", 1e-5f)));
        if (o.has(1)) d.readAny(5, 4, o.in(1), 0);
        if (o.has(2)) d.readAny(7, 6, o.in(2), 0);
        if (o.tiled()) d.groups(rows, 1, 1, Norms.ROW, 1, 0);
        else d.each(rows, 0);
    }

    /** With constant statistics: a factor and an addend for each channel. */
    private static void batch(Op o) {
        o.require(!o.wants(1) && o.integer("training_mode", 0) == 0 && o.opset() >= 7, "training");
        Shape x = o.shape(0);
        o.require(x.rank() >= 2, "shape " + x);
        float[] scale = o.floats(1), bias = o.floats(2), mean = o.floats(3), variance = o.floats(4);
        float[] factor = new float[scale.length], addend = new float[scale.length];
        double epsilon = o.real("epsilon", 1e-5f);
        for (int i = 0; i < scale.length; i++) {
            double f = scale[i] / Math.sqrt(variance[i] + epsilon);
            factor[i] = (float) f;
            addend[i] = (float) (bias[i] - mean[i] * f);
        }
        long n = x.dim(0), c = x.dim(1), pixels = x.size() / Math.max(1, n * c);
        int between = o.temporary(x);
        channels(o, Scalar.MUL, o.in(0), o.region(factor), between, n, c, pixels);
        channels(o, Scalar.ADD, between, o.region(addend), o.out(0), n, c, pixels);
    }

    private static void channels(Op o, int code, int x, int region, int y, long n, long c, long pixels) {
        o.launch(Kind.ZIP).words(0, n * c * pixels, code, 0).read(3, x, 0).words(4, 1).weight(5, region).write(6, y, 0)
                .words(7, 1, 1, 1, n, c, pixels, 0, 0, 0, c * pixels, pixels, 1, 0, 0, 0, 0, 1, 0).each(n * c * pixels, 0);
    }

    private static void softmax(Op o, boolean log) {
        Shape x = o.shape(0);
        o.require(x.rank() > 0 && !o.constant(0), "a scalar");
        boolean one = o.opset() >= 13;
        int axis = Shape.axis(o.integer("axis", one ? -1 : 1), x.rank());
        long size = one ? x.dim(axis) : x.product(axis, x.rank()), inner = one ? x.product(axis + 1, x.rank()) : 1;
        long rows = x.size() / Math.max(1, size);
        Op.Draft d = o.launch(o.tiled() ? Kind.SOFTMAX_TILE : Kind.SOFTMAX).words(0, rows, size, inner).read(3, o.in(0), 0)
                .write(4, o.out(0), 0)
                .words(5, log ? 1 : 0);
        if (o.tiled()) d.groups(rows, 1, 1, Reductions.ROW, 1, 0);
        else d.each(rows, 0);
    }

    private static void reduce(Op o, int code, int axesAsInput) {
        Shape x = o.shape(0);
        o.require(!o.constant(0) && x.rank() > 0, "of a constant or scalar");
        long[] axes = o.opset() < axesAsInput ? o.integers("axes", null) : o.has(1) ? o.longs(1) : null;
        boolean[] reduced = new boolean[x.rank()];
        if (axes == null || axes.length == 0) Arrays.fill(reduced, o.integer("noop_with_empty_axes", 0) == 0);
        else
            for (long a : axes)
                reduced[Shape.axis(a, x.rank())] = true;
        int from = 0, to = x.rank(), in = o.in(0);
        while (from < to && !reduced[from])
            from++;
        while (to > from && !reduced[to - 1])
            to--;
        o.require(from < to, "no axes");
        long size = x.product(from, to), inner = x.product(to, x.rank());
        for (int i = from; i < to; i++)
            if (!reduced[i] && x.dim(i) != 1) {
                in = behind(o, x, reduced);
                inner = 1;
                size = x.size() / o.result().size();
                break;
            }
        o.launch(Kind.REDUCE).words(0, o.result().size(), size, inner).read(3, in, 0).write(4, o.out(0), 0).words(5, code)
                .each(o.result().size(), size * o.result().size());
    }

    /** Axes that are apart, moved behind the others. */
    private static int behind(Op o, Shape x, boolean[] reduced) {
        long[] dims = new long[x.rank()], from = new long[x.rank()];
        int n = 0;
        for (boolean which : new boolean[]{false, true})
            for (int i = 0; i < x.rank(); i++)
                if (reduced[i] == which) {
                    dims[n] = x.dim(i);
                    from[n++] = x.strides()[i];
                }
        Shape moved = Shape.of(dims);
        int to = o.temporary(moved);
        Movement.copy(o, o.in(0), 0, from, to, 0, moved.strides(), dims);
        return to;
    }
}
