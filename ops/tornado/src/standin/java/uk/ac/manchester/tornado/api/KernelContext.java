package uk.ac.manchester.tornado.api;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;

/**
 * Stands in for TornadoVM's class of the same name: one thread of a work-group, with local arrays and a barrier that it really shares
 * with the others of its group.
 */
public final class KernelContext {
    public final int localIdx, localIdy, groupIdx, groupIdy, groupIdz;
    private final Group group;
    private int arrays;

    /** What the threads of a work-group have in common. */
    public static final class Group {
        private final List<float[]> arrays = new ArrayList<>();
        private final CyclicBarrier barrier;

        public Group(int threads) { barrier = new CyclicBarrier(threads); }

        private synchronized float[] array(int number, int size) {
            while (arrays.size() <= number) {
                float[] a = new float[size];
                // Local memory holds what was there before.
                java.util.Arrays.fill(a, Float.NaN);
                arrays.add(a);
            }
            return arrays.get(number);
        }

        /** Lets the others go on without a thread that failed. */
        public void fail() { barrier.reset(); }
    }

    public KernelContext(Group group, int localIdx, int localIdy, int groupIdx, int groupIdy, int groupIdz) {
        this.group = group;
        this.localIdx = localIdx;
        this.localIdy = localIdy;
        this.groupIdx = groupIdx;
        this.groupIdy = groupIdy;
        this.groupIdz = groupIdz;
    }

    public float[] allocateFloatLocalArray(int size) { return group.array(arrays++, size); }

    public void localBarrier() {
        try {
            group.barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException("a thread of the work-group failed", e);
        }
    }
}
