package dev.reprise.tornado.lower;

import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.tornado.kernel.Products;

/**
 * Transposed convolutions over one or two dimensions, as plain ones. Outputs whose place (with the padding) leaves the same rest when
 * divided by the stride meet the same taps of the window and walk through the input in steps of one: each such rest is a convolution
 * of its own with those taps, whose results lie a stride apart. No zero is multiplied.
 */
final class Transposed {
    private Transposed() {}

    static boolean lower(Op o) {
        if (!o.type().equals("ConvTranspose")) return false;
        lower(o, false);
        return true;
    }

    static boolean fused(Op o) {
        if (!o.type().equals("ConvTransposeChannelsLast")) return false;
        lower(o.only("auto_pad", "dilations", "group", "kernel_shape", "output_padding", "output_shape", "pads", "strides", "activation",
                "scale"), true);
        return true;
    }

    /**
     * The outputs first, first + stride, … of a dimension: with tap tap + i * step they meet input (their number) - i * dilation + begin.
     *
     * @param outputs how many there are
     * @param taps    how many they meet
     */
    private record Phase(int first, int outputs, int tap, int step, int taps, int dilation, int begin) {
        static Phase of(Window p, int d, int first) {
            int stride = (int) p.stride()[d], dilation = (int) p.dilation()[d], kernel = (int) p.kernel()[d], at = first + (int) p.pad()[d];
            int tap = 0;
            while (tap < kernel && Math.floorMod(at - tap * dilation, stride) != 0)
                tap++;
            int step = stride / gcd(stride, dilation), outputs = (int) Math.ceilDiv(p.out()[d] - first, (long) stride);
            return new Phase(first, outputs, tap, step, tap < kernel ? (kernel - 1 - tap) / step + 1 : 0, step * dilation / stride,
                    Math.floorDiv(at - tap * dilation, stride));
        }
    }

    private static int gcd(int a, int b) { return b == 0 ? a : gcd(b, a % b); }

    private static void lower(Op o, boolean last) {
        Shape x = o.shape(0), w = o.shape(1);
        o.require(!o.constant(0), "of a constant");
        Window p = Window.transposed(o, x, w.dims(), last, o.result());
        long flops = 2 * x.size() * w.dim(1) * p.kernel()[0] * p.kernel()[1];
        for (int h = 0; h < Math.min(p.stride()[0], p.out()[0]); h++)
            for (int v = 0; v < Math.min(p.stride()[1], p.out()[1]); v++) {
                phase(o, last, p, Phase.of(p, 0, h), Phase.of(p, 1, v), flops);
                // Edges make the phases' shares uneven: the first stands for all.
                flops = 0;
            }
    }

    private static void phase(Op o, boolean last, Window p, Phase h, Phase v, long flops) {
        Shape x = o.shape(0), y = o.result();
        long group = o.integer("group", 1), c = o.shape(1).dim(0) / group, m = o.shape(1).dim(1), k = (long) h.taps * v.taps * c;
        long[] sx = p.strides(x, last), sy = p.strides(y, last);
        long rows = x.dim(0) * h.outputs * v.outputs;
        Op.Draft d = o.launch(o.tiled() ? Kind.CONV_TILE : Kind.CONV).words(0, rows, m, k).read(3, o.in(0), 0);
        if (k == 0) d.words(4, 0).words(31, 1);
        else
            if (o.constant(1))
                d.weight(4,
                        o.region(1, "transposed/" + group + "/" + h + "/" + v, group * k * m, to -> pack(o.port(1).constant(), to, p, h, v,
                                (int) group)))
                        .words(31, 1);
            else
                d.read(4, copied(o, p, h, v, group, c, m, k), 0);
        d.write(5, o.out(0), h.first * sy[1] + v.first * sy[2])
                .words(6, h.outputs, v.outputs, p.in()[0], p.in()[1], c, Math.max(1, v.taps), 1, 1, -h.dilation, -v.dilation, -h.begin,
                        -v.begin)
                .words(18, sx).words(22, sy[0], sy[1] * p.stride()[0], sy[2] * p.stride()[1], sy[3]).words(26, -1, -1, Linear.activation(o))
                .weight(29, o.region(1, o.real("scale", 1))).words(30, group);
        if (o.has(2)) d.readAny(32, 26, o.in(2), 0);
        if (o.tiled()) d.groups(Math.ceilDiv(m, Products.TILE), Math.ceilDiv(rows, Products.TILE), group, 16, 16, flops);
        else d.each(rows * m * group, flops);
    }

    /** Weights that are computed: (group, C, M, window) as (group, taps, C, M). */
    private static int copied(Op o, Window p, Phase h, Phase v, long group, long c, long m, long k) {
        int to = o.temporary(Shape.of(group * k * m));
        long kw = p.kernel()[1], window = p.kernel()[0] * kw;
        Movement.copy(o, o.in(1), h.tap * kw + v.tap, new long[]{c * m * window, h.step * kw, v.step, m * window, window}, to, 0,
                new long[]{k * m, v.taps * c * m, c * m, m, 1}, new long[]{group, h.taps, v.taps, c, m});
        return to;
    }

    private static void pack(Tensor w, float[] to, Window p, Phase h, Phase v, int group) {
        float[] from = w.toFloats();
        int kw = (int) p.kernel()[1], window = (int) p.kernel()[0] * kw, c = w.shape().dimInt(0) / group, m = w.shape().dimInt(1), at = 0;
        for (int g = 0; g < group; g++)
            for (int i = 0; i < h.taps; i++)
                for (int j = 0; j < v.taps; j++)
                    for (int k = 0; k < c; k++)
                        for (int n = 0; n < m; n++)
                            to[at++] = from[((g * c + k) * m + n) * window + (h.tap + i * h.step) * kw + v.tap + j * v.step];
    }
}
