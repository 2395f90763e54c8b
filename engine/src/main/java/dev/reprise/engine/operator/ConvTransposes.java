package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.ConvShape;
import dev.reprise.ops.kernel.ConvTranspose;
import dev.reprise.ops.kernel.ConvTransposePlain;
import dev.reprise.ops.kernel.Epilogue;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.util.Arrays;

/**
 * ConvTranspose (since 1, 11, 22), and the internal ConvTransposeChannelsLast: x (N, spatial…, C), weights as ONNX has them
 * (C, M / group, kernel…), optional bias (M); output (N, spatial…, M); the attributes of ConvTranspose and "activation" and
 * "scale" as ConvChannelsLast has them.
 */
final class ConvTransposes {
    private ConvTransposes() {}

    static void register(Registry r) {
        r.add("ConvTranspose", 1, Halves.of(c -> bind(c, false)), "auto_pad", "dilations", "group", "kernel_shape", "output_padding",
                "output_shape", "pads",
                "strides");
        r.addInternal("ConvTransposeChannelsLast", Halves.of(c -> bind(c, true)));
    }

    private static Binding bind(BindContext c, boolean channelsLast) {
        Shape w = c.shape(1);
        ConvAttributes a = ConvAttributes.of(c, w);
        c.require(c.rank(0) == w.rank(), "the input must have " + w.rank() + " dimensions like the weights, found " + c.shape(0));
        Shape x = channelsLast ? Convs.first(c.shape(0)) : c.shape(0);
        c.require(w.dim(0) == x.dim(1) && w.dim(0) % a.group() == 0,
                "the weights " + w + " in " + a.group() + " groups do not fit an input of " + x.dim(1) + " channels");
        ConvShape s = shape(c, a, x, w);
        long[] y = x.dims();
        y[1] = s.m();
        for (int i = 2; i < y.length; i++)
            y[i] = s.out()[i + 3 - y.length];
        Shape out = channelsLast ? Convs.last(Shape.of(y)) : Shape.of(y);
        DType t = c.dtype(0);
        if (c.has(2)) c.require(c.shape(2).size() == s.m(), "the bias must have " + s.m() + " elements, found shape " + c.shape(2));
        if (t == DType.FLOAT64 && !channelsLast) return Binding.of(t, out, new ConvTransposePlain(s));
        if (t != DType.FLOAT32) throw c.unsupported("ConvTranspose of " + t);
        Epilogue e = new Epilogue(1, Fused.activation(c), c.attributes().real("scale", 1));
        Tensor packed = c.isConstant(1)
                ? c.packed(1, ConvTranspose.form(s), ConvTranspose.packing(s))
                : null;
        return Binding.of(t, out, new ConvTranspose(s, packed, e, channelsLast)).withBatched(0);
    }

    private static ConvShape shape(BindContext c, ConvAttributes a, Shape x, Shape w) {
        int n = a.kernel().length;
        int[] extra = ConvAttributes.list(c, "output_padding", n, 0, 0), in = new int[n], out = new int[n], begin = a.padBegin().clone();
        long[] wanted = c.attributes().integers("output_shape", null);
        if (wanted != null) {
            // Some exporters write the batch and channels in front.
            if (wanted.length == n + 2) wanted = Arrays.copyOfRange(wanted, 2, n + 2);
            c.require(wanted.length == n, "output_shape must have " + n + " entries, found " + Arrays.toString(wanted));
        }
        boolean same = a.autoPad().startsWith("SAME");
        for (int i = 0; i < n; i++) {
            in[i] = x.dimInt(2 + i);
            long full = (in[i] - 1L) * a.strides()[i] + (long) a.dilations()[i] * (a.kernel()[i] - 1) + 1 + extra[i],
                    size = full - begin[i] - a.padEnd()[i];
            if (wanted != null || same) {
                size = wanted != null ? wanted[i] : (long) in[i] * a.strides()[i];
                long total = Math.max(0, full - size);
                begin[i] = (int) (a.autoPad().equals("SAME_UPPER") ? total / 2 : total - total / 2);
            }
            c.require(size > 0, "output dimension " + i + " would be " + size);
            out[i] = Math.toIntExact(size);
        }
        return ConvShape.of(x.dimInt(0), a.group(), x.dimInt(1), Math.toIntExact(w.dim(1) * a.group()), in, a.kernel(), a.strides(),
                a.dilations(), begin, out);
    }
}
