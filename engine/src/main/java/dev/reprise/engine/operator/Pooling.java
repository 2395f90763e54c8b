package dev.reprise.engine.operator;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Node;
import dev.reprise.ops.kernel.GlobalPool;
import dev.reprise.ops.kernel.Pool;
import dev.reprise.ops.kernel.PoolWide;
import dev.reprise.ops.kernel.PoolWindow;
import dev.reprise.ops.kernel.PoolWide.Kind;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.List;

/**
 * AveragePool (1, 7, 10, 11, 19, 22), MaxPool (1, 8, 10, 11, 12, 22), LpPool (1, 2, 11, 18, 22) and their global forms, any
 * number of spatial axes.
 *
 * <p>The internal AveragePoolChannelsLast, MaxPoolChannelsLast, GlobalAveragePoolChannelsLast and
 * GlobalMaxPoolChannelsLast take float32 of shape (N, spatial…, C) and the same attributes.
 */
final class Pooling {
    private static final String[] V1 = {"auto_pad", "kernel_shape", "pads", "strides"};

    private Pooling() {}

    static void register(Registry r) {
        Operator.Static average = Halves.of(c -> pool(c, Kind.AVERAGE)), max = Halves.of(c -> pool(c, Kind.MAX)),
                lp = Halves.of(c -> pool(c, Kind.LP));
        r.add("AveragePool", 1, average, V1);
        r.add("AveragePool", 7, average, with("count_include_pad"));
        r.add("AveragePool", 10, average, with("count_include_pad", "ceil_mode"));
        r.add("AveragePool", 19, average, with("count_include_pad", "ceil_mode", "dilations"));
        r.add("MaxPool", 1, max, V1);
        r.add("MaxPool", 8, max, with("storage_order"));
        r.add("MaxPool", 10, max, with("storage_order", "ceil_mode", "dilations"));
        r.add("LpPool", 1, lp, with("p"));
        r.add("LpPool", 18, lp, with("p", "ceil_mode", "dilations"));
        r.add("GlobalAveragePool", 1, Halves.of(c -> global(c, Kind.AVERAGE)));
        r.add("GlobalMaxPool", 1, Halves.of(c -> global(c, Kind.MAX)));
        r.add("GlobalLpPool", 1, Halves.of(c -> global(c, Kind.LP)), "p");
        r.addInternal("AveragePoolChannelsLast", c -> pool(c, Kind.AVERAGE));
        r.addInternal("MaxPoolChannelsLast", c -> pool(c, Kind.MAX));
        r.addInternal("GlobalAveragePoolChannelsLast", c -> global(c, Kind.AVERAGE));
        r.addInternal("GlobalMaxPoolChannelsLast", c -> global(c, Kind.MAX));
    }

    private static String[] with(String... more) {
        String[] all = java.util.Arrays.copyOf(V1, V1.length + more.length);
        System.arraycopy(more, 0, all, V1.length, more.length);
        return all;
    }

    private static Binding pool(BindContext c, Kind kind) {
        Attributes a = c.attributes();
        DType dtype = check(c, kind);
        boolean last = channelsLast(c);
        int spatial = c.rank(0) - 2;
        int[] in = new int[spatial];
        long[] out = c.shape(0).dims();
        for (int i = 0; i < spatial; i++)
            in[i] = c.shape(0).dimInt(i + (last ? 1 : 2));
        PoolWindow.Axis[] axes = axes(c, "", in);
        for (int i = 0; i < spatial; i++)
            out[i + (last ? 1 : 2)] = axes[i].out();
        PoolWindow window = new PoolWindow(a.flag("count_include_pad", false), axes);
        Shape x = c.shape(0), shape = Shape.of(out);
        if (last) return Binding.of(dtype, shape, new Pool(kind == Kind.AVERAGE, window, x.dim(0), x.dimInt(-1))).withBatched(0);
        long planes = x.dim(0) * x.dim(1);
        boolean positions = kind == Kind.MAX && c.outputs() > 1 && c.wants(1);
        if (dtype == DType.FLOAT32 && kind != Kind.LP && !positions)
            return Binding.of(dtype, shape, new Pool(kind == Kind.AVERAGE, window, planes, 1));
        PoolWide wide = new PoolWide(kind, window, planes, order(a), a.flag("storage_order", false));
        Binding.Output y = new Binding.Output(dtype, shape);
        return Binding.of(positions ? List.of(y, new Binding.Output(DType.INT64, shape)) : List.of(y), wide);
    }

