package dev.reprise.tornado.lower;

import dev.reprise.ops.tensor.Shape;
import dev.reprise.tornado.kernel.Products;
import dev.reprise.tornado.kernel.Scalar;
import java.util.Arrays;

/**
 * Convolutions over three dimensions, as sums of ones over two: for each plane of the window and each sample one launch, whose images
 * are the planes of the volume that this plane of the window meets. It adds to what the planes before left in the result.
 */
final class Volumes {
    private Volumes() {}

    static void conv(Op o, boolean last) {
        Shape x = o.shape(0), w = o.shape(1), y = o.result();
        long group = o.integer("group", 1);
        o.require(!o.constant(0) && x.rank() == 5, "of a constant");
        o.require(o.integer("parts", 1) == 1 && o.real("scale", 1) == 1, "parts or a scale over three dimensions");
        begin(o, last ? 4 : 1);
        Window.Extents e = Window.Extents.of(o, x, w.dims(), last, y);
        long flops = 2 * y.size() * w.size() / w.dim(0);
        for (int plane = 0; plane < e.kernel()[0]; plane++) {
            // The depths of y at which this plane of the window lies within x.
            long offset = plane * e.dilation()[0] - e.begin()[0], stride = e.stride()[0];
            long from = Math.max(0, Math.ceilDiv(-offset, stride)),
                    to = Math.min(e.out()[0], Math.floorDiv(e.in()[0] - 1 - offset, stride) + 1);
            if (from >= to) continue;
            int weights = o.constant(1) ? packed(o, plane, group) : copied(o, plane, group);
            for (long n = 0; n < x.dim(0); n++) {
                plane(o, last, e, group, n, from, to - from, from * stride + offset, weights, flops);
                flops = 0;
            }
        }
        int activation = Linear.activation(o);
        if (activation != Scalar.NONE)
            o.launch(Kind.MAP).words(0, y.size(), activation).read(2, o.out(0), 0).write(3, o.out(0), 0).weight(4, o.region(0, 0))
                    .each(y.size(), 0);
    }

    /** y is bias and residual at first. */
    private static void begin(Op o, int channel) {
        Shape y = o.result();
        long[] one = new long[5];
        Arrays.fill(one, 1);
        if (o.has(2)) one[channel] = o.shape(2).size();
        Shape spread = Shape.of(one);
        if (o.has(2) && o.has(3)) Elementwise.zip(o, Scalar.ADD, o.in(2), spread, o.in(3), o.shape(3), o.out(0), y);
        else if (o.has(2)) {
            long[] strides = new long[5];
            strides[channel] = 1;
            Movement.copy(o, o.in(2), 0, strides, o.out(0), 0, y.strides(), y.dims());
        } else if (o.has(3)) Movement.copy(o, o.in(3), 0, y.strides(), o.out(0), 0, y.strides(), y.dims());
        else o.launch(Kind.FILL).words(0, y.size()).write(1, o.out(0), 0).weight(2, o.region(0)).each(y.size(), 0);
    }

    private static void plane(Op o, boolean last, Window.Extents e, long group, long n, long from, long depths, long source, int weights,
            long flops) {
        Shape w = o.shape(1);
        long m = w.dim(0) / group, c = w.dim(1), k = c * e.kernel()[1] * e.kernel()[2], rows = depths * e.out()[1] * e.out()[2];
        long[] sx = strides(o.shape(0), last), sy = strides(o.result(), last);
        long at = n * sy[0] + from * sy[1];
        Op.Draft d = o.launch(o.tiled() ? Kind.CONV_TILE : Kind.CONV).words(0, rows, m, k)
                .read(3, o.in(0), n * sx[0] + source * sx[1]);
        if (o.constant(1)) d.weight(4, weights).words(31, 1);
        else d.read(4, weights, 0);
        d.write(5, o.out(0), at)
                .words(6, e.out()[1], e.out()[2], e.in()[1], e.in()[2], c, e.kernel()[2], e.stride()[1], e.stride()[2], e.dilation()[1],
                        e.dilation()[2], e.begin()[1], e.begin()[2])
                .words(18, sx[1] * e.stride()[0], sx[2], sx[3], sx[4]).words(22, sy[1], sy[2], sy[3], sy[4]).words(26, -1)
                .read(27, o.out(0), at).words(28, Scalar.NONE).weight(29, o.region(1, 1)).words(30, group);
        if (o.tiled()) d.groups(Math.ceilDiv(m, Products.TILE), Math.ceilDiv(rows, Products.TILE), group, 16, 16, flops);
        else d.each(rows * m * group, flops);
    }

    /** Along n, depth, h, w, c. */
    private static long[] strides(Shape s, boolean last) {
        long[] own = s.strides();
        return last ? own : new long[]{own[0], own[2], own[3], own[4], own[1]};
    }

    private static int packed(Op o, int plane, long group) {
        Shape w = o.shape(1);
        int m = (int) (w.dim(0) / group), c = w.dimInt(1), planes = w.dimInt(2), window = w.dimInt(3) * w.dimInt(4);
        return o.region(1, "volume/" + group + "/" + plane, (long) window * c * w.dim(0), to -> {
            float[] from = o.port(1).constant().toFloats();
            int at = 0;
            for (int g = 0; g < group; g++)
                for (int k = 0; k < window; k++)
                    for (int j = 0; j < c; j++)
                        for (int i = 0; i < m; i++)
                            to[at++] = from[(((g * m + i) * c + j) * planes + plane) * window + k];
        });
    }

    private static int copied(Op o, int plane, long group) {
        Shape w = o.shape(1);
        long m = w.dim(0) / group, c = w.dim(1), window = w.dim(3) * w.dim(4), all = w.dim(2) * window;
        int to = o.temporary(Shape.of(window * c * w.dim(0)));
        Movement.copy(o, o.in(1), plane * window, new long[]{m * c * all, 1, all, c * all}, to, 0, new long[]{window * c * m, c * m, m, 1},
                new long[]{group, window, c, m});
        return to;
    }
}
