package dev.reprise.tornado.lower;

import dev.reprise.ops.tensor.Shape;
import java.util.Arrays;

/** What convolutions and pools over one or two dimensions share, as two dimensions each: (height, width). */
record Window(long[] in, long[] out, long[] kernel, long[] stride, long[] dilation, long[] pad, long[] padEnd) {
    /**
     * @param kernel the last one or two of these are the window
     * @param last   x and y are (N, spatial…, C), not (N, C, spatial…)
     */
    static Window of(Op o, Shape x, long[] kernel, boolean last, Shape y) {
        int n = x.rank() - 2;
        o.require(n == 1 || n == 2, "over " + n + " spatial dimensions");
        Extents e = Extents.of(o, x, kernel, last, y);
        return new Window(two(e.in, 1), two(e.out, 1), two(e.kernel, 1), two(e.stride, 1), two(e.dilation, 1), two(e.begin, 0),
                two(e.end, 0));
    }

    /** The same of any number of dimensions, an entry for each. */
    record Extents(long[] in, long[] out, long[] kernel, long[] stride, long[] dilation, long[] begin, long[] end) {
        static Extents of(Op o, Shape x, long[] kernel, boolean last, Shape y) {
            int n = x.rank() - 2, first = last ? 1 : 2;
            long[] k = Arrays.copyOfRange(kernel, kernel.length - n, kernel.length);
            long[] strides = o.integers("strides", fill(n, 1)), dilations = o.integers("dilations", fill(n, 1)),
                    pads = o.integers("pads", fill(2 * n, 0));
            long[] in = Arrays.copyOfRange(x.dims(), first, first + n), out = Arrays.copyOfRange(y.dims(), first, first + n);
            String auto = o.string("auto_pad", "NOTSET");
            long[] begin = new long[n], end = new long[n];
            for (int i = 0; i < n; i++) {
                long total = Math.max(0, (out[i] - 1) * strides[i] + dilations[i] * (k[i] - 1) + 1 - in[i]);
                begin[i] = auto.equals("NOTSET")
                        ? pads[i]
                        : auto.equals("VALID") ? 0 : auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
                end[i] = auto.equals("NOTSET") ? pads[n + i] : auto.equals("VALID") ? 0 : total - begin[i];
            }
            return new Extents(in, out, k, strides, dilations, begin, end);
        }
    }

    /** The same of a transposed convolution: its padding is cut off the output. */
    static Window transposed(Op o, Shape x, long[] kernel, boolean last, Shape y) {
        Window w = of(o, x, kernel, last, y);
        int n = x.rank() - 2;
        String auto = o.string("auto_pad", "NOTSET");
        boolean given = o.integers("output_shape", null) != null || auto.startsWith("SAME");
        if (!given) return w;
        long[] extra = two(o.integers("output_padding", fill(n, 0)), 0), begin = new long[2];
        for (int i = 0; i < 2; i++) {
            long full = (w.in[i] - 1) * w.stride[i] + w.dilation[i] * (w.kernel[i] - 1) + 1 + extra[i],
                    total = Math.max(0, full - w.out[i]);
            begin[i] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
        }
        return new Window(w.in, w.out, w.kernel, w.stride, w.dilation, begin, w.padEnd);
    }

    /** Where dimension a of (N, C, spatial…) lies in (N, spatial…, C). */
    static int physical(int a, int rank) {
        return a == 0 ? 0 : a == 1 ? rank - 1 : a - 1;
    }

    private static long[] fill(int n, long value) {
        long[] r = new long[n];
        Arrays.fill(r, value);
        return r;
    }

    private static long[] two(long[] a, long fill) { return a.length == 2 ? a : new long[]{fill, a[0]}; }

    /** Strides of an image along n, h, w, c. */
    long[] strides(Shape s, boolean last) {
        long[] own = s.strides();
        boolean two = s.rank() == 4;
        int c = last ? s.rank() - 1 : 1, w = last ? s.rank() - 2 : s.rank() - 1;
        return new long[]{own[0], two ? own[w - 1] : 0, own[w], own[c]};
    }
}
