package dev.reprise.tornado.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What goes along one dimension: softmax and reductions. d: rows, size, elements between neighbours of a row (row r begins at r /
 * that * size * that + r % that); 3: x, y; 5: 1 for the logarithm of softmax, or the code of the reduction.
 */
public final class Reductions {
    public static final int SUM = 0, MEAN = 1, MAX = 2, MIN = 3, SUM_SQUARE = 4, L2 = 5, L1 = 6;
    public static final int ROW = 128;

    private Reductions() {}

    private static int rpRowAt(IntArray d, int row) {
        int inner = d.get(2), outer = row / inner;
        return outer * d.get(1) * inner + row - outer * inner;
    }

    /** The portable tier of softmax: a thread for each row. */
    public static void rpSoftmax(FloatArray a, FloatArray w, IntArray d) {
        for (@Parallel
        int row = 0; row < d.get(0); row++) {
            if (row == 0) Receipts.rpSign(a, d);
            int x = d.get(3) + rpRowAt(d, row), y = d.get(4) + rpRowAt(d, row), n = d.get(1), step = d.get(2);
            float most = a.get(x);
            for (int i = 1; i < n; i++) {
                float v = a.get(x + i * step);
                if (v > most) most = v;
            }
            float sum = 0f;
            for (int i = 0; i < n; i++)
                sum = sum + TornadoMath.exp(a.get(x + i * step) - most);
            float log = TornadoMath.log(sum);
            for (int i = 0; i < n; i++) {
                float v = a.get(x + i * step) - most;
                if (d.get(5) == 1) v = v - log;
                else v = TornadoMath.exp(v) / sum;
                a.set(y + i * step, v);
            }
        }
    }

    /** The local-memory tier: a work-group of 128 for each row. */
    public static void rpSoftmaxTile(KernelContext c, FloatArray a, FloatArray w, IntArray d) {
        float[] part = c.allocateFloatLocalArray(ROW);
        if (c.localIdx == 0 && c.groupIdx == 0) Receipts.rpSign(a, d);
        int t = c.localIdx, row = c.groupIdx, n = d.get(1), step = d.get(2);
        int x = d.get(3) + rpRowAt(d, row), y = d.get(4) + rpRowAt(d, row);
        float most = a.get(x);
        for (int i = t; i < n; i += ROW) {
            float v = a.get(x + i * step);
            if (v > most) most = v;
        }
        part[t] = most;
        for (int s = ROW / 2; s > 0; s = s / 2) {
            c.localBarrier();
            if (t < s && part[t + s] > part[t]) part[t] = part[t + s];
        }
        c.localBarrier();
        most = part[0];
        c.localBarrier();
        float sum = 0f;
        for (int i = t; i < n; i += ROW)
            sum = sum + TornadoMath.exp(a.get(x + i * step) - most);
        part[t] = sum;
        for (int s = ROW / 2; s > 0; s = s / 2) {
            c.localBarrier();
            if (t < s) part[t] = part[t] + part[t + s];
        }
        c.localBarrier();
        sum = part[0];
        float log = TornadoMath.log(sum);
        for (int i = t; i < n; i += ROW) {
            float v = a.get(x + i * step) - most;
            if (d.get(5) == 1) v = v - log;
            else v = TornadoMath.exp(v) / sum;
            a.set(y + i * step, v);
        }
    }

    /** Reductions: a thread for each row. */
    public static void rpReduce(FloatArray a, FloatArray w, IntArray d) {
        for (@Parallel
        int row = 0; row < d.get(0); row++) {
            if (row == 0) Receipts.rpSign(a, d);
            int x = d.get(3) + rpRowAt(d, row), n = d.get(1), step = d.get(2), code = d.get(5);
            float r = 0f;
            if (code == MAX || code == MIN) r = a.get(x);
            for (int i = 0; i < n; i++) {
                float v = a.get(x + i * step);
                if (code == MAX) {
                    if (v > r) r = v;
                } else if (code == MIN) {
                    if (v < r) r = v;
                } else if (code == SUM_SQUARE || code == L2) r = r + v * v;
                else if (code == L1) r = r + (v < 0f ? -v : v);
                else r = r + v;
            }
            if (code == MEAN) r = r / n;
            if (code == L2) r = TornadoMath.sqrt(r);
            a.set(d.get(4) + row, r);
        }
    }

    /**
     * Pools over two dimensions: a thread for each output. d: count, C, OH, OW, H, W; 6: kernel, strides, dilations, pads (top,
     * left); 14: strides of x along n, h, w, c; 18: of y; 22: 0 for the largest, 1 for the mean of what is there, 2 for the mean with
     * padding; 23: x, y; 25: H and W with the padding behind.
     */
    public static void rpPool(FloatArray a, FloatArray w, IntArray d) {
        for (@Parallel
        int i = 0; i < d.get(0); i++) {
            if (i == 0) Receipts.rpSign(a, d);
            int channel = i % d.get(1), rest = i / d.get(1), ow = rest % d.get(3), up = rest / d.get(3), oh = up % d.get(2),
                    n = up / d.get(2);
            int y0 = oh * d.get(8) - d.get(12), x0 = ow * d.get(9) - d.get(13), base = d.get(23) + n * d.get(14) + channel * d.get(17);
            float r = 0f;
            int found = 0, padded = 0;
            for (int kh = 0; kh < d.get(6); kh++) {
                for (int kw = 0; kw < d.get(7); kw++) {
                    int h = y0 + kh * d.get(10), v = x0 + kw * d.get(11);
                    if (h < d.get(25) && v < d.get(26)) padded = padded + 1;
                    if (h >= 0 && h < d.get(4) && v >= 0 && v < d.get(5)) {
                        float e = a.get(base + h * d.get(15) + v * d.get(16));
                        if (d.get(22) > 0) r = r + e;
                        else if (found == 0 || e > r) r = e;
                        found = found + 1;
                    }
                }
            }
            if (d.get(22) == 1) r = r / found;
            if (d.get(22) == 2) r = r / padded;
            a.set(d.get(24) + n * d.get(18) + oh * d.get(19) + ow * d.get(20) + channel * d.get(21), r);
        }
    }
}
