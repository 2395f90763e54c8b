package dev.reprise.tornado.kernel;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Resizing along one dimension by weighted sums; an image takes two of these. */
public final class Resampling {
    private Resampling() {}

    /**
     * A thread for each output (outer, position, inner). d: count, positions, elements behind the dimension, taps of a position, size
     * of the dimension in x; 5: x, y; 7: a table among the weights: for each position its taps in x, then for each its factors.
     */
    public static void rpResample(FloatArray a, FloatArray w, IntArray d) {
        for (@Parallel
        int i = 0; i < d.get(0); i++) {
            if (i == 0) Receipts.rpSign(a, d);
            int up = i / d.get(2), inner = i - up * d.get(2), outer = up / d.get(1), position = up - outer * d.get(1);
            int x = d.get(5) + outer * d.get(4) * d.get(2) + inner;
            int taps = d.get(7) + position * d.get(3), factors = taps + d.get(1) * d.get(3);
            float sum = 0f;
            for (int t = 0; t < d.get(3); t++) {
                int at = (int) w.get(taps + t);
                sum = sum + w.get(factors + t) * a.get(x + at * d.get(2));
            }
            a.set(d.get(6) + i, sum);
        }
    }
}
