package dev.reprise.engine.operator;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.ops.kernel.ConvShape;
import dev.reprise.ops.tensor.Shape;
import java.util.Arrays;

/** The attributes that convolutions share, read and checked. Spatial arrays have one entry for each spatial dimension. */
record ConvAttributes(int group, int[] kernel, int[] strides, int[] dilations, String autoPad, int[] padBegin, int[] padEnd) {
    static final String[] NAMES = {"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"};

    /**
     * @param weight the shape of the weights, (M, C / group, kernel…) or for transposed ones (C, M / group, kernel…)
     */
    static ConvAttributes of(BindContext c, Shape weight) {
        int n = weight.rank() - 2;
        c.require(n >= 1, "the weights must have at least 3 dimensions, found shape " + weight);
        if (n > 3) throw c.unsupported("a convolution over " + n + " spatial dimensions");
        Attributes a = c.attributes();
        int[] kernel = new int[n];
        for (int i = 0; i < n; i++)
            kernel[i] = weight.dimInt(2 + i);
        long[] said = a.integers("kernel_shape", null);
        if (said != null)
            for (int i = 0; i < n; i++)
                c.require(said.length == n && said[i] == kernel[i],
                        "kernel_shape is " + Arrays.toString(said) + ", but the weights have shape " + weight);
        String auto = a.string("auto_pad", "NOTSET");
        c.require(auto.equals("NOTSET") || auto.equals("VALID") || auto.equals("SAME_UPPER") || auto.equals("SAME_LOWER"),
                "auto_pad must be NOTSET, VALID, SAME_UPPER or SAME_LOWER, found '" + auto + "'");
        int[] pads = list(c, "pads", 2 * n, 0, Integer.MIN_VALUE);
        if (!auto.equals("NOTSET")) Arrays.fill(pads, 0);
        long group = a.integer("group", 1);
        c.require(group >= 1 && group <= Integer.MAX_VALUE, "group must be at least 1, found " + group);
        return new ConvAttributes((int) group, kernel, list(c, "strides", n, 1, 1), list(c, "dilations", n, 1, 1), auto,
                Arrays.copyOf(pads, n),
                Arrays.copyOfRange(pads, n, 2 * n));
    }

    static int[] list(BindContext c, String name, int length, int otherwise, int least) {
        long[] v = c.attributes().integers(name, null);
        int[] r = new int[length];
        Arrays.fill(r, otherwise);
        if (v == null) return r;
        c.require(v.length == length, name + " must have " + length + " entries, found " + Arrays.toString(v));
        for (int i = 0; i < length; i++) {
            c.require(v[i] >= least && v[i] <= Integer.MAX_VALUE, name + " must be at least " + least + ", found " + Arrays.toString(v));
            r[i] = (int) v[i];
        }
        return r;
    }

    /** The sizes of a convolution of an image of (N, C, spatial…). */
    ConvShape shape(BindContext c, Shape x, Shape weight) {
        int n = kernel.length;
        c.require(x.rank() == n + 2, "the input must have " + (n + 2) + " dimensions like the weights " + weight + ", found " + x);
        c.require(weight.dim(1) * group == x.dim(1), "the input has " + x.dim(1) + " channels, but the weights " + weight + " in " + group
                + " groups want " + weight.dim(1) * group);
        c.require(weight.dim(0) % group == 0, "the weights' " + weight.dim(0) + " output channels do not divide into " + group + " groups");
        int[] in = new int[n], out = new int[n], begin = padBegin.clone();
        for (int i = 0; i < n; i++) {
            in[i] = x.dimInt(2 + i);
            long span = (long) dilations[i] * (kernel[i] - 1) + 1, size;
            if (autoPad.startsWith("SAME")) {
                size = Math.ceilDiv(in[i], strides[i]);
                long total = Math.max(0, (size - 1) * strides[i] + span - in[i]);
                begin[i] = (int) (autoPad.equals("SAME_UPPER") ? total / 2 : total - total / 2);
            } else {
                long padded = (long) in[i] + padBegin[i] + padEnd[i];
                size = padded < span ? 0 : (padded - span) / strides[i] + 1;
            }
            c.require(size > 0,
                    "the kernel " + Arrays.toString(kernel) + " with dilations " + Arrays.toString(dilations)
                            + " is larger than the padded input "
                            + x);
            out[i] = Math.toIntExact(size);
        }
        return ConvShape.of(x.dimInt(0), group, x.dimInt(1), weight.dimInt(0), in, kernel, strides, dilations, begin, out);
    }
}
