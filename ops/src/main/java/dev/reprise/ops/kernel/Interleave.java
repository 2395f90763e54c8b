package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.LANES;
import static dev.reprise.ops.kernel.Memory.LE;
import static dev.reprise.ops.kernel.Memory.S;
import static dev.reprise.ops.kernel.Memory.V;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/** Three planes, as images have them that come with their channels first, to pixels of three: a transpose whose rows are too short for {@link Transpose8}. */
final class Interleave {
    static final int PLANES = 3;

    /** Which pixel of its vector a lane of result 0, 1 and 2 comes from. */
    private static final VectorShuffle<Float> PIXEL0 = pixel(0), PIXEL1 = pixel(1), PIXEL2 = pixel(2);
    /** Lanes of result 0, 1 and 2 that come from the second plane, and from the third. */
    private static final VectorMask<Float> GREEN0 = plane(0, 1), GREEN1 = plane(1, 1), GREEN2 = plane(2, 1), BLUE0 = plane(0, 2),
            BLUE1 = plane(1, 2), BLUE2 = plane(2, 2);

    private Interleave() {}

    private static VectorShuffle<Float> pixel(int result) { return VectorShuffle.fromOp(S, i -> (result * LANES + i) / PLANES); }

    private static VectorMask<Float> plane(int result, int plane) {
        boolean[] lanes = new boolean[LANES];
        for (int i = 0; i < LANES; i++)
            lanes[i] = (result * LANES + i) % PLANES == plane;
        return VectorMask.fromArray(S, lanes, 0);
    }

    /**
     * @param step    bytes from plane to plane
     * @param vectors so many vectors of each plane
     */
    static void run(long from, long step, long to, long vectors) {
        for (long i = 0; i < vectors; i++, from += V, to += PLANES * V) {
            FloatVector r = fromMemorySegment(S, ALL, from, LE), g = fromMemorySegment(S, ALL, from + step, LE),
                    b = fromMemorySegment(S, ALL, from + 2 * step, LE);
            r.rearrange(PIXEL0).blend(g.rearrange(PIXEL0), GREEN0).blend(b.rearrange(PIXEL0), BLUE0).intoMemorySegment(ALL, to, LE);
            r.rearrange(PIXEL1).blend(g.rearrange(PIXEL1), GREEN1).blend(b.rearrange(PIXEL1), BLUE1).intoMemorySegment(ALL, to + V, LE);
            r.rearrange(PIXEL2).blend(g.rearrange(PIXEL2), GREEN2).blend(b.rearrange(PIXEL2), BLUE2)
                    .intoMemorySegment(ALL, to + 2 * V, LE);
        }
    }
}
