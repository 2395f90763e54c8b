package dev.reprise.tornado.kernel;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Data movement and elementwise work: one output a thread, neighbours in memory by neighbouring threads. Sizes and places come in d. */
public final class Moves {
    /** Floats that cross between host and device at once; the last is for the {@link Receipts}. */
    public static final int PAGE = 1 << 16;
    /** Dimensions of strided kernels; fewer are filled up with ones. */
    public static final int RANK = 6;

    private Moves() {}

    /** page into the arena. d: count, offset. */
    public static void rpUpload(FloatArray page, FloatArray a, FloatArray w, IntArray d) {
        for (@Parallel
        int i = 0; i < d.get(0); i++) {
            if (i == 0) Receipts.rpSign(a, d);
            a.set(d.get(1) + i, page.get(i));
        }
    }

    /** page into the weights. d: count, offset. */
    public static void rpStore(FloatArray page, FloatArray a, FloatArray w, IntArray d) {
        for (@Parallel
        int i = 0; i < d.get(0); i++) {
            if (i == 0) Receipts.rpSign(a, d);
            w.set(d.get(1) + i, page.get(i));
        }
    }

    /** The arena into page, and behind it which launch signed last. d: count, offset. */
    public static void rpDownload(FloatArray page, FloatArray a, FloatArray w, IntArray d) {
        for (@Parallel
        int i = 0; i < d.get(0); i++) {
            if (i == 0) Receipts.rpSign(a, d);
            page.set(i, a.get(d.get(1) + i));
            if (i == 0) page.set(PAGE - 1, a.get(0));
        }
    }

    /**
     * A strided copy. d: count, 1 where x is a weight, x, y; then six each of: sizes, strides of x, strides of y, and what an index
     * is divided by before it counts in x (2 doubles an image).
     */
    public static void rpMove(FloatArray a, FloatArray w, IntArray d) {
        for (@Parallel
        int i = 0; i < d.get(0); i++) {
            if (i == 0) Receipts.rpSign(a, d);
            int rest = i, x = d.get(2), y = d.get(3);
            for (int k = RANK - 1; k >= 0; k--) {
                int size = d.get(4 + k);
                int q = rest / size;
                int at = rest - q * size;
                rest = q;
                x = x + at / d.get(22 + k) * d.get(10 + k);
                y = y + at * d.get(16 + k);
            }
            float v;
            if (d.get(1) == 1) v = w.get(x);
            else v = a.get(x);
            a.set(y, v);
        }
    }

    /** Slices of x by index. d: count, elements of a slice, indices, slices of x; 4: 1 where x is a weight, x, indices (floats), y. */
    public static void rpGather(FloatArray a, FloatArray w, IntArray d) {
        for (@Parallel
        int i = 0; i < d.get(0); i++) {
            if (i == 0) Receipts.rpSign(a, d);
            int up = i / d.get(1), inner = i - up * d.get(1), outer = up / d.get(2), j = up - outer * d.get(2);
            int index = (int) a.get(d.get(6) + j);
            if (index < 0) index = index + d.get(3);
            int x = d.get(5) + (outer * d.get(3) + index) * d.get(1) + inner;
            float v;
            if (d.get(4) == 1) v = w.get(x);
            else v = a.get(x);
            a.set(d.get(7) + i, v);
        }
    }

    /** d: count, y, the value's place among the weights. */
    public static void rpFill(FloatArray a, FloatArray w, IntArray d) {
        for (@Parallel
        int i = 0; i < d.get(0); i++) {
            if (i == 0) Receipts.rpSign(a, d);
            a.set(d.get(1) + i, w.get(d.get(2)));
        }
    }

    /** d: count, code, x, y, the parameters' place among the weights (two). */
    public static void rpMap(FloatArray a, FloatArray w, IntArray d) {
        for (@Parallel
        int i = 0; i < d.get(0); i++) {
            if (i == 0) Receipts.rpSign(a, d);
            float v = Scalar.rpUnary(d.get(1), a.get(d.get(2) + i), w.get(d.get(4)), w.get(d.get(4) + 1));
            a.set(d.get(3) + i, v);
        }
    }

    /** d: count, code, 1 where p is a weight, p, 1 where q is a weight, q, y; six each of: sizes, strides of p, strides of q. */
    public static void rpZip(FloatArray a, FloatArray w, IntArray d) {
        for (@Parallel
        int i = 0; i < d.get(0); i++) {
            if (i == 0) Receipts.rpSign(a, d);
            int rest = i, p = d.get(3), q = d.get(5);
            for (int k = RANK - 1; k >= 0; k--) {
                int size = d.get(7 + k);
                int r = rest / size;
                int at = rest - r * size;
                rest = r;
                p = p + at * d.get(13 + k);
                q = q + at * d.get(19 + k);
            }
            float u, v;
            if (d.get(2) == 1) u = w.get(p);
            else u = a.get(p);
            if (d.get(4) == 1) v = w.get(q);
            else v = a.get(q);
            a.set(d.get(6) + i, Scalar.rpBinary(d.get(1), u, v));
        }
    }
}
