package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Col2Im;
import dev.reprise.ops.kernel.Determinant;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.Arrays;

/** Det (since 11, 22) and Col2Im (since 18). */
final class Matrices {
    private Matrices() {}

    static void register(Registry r) {
        r.add("Det", 11, Halves.of(Matrices::det));
        r.add("Col2Im", 18, Halves.of(Matrices::col2Im), "dilations", "pads", "strides");
    }

    private static Binding det(BindContext c) {
        Shape x = c.shape(0);
        c.require(x.rank() >= 2 && x.dim(-1) == x.dim(-2), "the input must be square matrices, found shape " + x);
        c.require(c.dtype(0).isFloat(), "the input must be of a float type, found " + c.dtype(0));
        return Binding.of(c.dtype(0), Shape.of(Arrays.copyOf(x.dims(), x.rank() - 2)), new Determinant(x.dimInt(-1)));
    }

    private static Binding col2Im(BindContext c) {
        int[] image = ints(c, 1), block = ints(c, 2);
        int n = image.length;
        c.require(n >= 1 && block.length == n,
                "image shape and block shape must have one entry for each dimension, found " + n + " and " + block.length);
        int[] stride = ConvAttributes.list(c, "strides", n, 1, 1), dilation = ConvAttributes.list(c, "dilations", n, 1, 1),
                pads = ConvAttributes.list(c, "pads", 2 * n, 0, 0), blocks = new int[n];
        long taps = 1, count = 1;
        for (int i = 0; i < n; i++) {
            long room = (long) image[i] + pads[i] + pads[n + i] - (long) dilation[i] * (block[i] - 1) - 1;
            blocks[i] = room < 0 ? 0 : (int) (room / stride[i] + 1);
            taps *= block[i];
            count *= blocks[i];
        }
        Shape x = c.shape(0);
        c.require(x.rank() == 3 && taps > 0 && x.dim(1) % taps == 0 && x.dim(2) == count,
                "the input must be (N, C * " + taps + ", " + count + "), found shape " + x);
        long[] y = new long[n + 2];
        y[0] = x.dim(0);
        y[1] = x.dim(1) / taps;
        for (int i = 0; i < n; i++)
            y[i + 2] = image[i];
        DType t = c.dtype(0);
        if (t == DType.BOOL) throw c.unsupported("Col2Im of " + t);
        return Binding.of(t, Shape.of(y), new Col2Im(y[0] * y[1], image, block, stride, dilation, Arrays.copyOf(pads, n), blocks));
    }

    private static int[] ints(BindContext c, int i) {
        long[] v = c.constant(i).toLongs();
        int[] r = new int[v.length];
        for (int d = 0; d < r.length; d++) {
            c.require(v[d] >= 1 && v[d] <= Integer.MAX_VALUE, "input " + i + " must hold positive sizes, found " + Arrays.toString(v));
            r[d] = (int) v[d];
        }
        return r;
    }
}
