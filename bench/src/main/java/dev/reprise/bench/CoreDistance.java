package dev.reprise.bench;

import dev.reprise.ops.parallel.Workers;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * How far apart the cores of two threads are: the time that a value takes there and back. A virtual machine's two processors are now cores that share a third-level cache and now cores that do not, and
 * runs take one of two times; this tells which.
 */
final class CoreDistance implements AutoCloseable {
    /** What lies between cores with a common cache (60 to 170 ns, measured on Zen 4) and without (310 to 340). */
    static final double FAR_NANOS = 220;
    private static final int TRIPS = 2_000, TRIES = 2;
    /** Looks at the value before a thread gives up: some tens of milliseconds. */
    private static final int PATIENCE = 1_000_000;
    /** The place of the value, two cache lines from either end. */
    private static final int AT = 32;

    private final AtomicIntegerArray value = new AtomicIntegerArray(2 * AT);
    /** Its second thread is the one that runs the plans, since all Workers share a pool. */
    private final Workers workers = new Workers(2);

    /** Nanoseconds, the least of a few tries, since a disturbed one takes longer; infinite where the other thread does not answer. */
    double nanos() {
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < TRIES; i++) {
            value.set(AT, 0);
            long from = System.nanoTime();
            // A thread alone has both items, and waits for nobody.
            workers.run(2, 1, (begin, end, _) -> {
                for (int trip = 1; trip <= TRIPS && end - begin == 1; trip++)
                    if (begin == 0) {
                        value.set(AT, 2 * trip - 1);
                        if (!comes(2 * trip)) return;
                    } else {
                        if (!comes(2 * trip - 1)) return;
                        value.set(AT, 2 * trip);
                    }
            });
            if (value.get(AT) == 2 * TRIPS) least = Math.min(least, (System.nanoTime() - from) / (double) TRIPS);
        }
        return least;
    }

    private boolean comes(int wanted) {
        for (int i = 0; i < PATIENCE; i++) {
            if (value.get(AT) == wanted) return true;
            Thread.onSpinWait();
        }
        return false;
    }

    @Override
    public void close() { workers.close(); }
}
