package dev.reprise.ops.parallel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A pool of threads for data-parallel loops with a static partition: of n items, worker w of T gets
 * {@code [w*n/T, (w+1)*n/T)}. Kernels must not let their result depend on the partition; the pool promises only that
 * every item is done once and that all are done when {@link #run} returns.
 *
 * <p>The calling thread is worker 0. Hand-off is by a generation counter on which idle workers spin briefly and then
 * park, so that a chain of short kernels pays about a microsecond each. A call while the pool is busy (from another
 * thread, or nested) runs its loop on the calling thread alone: no oversubscription, and the same result.
 */
public final class Workers implements AutoCloseable {
    /** A loop body over items [begin, end). {@code worker} is in [0, threads) and unique among concurrent bodies. */
    @FunctionalInterface
    public interface Body {
        void run(long begin, long end, int worker);
    }

    private static final int SPINS = 20_000;

    private final int threads;
    private final Thread[] pool;
    private final ReentrantLock busy = new ReentrantLock();
    private final AtomicInteger pending = new AtomicInteger();
    private volatile int generation;
    private volatile boolean closed;
    private volatile Thread caller;
    private Body body;
    private long items;
    private volatile Throwable failure;

    /** @param threads how many threads work, the caller included; at least 1 */
    public Workers(int threads) {
        if (threads < 1) throw new IllegalArgumentException("threads must be at least 1, found " + threads);
        this.threads = threads;
        pool = new Thread[threads - 1];
        for (int i = 0; i < pool.length; i++) {
            int worker = i + 1;
            pool[i] = Thread.ofPlatform().daemon().name("reprise-worker-" + worker).unstarted(() -> loop(worker));
        }
        for (Thread t : pool)
            t.start();
    }

    /** Workers that use every core of the machine. */
    public static Workers ofAllCores() {
        return new Workers(Runtime.getRuntime().availableProcessors());
    }

    public int threads() { return threads; }

    /**
     * Runs {@code body} over [0, n), split evenly. Fewer than {@code 2 * grain} items stay on the calling thread.
     * An exception of any worker is thrown here, after all have stopped.
     */
    public void run(long n, long grain, Body body) {
        if (n <= 0) return;
        if (threads == 1 || n < 2 * Math.max(grain, 1) || busy.isHeldByCurrentThread() || !busy.tryLock()) {
            body.run(0, n, 0);
            return;
        }
        try {
            if (closed) throw new IllegalStateException("the worker pool is closed");
            this.body = body;
            items = n;
            failure = null;
            caller = Thread.currentThread();
            pending.set(pool.length);
            generation++;
            for (Thread t : pool)
                LockSupport.unpark(t);
            Throwable mine = null;
            try {
                part(body, n, 0);
            } catch (Throwable t) {
                mine = t;
            }
            int spins = 0;
            while (pending.get() != 0) {
                if (++spins < SPINS) Thread.onSpinWait();
                else LockSupport.park(this);
            }
            this.body = null;
            caller = null;
            Throwable f = mine != null ? mine : failure;
            if (f instanceof RuntimeException r) throw r;
            if (f instanceof Error e) throw e;
            if (f != null) throw new IllegalStateException(f);
        } finally {
            busy.unlock();
        }
    }

    private void part(Body body, long n, int worker) {
        long begin = n * worker / threads, end = n * (worker + 1) / threads;
        if (begin < end) body.run(begin, end, worker);
    }

    private void loop(int worker) {
        int seen = 0;
        while (true) {
            int spins = 0;
            while (generation == seen) {
                if (closed) return;
                if (++spins < SPINS) Thread.onSpinWait();
                else LockSupport.park(this);
            }
            seen = generation;
            if (closed) return;
            try {
                part(body, items, worker);
            } catch (Throwable t) {
                failure = t;
            }
            if (pending.decrementAndGet() == 0) LockSupport.unpark(caller);
        }
    }

    /** Ends the threads. A loop in progress is finished first. */
    @Override
    public void close() {
        busy.lock();
        try {
            closed = true;
            generation++;
            for (Thread t : pool)
                LockSupport.unpark(t);
        } finally {
            busy.unlock();
        }
    }
}
