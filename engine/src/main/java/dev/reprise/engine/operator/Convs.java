package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Activation;
import dev.reprise.ops.kernel.Conv;
import dev.reprise.ops.kernel.ConvAlgorithm;
import dev.reprise.ops.kernel.ConvPlain;
import dev.reprise.ops.kernel.ConvShape;
import dev.reprise.ops.kernel.Epilogue;
import dev.reprise.ops.kernel.Packing;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;

/**
 * Conv (since 1, 11, 22), and the internal ConvChannelsLast: inputs x (N, spatial…, C), weights as ONNX has them (M, C /
 * group, kernel…), optional bias (M), optional residual (N, spatial…, M); output (N, spatial…, M); the attributes of Conv
 * and "activation" ({@link Activation#attribute}; default "none"), "scale" (float, default 1) and "parts" (default 1: the weights' rows, not
 * the bias, are {@linkplain Packing#dealt dealt} to so many parts). y = activation(conv + bias + residual) * scale.
 */
final class Convs {
    private Convs() {}

    static void register(Registry r) {
        r.add("Conv", 1, Halves.of(c -> bind(c, false)), ConvAttributes.NAMES);
        r.addInternal("ConvChannelsLast", Halves.of(c -> bind(c, true)));
    }

    private static Binding bind(BindContext c, boolean channelsLast) {
        Shape w = c.shape(1), x = c.shape(0);
        ConvAttributes a = ConvAttributes.of(c, w);
        c.require(x.rank() == w.rank(), "the input must have " + w.rank() + " dimensions like the weights, found " + x);
        ConvShape s = a.shape(c, channelsLast ? first(x) : x, w);
        long[] y = new long[x.rank()];
        y[0] = s.batch();
        y[1] = s.m();
        for (int i = 2; i < y.length; i++)
            y[i] = s.out()[i + 3 - y.length];
        Shape out = channelsLast ? last(Shape.of(y)) : Shape.of(y);
        DType t = c.dtype(0);
        if (c.has(2)) c.require(c.shape(2).size() == s.m(), "the bias must have " + s.m() + " elements, found shape " + c.shape(2));
        if (c.has(3)) c.require(c.shape(3).equals(out), "the residual must have shape " + out + ", found " + c.shape(3));
        if (t == DType.FLOAT64 && !channelsLast) return Binding.of(t, out, new ConvPlain(s, t, null));
        if (t != DType.FLOAT32) throw c.unsupported("Conv of " + t);
        Epilogue e = new Epilogue(1, Fused.activation(c), c.attributes().real("scale", 1));
        ConvAlgorithm algorithm = ConvAlgorithm.of(s, c.exact());
        Tensor packed = null;
        int parts = (int) c.attributes().integer("parts", 1);
        c.require(parts > 0 && s.m() % parts == 0 && (parts == 1 || c.isConstant(1) && s.group() == 1),
                "it cannot deal " + s.m() + " outputs to " + parts + " parts");
        if (c.isConstant(1)) {
            Packing packing = Conv.packing(s, algorithm);
            packed = c.packed(1, Conv.form(s, algorithm) + (parts == 1 ? "" : "/parts " + parts),
                    parts == 1 ? packing : packing.dealt(parts));
        }
        return Binding.of(t, out, new Conv(s, algorithm, packed, e, channelsLast)).withBatched(0, 3);
    }

    /** (N, spatial…, C) as (N, C, spatial…). */
    static Shape first(Shape x) {
        long[] d = x.dims(), r = d.clone();
        r[1] = d[d.length - 1];
        System.arraycopy(d, 1, r, 2, d.length - 2);
        return Shape.of(r);
    }

    /** (N, C, spatial…) as (N, spatial…, C). */
    static Shape last(Shape x) {
        long[] d = x.dims(), r = d.clone();
        r[d.length - 1] = d[1];
        System.arraycopy(d, 2, r, 1, d.length - 2);
        return Shape.of(r);
    }
}