    /**
     * The windows over an image.
     *
     * @param prefix of the attributes' names
     * @param in     the image's sizes
     */
    static PoolWindow.Axis[] axes(BindContext c, String prefix, int... in) {
        Attributes a = c.attributes();
        long[] kernel = a.integers(prefix + "kernel_shape", null);
        c.require(kernel != null, "attribute 'kernel_shape' is required");
        long[] strides = list(c, prefix + "strides", kernel.length, 1), dilations = list(c, prefix + "dilations", kernel.length, 1);
        long[] pads = list(c, prefix + "pads", 2 * kernel.length, 0);
        c.require(kernel.length == in.length,
                "kernel_shape has " + kernel.length + " numbers, the input has " + in.length + " spatial axes");
        String auto = a.string(prefix + "auto_pad", "NOTSET");
        boolean ceil = a.flag(prefix + "ceil_mode", false);
        PoolWindow.Axis[] axes = new PoolWindow.Axis[in.length];
        for (int i = 0; i < axes.length; i++) {
            c.require(kernel[i] > 0 && strides[i] > 0 && dilations[i] > 0, "kernel_shape, strides and dilations must be positive");
            c.require(pads[i] >= 0 && pads[i + in.length] >= 0, "pads must not be negative");
            axes[i] = axis(c, auto, ceil, in[i], kernel[i], strides[i], dilations[i], pads[i], pads[i + in.length]);
        }
        return axes;
    }

    private static PoolWindow.Axis axis(BindContext c, String auto, boolean ceil, long in, long kernel, long stride, long dilation,
            long begin, long end) {
        long reach = (kernel - 1) * dilation + 1, out;
        switch (auto) {
            case "SAME_UPPER", "SAME_LOWER" -> {
                out = Math.ceilDiv(in, stride);
                long total = Math.max((out - 1) * stride + reach - in, 0);
                begin = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
                end = total - begin;
            }
            case "VALID", "NOTSET" -> {
                if (auto.equals("VALID")) begin = end = 0;
                long room = in + begin + end - reach;
                out = room < 0 && !ceil ? 0 : (ceil ? Math.ceilDiv(room, stride) : room / stride) + 1;
                // A window that would start in the padding after the last pixel is left out.
                if (ceil && (out - 1) * stride >= in + begin) out--;
            }
            default -> throw c.error("auto_pad must be NOTSET, SAME_UPPER, SAME_LOWER or VALID, found " + auto);
        }
        c.require(out > 0 || in == 0, "a window of " + reach + " does not fit into " + in + " pixels padded by " + begin + " and " + end);
        return new PoolWindow.Axis(Math.toIntExact(in), Math.toIntExact(Math.max(out, 0)), Math.toIntExact(kernel), Math.toIntExact(stride),
                Math.toIntExact(dilation), Math.toIntExact(begin), Math.toIntExact(end));
    }

    private static Binding global(BindContext c, Kind kind) {
        DType dtype = check(c, kind);
        Shape x = c.shape(0);
        boolean last = channelsLast(c);
        long[] out = x.dims();
        int[] in = new int[out.length - 2];
        long pixels = 1;
        for (int i = 0; i < in.length; i++) {
            in[i] = x.dimInt(i + (last ? 1 : 2));
            pixels *= in[i];
            out[i + (last ? 1 : 2)] = 1;
        }
        Shape shape = Shape.of(out);
        c.require(pixels > 0, "there are no pixels to pool in shape " + x);
        if (last) return Binding.of(dtype, shape, new GlobalPool(kind == Kind.AVERAGE, x.dim(0), pixels, x.dimInt(-1)));
        long planes = x.dim(0) * x.dim(1);
        if (dtype == DType.FLOAT32 && kind != Kind.LP)
            return Binding.of(dtype, shape, new GlobalPool(kind == Kind.AVERAGE, planes, pixels, 1));
        return Binding.of(dtype, shape, new PoolWide(kind, PoolWindow.whole(in), planes, order(c.attributes()), false));
    }

    private static DType check(BindContext c, Kind kind) {
        DType t = c.dtype(0);
        boolean bytes = kind == Kind.MAX && (t == DType.INT8 || t == DType.UINT8);
        c.require(t == DType.FLOAT32 || (bytes || t == DType.FLOAT64) && !channelsLast(c), "element type " + t + " cannot be pooled");
        c.require(c.rank(0) >= 3, "the input must have at least one spatial axis, found shape " + c.shape(0));
        return t;
    }

    private static boolean channelsLast(BindContext c) { return c.node().domain().equals(Node.INTERNAL); }

    /** LpPool's p: a float in version 1, an integer since 2. */
    private static double order(Attributes a) {
        double p = a.get("p") instanceof Float f ? f : a.integer("p", 2);
        if (!(p > 0)) throw new IllegalArgumentException("p must be positive, found " + p);
        return p;
    }

    private static long[] list(BindContext c, String attribute, int n, long otherwise) {
        long[] v = c.attributes().integers(attribute, null);
        if (v == null) {
            v = new long[n];
            java.util.Arrays.fill(v, otherwise);
        }
        c.require(v.length == n, attribute + " must have " + n + " numbers, found " + v.length);
        return v;
    }
}
