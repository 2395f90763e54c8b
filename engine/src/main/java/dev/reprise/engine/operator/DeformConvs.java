package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.ConvShape;
import dev.reprise.ops.kernel.DeformConv;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;

/** DeformConv (since 19, 22) over two spatial dimensions. */
final class DeformConvs {
    private DeformConvs() {}

    static void register(Registry r) {
        r.add("DeformConv", 19, Halves.of(DeformConvs::bind), "dilations", "group", "kernel_shape", "offset_group", "pads", "strides");
    }

    private static Binding bind(BindContext c) {
        if (c.rank(1) != 4) throw c.unsupported("DeformConv over " + (c.rank(1) - 2) + " spatial dimensions");
        if (c.dtype(0) != DType.FLOAT32) throw c.unsupported("DeformConv of " + c.dtype(0));
        ConvShape s = ConvAttributes.of(c, c.shape(1)).shape(c, c.shape(0), c.shape(1));
        long groups = c.attributes().integer("offset_group", 1);
        c.require(groups >= 1 && s.c() % groups == 0, s.c() + " channels do not divide into " + groups + " offset groups");
        long taps = groups * s.kernel()[1] * s.kernel()[2];
        Shape offset = Shape.of(s.batch(), taps * 2, s.out()[1], s.out()[2]), mask = offset.with(1, taps);
        c.require(c.shape(2).equals(offset), "the offsets must have shape " + offset + ", found " + c.shape(2));
        if (c.has(3)) c.require(c.shape(3).size() == s.m(), "the bias must have " + s.m() + " elements, found shape " + c.shape(3));
        if (c.has(4)) c.require(c.shape(4).equals(mask), "the mask must have shape " + mask + ", found " + c.shape(4));
        return Binding.of(DType.FLOAT32, Shape.of(s.batch(), s.m(), s.out()[1], s.out()[2]), new DeformConv(s, (int) groups));
    }
}
