package dev.reprise.tornado.lower;

import dev.reprise.ops.tensor.Shape;
import java.util.Arrays;

/** Operators that only move data: a strided copy each, or nothing at all. */
final class Movement {
    private Movement() {}

    static boolean lower(Op o) {
        switch (o.type()) {
            case "Identity", "Reshape", "Squeeze", "Unsqueeze", "Flatten" -> o.alias(0);
            case "Cast" -> o.alias(0);
            case "Dropout" -> {
                o.require(!o.wants(1), "the mask");
                o.alias(0);
            }
            case "Transpose" -> transpose(o);
            case "Expand" -> expand(o);
            case "Concat" -> concat(o);
            case "Split" -> split(o);
            case "Slice" -> slice(o);
            case "Pad" -> pad(o);
            case "Gather" -> gather(o);
            case "Einsum" -> einsum(o);
            case "DepthToSpace", "SpaceToDepth" -> blocks(o);
            default -> {
                return false;
            }
        }
        return true;
    }

    /** out[i] = in[plusIn + sum i strideIn] at plusOut + sum i strideOut, over {@code dims}. */
    static void copy(Op o, int in, long plusIn, long[] strideIn, int out, long plusOut, long[] strideOut, long[] dims) {
        long[] ones = new long[dims.length];
        Arrays.fill(ones, 1);
        copy(o, in, plusIn, strideIn, out, plusOut, strideOut, dims, ones);
    }

    /** The same, where index i counts as i / divide in the input. */
    static void copy(Op o, int in, long plusIn, long[] strideIn, int out, long plusOut, long[] strideOut, long[] dims, long[] divide) {
        int n = 0;
        long[] d = new long[dims.length], u = d.clone(), v = d.clone(), w = d.clone();
        long size = 1;
        for (int i = 0; i < dims.length; i++) {
            size *= dims[i];
            if (dims[i] == 1) continue;
            if (n > 0 && divide[i] == 1 && w[n - 1] == 1 && u[n - 1] == strideIn[i] * dims[i] && v[n - 1] == strideOut[i] * dims[i])
                d[n - 1] *= dims[i];
            else
                d[n++] = dims[i];
            u[n - 1] = strideIn[i];
            v[n - 1] = strideOut[i];
            w[n - 1] = divide[i];
        }
        o.require(n <= 6, "a copy over " + n + " dimensions");
        if (size == 0) return;
        o.launch(Kind.MOVE).words(0, size).readAny(1, 2, in, plusIn).write(3, out, plusOut).words(4, Op.six(Arrays.copyOf(d, n), 1))
                .words(10, Op.six(Arrays.copyOf(u, n), 0)).words(16, Op.six(Arrays.copyOf(v, n), 0))
                .words(22, Op.six(Arrays.copyOf(w, n), 1)).each(size, 0);
    }

    private static void transpose(Op o) {
        Shape in = o.shape(0);
        long[] perm = o.integers("perm", null), own = in.strides(), strides = new long[own.length];
        for (int i = 0; i < strides.length; i++)
            strides[i] = own[perm == null ? own.length - 1 - i : (int) perm[i]];
        copy(o, o.in(0), 0, strides, o.out(0), 0, o.result().strides(), o.result().dims());
    }

    private static void expand(Op o) {
        Shape in = o.shape(0), out = o.result();
        long[] own = in.strides(), strides = new long[out.rank()];
        for (int i = 0; i < in.rank(); i++)
            strides[out.rank() - in.rank() + i] = in.dim(i) == 1 ? 0 : own[i];
        copy(o, o.in(0), 0, strides, o.out(0), 0, out.strides(), out.dims());
    }

    private static void concat(Op o) {
        Shape out = o.result();
        int axis = Shape.axis(o.integer("axis", 1), out.rank());
        long at = 0;
        for (int i = 0; i < o.inputs(); i++) {
            Shape s = o.shape(i);
            copy(o, o.in(i), 0, s.strides(), o.out(0), at * out.strides()[axis], out.strides(), s.dims());
            at += s.dim(axis);
        }
    }

    private static void split(Op o) {
        Shape in = o.shape(0);
        int axis = Shape.axis(o.integer("axis", 0), in.rank());
        long[] sizes = o.has(1) ? o.longs(1) : o.integers("split", null);
        o.require(sizes != null || in.dim(axis) % o.outputs() == 0, "into parts of different sizes");
        long at = 0;
        for (int i = 0; i < o.outputs(); i++) {
            long size = sizes != null ? sizes[i] : in.dim(axis) / o.outputs();
            Shape part = in.with(axis, size);
            if (o.wants(i)) copy(o, o.in(0), at * in.strides()[axis], in.strides(), o.out(i), 0, part.strides(), part.dims());
            at += size;
        }
    }

