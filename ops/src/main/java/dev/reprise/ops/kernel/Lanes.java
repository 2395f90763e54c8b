package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.tensor.Tensor.F32;

/**
 * The 16 virtual lanes of every float32 sum: element i is added to lane i mod 16 in ascending order; then lane j takes lane j + 8,
 * then j + 4, j + 2, j + 1. So the sum does not depend on the width of the machine's vectors.
 */
final class Lanes {
    static final int COUNT = 16;
    /** Bytes of 16 floats. */
    static final long BYTES = 4L * COUNT;

    private Lanes() {}

    /** The sum of the 16 floats at byte {@code at}, in the tree. Overwrites them. */
    static float sum(long s, long at) {
        for (int w = COUNT / 2; w > 0; w >>= 1)
            for (int j = 0; j < w; j++)
                ALL.set(F32, s + at + 4L * j, ALL.get(F32, s + at + 4L * j) + ALL.get(F32, s + at + 4L * (j + w)));
        return ALL.get(F32, s + at);
    }

    static float max(long s, long at) {
        float m = ALL.get(F32, s + at);
        for (int j = 1; j < COUNT; j++)
            m = Math.max(m, ALL.get(F32, s + at + 4L * j));
        return m;
    }

    /** Adds v to lane i mod 16. */
    static void add(long s, long at, int i, float v) {
        long a = at + 4L * (i & COUNT - 1);
        ALL.set(F32, s + a, ALL.get(F32, s + a) + v);
    }
}
