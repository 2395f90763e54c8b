package dev.reprise.tornado.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Norms, mean first and then the mean of squared differences. Group norm, d: samples times groups, groups, channels of a group,
 * pixels; 4: x, y; 6: strides along sample, pixel, channel; 9: scale and bias or -1; 11: channels that share a
 * parameter; 12: code of the activation; 13: place of epsilon among the weights; 14: 1 where scale and 15: where bias is a weight.
 * Layer norm, d: rows, size, x, y; 4: scale, 1 where a weight, bias, 1 where a weight (-1 for none); 8: 1 to subtract the mean; 9:
 * place of epsilon.
 */
public final class Norms {
    public static final int GROUP = 256, ROW = 128;

    private Norms() {}

    private static int rpGroupAt(IntArray d, int base, int i) {
        // Neighbours along what is contiguous: channels where their stride is 1, else pixels.
        int channel, pixel;
        if (d.get(8) == 1) {
            pixel = i / d.get(2);
            channel = i - pixel * d.get(2);
        } else {
            channel = i / d.get(3);
            pixel = i - channel * d.get(3);
        }
        return base + pixel * d.get(7) + channel * d.get(8);
    }

    private static float rpGroupFinish(FloatArray a, FloatArray w, IntArray d, float v, int group, int i) {
        int channel = d.get(8) == 1 ? i % d.get(2) : i / d.get(3);
        int p = (group * d.get(2) + channel) / d.get(11);
        float y = v;
        if (d.get(9) >= 0) {
            if (d.get(14) == 1) y = y * w.get(d.get(9) + p);
            else y = y * a.get(d.get(9) + p);
        }
        if (d.get(10) >= 0) {
            if (d.get(15) == 1) y = y + w.get(d.get(10) + p);
            else y = y + a.get(d.get(10) + p);
        }
        return Scalar.rpActivate(d.get(12), y);
    }

    /** The portable tier: a thread for each group of a sample. */
    public static void rpGroupNorm(FloatArray a, FloatArray w, IntArray d) {
        for (@Parallel
        int g = 0; g < d.get(0); g++) {
            if (g == 0) Receipts.rpSign(a, d);
            int sample = g / d.get(1), group = g - sample * d.get(1), n = d.get(2) * d.get(3);
            int base = sample * d.get(6) + group * d.get(2) * d.get(8);
            float sum = 0f;
            for (int i = 0; i < n; i++)
                sum = sum + a.get(d.get(4) + rpGroupAt(d, base, i));
            float mean = sum / n, squares = 0f;
            for (int i = 0; i < n; i++) {
                float v = a.get(d.get(4) + rpGroupAt(d, base, i)) - mean;
                squares = squares + v * v;
            }
            float factor = 1f / TornadoMath.sqrt(squares / n + w.get(d.get(13)));
            for (int i = 0; i < n; i++) {
                int at = rpGroupAt(d, base, i);
                a.set(d.get(5) + at, rpGroupFinish(a, w, d, (a.get(d.get(4) + at) - mean) * factor, group, i));
            }
        }
    }