    private static void slice(Op o) {
        Shape in = o.shape(0), out = o.result();
        boolean attributes = o.opset() < 10;
        long[] starts = attributes ? o.integers("starts", new long[0]) : o.longs(1);
        long[] axes = attributes ? o.integers("axes", null) : o.has(3) ? o.longs(3) : null,
                steps = !attributes && o.has(4) ? o.longs(4) : null;
        long[] strides = in.strides();
        long offset = 0;
        for (int i = 0; i < starts.length; i++) {
            int a = axes == null ? i : Shape.axis(axes[i], in.rank());
            long step = steps == null ? 1 : steps[i], n = in.dim(a), last = step > 0 ? n : n - 1;
            long start = Math.clamp(starts[i] < 0 ? starts[i] + n : starts[i], 0, Math.max(last, 0));
            offset += start * strides[a];
            strides[a] *= out.dim(a) > 1 ? step : 1;
        }
        copy(o, o.in(0), offset, strides, o.out(0), 0, out.strides(), out.dims());
    }

    private static void pad(Op o) {
        o.require(o.string("mode", "constant").equals("constant"), "mode " + o.string("mode", ""));
        o.require(!o.constant(0), "of a constant");
        Shape in = o.shape(0), out = o.result();
        long[] pads = o.opset() < 11 ? o.integers("pads", o.integers("paddings", null)) : o.longs(1);
        long[] axes = o.has(3) ? o.longs(3) : null;
        o.require(pads != null && Arrays.stream(pads).allMatch(p -> p >= 0), "pads that cut");
        long[] before = new long[in.rank()];
        for (int i = 0; i < pads.length / 2; i++)
            before[axes == null ? i : Shape.axis(axes[i], in.rank())] = pads[i];
        float value = o.opset() < 11 ? o.real("value", 0) : o.has(2) ? o.floats(2)[0] : 0;
        o.launch(Kind.FILL).words(0, out.size()).write(1, o.out(0), 0).weight(2, o.region(value)).each(out.size(), 0);
        long at = 0;
        for (int i = 0; i < before.length; i++)
            at += before[i] * out.strides()[i];
        copy(o, o.in(0), 0, in.strides(), o.out(0), at, out.strides(), in.dims());
    }

    /** Indices are floats on the device, exact below 2^24. */
    private static void gather(Op o) {
        Shape x = o.shape(0);
        int axis = Shape.axis(o.integer("axis", 0), x.rank());
        o.require(x.dim(axis) <= 1 << 24, x.dim(axis) + " rows");
        long inner = x.product(axis + 1, x.rank());
        o.launch(Kind.GATHER).words(0, o.result().size(), inner, o.shape(1).size(), x.dim(axis)).readAny(4, 5, o.in(0), 0)
                .readIntegers(6, o.in(1)).write(7, o.out(0), 0).each(o.result().size(), 0);
    }

    /** Of one operand whose subscripts are only moved. */
    private static void einsum(Op o) {
        String equation = o.string("equation", "").replace(" ", "");
        int arrow = equation.indexOf("->");
        o.require(o.inputs() == 1 && arrow > 0 && !equation.contains("."), "equation '" + equation + "'");
        String from = equation.substring(0, arrow), to = equation.substring(arrow + 2);
        o.require(from.length() == to.length() && from.chars().distinct().count() == from.length()
                && to.chars().allMatch(c -> from.indexOf(c) >= 0) && to.chars().distinct().count() == to.length(),
                "equation '" + equation + "'");
        long[] own = o.shape(0).strides(), strides = new long[own.length];
        for (int i = 0; i < own.length; i++)
            strides[i] = own[from.indexOf(to.charAt(i))];
        copy(o, o.in(0), 0, strides, o.out(0), 0, o.result().strides(), o.result().dims());
    }

    private static void blocks(Op o) {
        Shape x = o.shape(0);
        long b = o.integer("blocksize", 0), n = x.dim(0), c = x.dim(1), h = x.dim(2), w = x.dim(3);
        boolean crd = o.string("mode", "DCR").equals("CRD");
        // Both ways walk through (n, channel, h, row of the block, w, column of the block) of the larger image.
        if (o.type().equals("DepthToSpace")) {
            long each = c / (b * b), row = (crd ? b : b * each) * h * w, column = (crd ? 1 : each) * h * w,
                    channel = (crd ? b * b : 1) * h * w;
            copy(o, o.in(0), 0, new long[]{c * h * w, channel, w, row, 1, column}, o.out(0), 0,
                    new long[]{c * h * w, h * w * b * b, w * b * b, w * b, b, 1}, new long[]{n, each, h, b, w, b});
        } else {
            long H = h / b, W = w / b;
            copy(o, o.in(0), 0, new long[]{c * h * w, h * w, w * b, w, b, 1}, o.out(0), 0,
                    new long[]{c * h * w, H * W, W, b * c * H * W, 1, c * H * W}, new long[]{n, c, H, b, W, b});
        }
    }
}
