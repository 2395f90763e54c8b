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
        int n = x.rank() - 2, first = last ? 1 : 2;
        o.require(n == 1 || n == 2, "over " + n + " spatial dimensions");
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
        return new Window(two(in, 1), two(out, 1), two(k, 1), two(strides, 1), two(dilations, 1), two(begin, 0), two(end, 0));
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