    /** The local-memory tier: a work-group of 256 for each group of a sample; sums meet in a tree. */
    public static void rpGroupNormTile(KernelContext c, FloatArray a, FloatArray w, IntArray d) {
        float[] sums = c.allocateFloatLocalArray(GROUP);
        if (c.localIdx == 0 && c.groupIdx == 0) Receipts.rpSign(a, d);
        int t = c.localIdx, g = c.groupIdx, sample = g / d.get(1), group = g - sample * d.get(1), n = d.get(2) * d.get(3);
        int base = sample * d.get(6) + group * d.get(2) * d.get(8);
        float sum = 0f;
        for (int i = t; i < n; i += GROUP)
            sum = sum + a.get(d.get(4) + rpGroupAt(d, base, i));
        sums[t] = sum;
        for (int s = GROUP / 2; s > 0; s = s / 2) {
            c.localBarrier();
            if (t < s) sums[t] = sums[t] + sums[t + s];
        }
        c.localBarrier();
        float mean = sums[0] / n;
        c.localBarrier();
        float squares = 0f;
        for (int i = t; i < n; i += GROUP) {
            float v = a.get(d.get(4) + rpGroupAt(d, base, i)) - mean;
            squares = squares + v * v;
        }
        sums[t] = squares;
        for (int s = GROUP / 2; s > 0; s = s / 2) {
            c.localBarrier();
            if (t < s) sums[t] = sums[t] + sums[t + s];
        }
        c.localBarrier();
        float factor = 1f / TornadoMath.sqrt(sums[0] / n + w.get(d.get(13)));
        for (int i = t; i < n; i += GROUP) {
            int at = rpGroupAt(d, base, i);
            a.set(d.get(5) + at, rpGroupFinish(a, w, d, (a.get(d.get(4) + at) - mean) * factor, group, i));
        }
    }

    private static float rpRowFinish(FloatArray a, FloatArray w, IntArray d, float v, int i) {
        float y = v;
        if (d.get(4) >= 0) {
            if (d.get(5) == 1) y = y * w.get(d.get(4) + i);
            else y = y * a.get(d.get(4) + i);
        }
        if (d.get(6) >= 0) {
            if (d.get(7) == 1) y = y + w.get(d.get(6) + i);
            else y = y + a.get(d.get(6) + i);
        }
        return y;
    }

    /** The portable tier: a thread for each row. */
    public static void rpLayerNorm(FloatArray a, FloatArray w, IntArray d) {
        for (@Parallel
        int row = 0; row < d.get(0); row++) {
            if (row == 0) Receipts.rpSign(a, d);
            int n = d.get(1), x = d.get(2) + row * n;
            float mean = 0f, squares = 0f;
            if (d.get(8) == 1) {
                float sum = 0f;
                for (int i = 0; i < n; i++)
                    sum = sum + a.get(x + i);
                mean = sum / n;
            }
            for (int i = 0; i < n; i++) {
                float v = a.get(x + i) - mean;
                squares = squares + v * v;
            }
            float factor = 1f / TornadoMath.sqrt(squares / n + w.get(d.get(9)));
            for (int i = 0; i < n; i++)
                a.set(d.get(3) + row * n + i, rpRowFinish(a, w, d, (a.get(x + i) - mean) * factor, i));
        }
    }

    /** The local-memory tier: a work-group of 128 for each row. */
    public static void rpLayerNormTile(KernelContext c, FloatArray a, FloatArray w, IntArray d) {
        float[] sums = c.allocateFloatLocalArray(ROW);
        if (c.localIdx == 0 && c.groupIdx == 0) Receipts.rpSign(a, d);
        int t = c.localIdx, row = c.groupIdx, n = d.get(1), x = d.get(2) + row * n;
        float sum = 0f;
        for (int i = t; i < n; i += ROW)
            sum = sum + a.get(x + i);
        sums[t] = sum;
        for (int s = ROW / 2; s > 0; s = s / 2) {
            c.localBarrier();
            if (t < s) sums[t] = sums[t] + sums[t + s];
        }
        c.localBarrier();
        float mean = sums[0] / n;
        if (d.get(8) != 1) mean = 0f;
        c.localBarrier();
        float squares = 0f;
        for (int i = t; i < n; i += ROW) {
            float v = a.get(x + i) - mean;
            squares = squares + v * v;
        }
        sums[t] = squares;
        for (int s = ROW / 2; s > 0; s = s / 2) {
            c.localBarrier();
            if (t < s) sums[t] = sums[t] + sums[t + s];
        }
        c.localBarrier();
        float factor = 1f / TornadoMath.sqrt(sums[0] / n + w.get(d.get(9)));
        for (int i = t; i < n; i += ROW)
            a.set(d.get(3) + row * n + i, rpRowFinish(a, w, d, (a.get(x + i) - mean) * factor, i));
    }
}
