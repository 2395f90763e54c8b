package dev.reprise.ops.parallel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * The threads that all {@link Workers} of the process share. There are as many as the open Workers ask for together, but
 * no more than the processors (or the largest of the Workers) can use; so several sessions that run at once do not
 * crowd each other out. A loop claims those that are idle, one compare-and-set each; the last Workers that closes
 * ends the threads.
 */
final class Pool {
    static final Pool SHARED = new Pool(Runtime.getRuntime().availableProcessors());

    /** Rounds of waiting before a thread parks: some hundred microseconds, longer than any gap between two kernels. */
    private static final int SPINS = 20_000;
    /**
     * For the first so many loops a twentieth of these: the JVM's compilers need the processors, in the first run of a model nothing is as urgent, and spinning is
     * itself interpreted.
     */
    private static final int YOUNG = 1_000;

    private final int processors;
    /** How many open Workers there are of each number of threads. */
    private final TreeMap<Integer, Integer> open = new TreeMap<>();
    private final AtomicInteger callers = new AtomicInteger();
    private volatile Idle[] threads = {};
    private volatile int spins;
    /** Loops that were run, as far as {@link #YOUNG}; threads may count one for two. */
    private int loops;

    Pool(int processors) { this.processors = processors; }

    /** A loop in progress; used again for the next one of the same Workers. */
    static final class Loop {
        private static final int APART = 16;

        private final Pool pool;
        private final Part[] parts;
        /** Parts of other threads that are not done; below 0 before the caller has added how many there are. */
        private final AtomicInteger pending = new AtomicInteger();
        /** What each part of a balanced loop has left, {@link #low} and {@link #high} of it in one number; {@link #APART} numbers apart, so that no two share a cache line. */
        private final AtomicLongArray left;
        private Workers.Body body;
        private Workers.Pieces pieces;
        /** Whether parts are done piece by piece, of {@link #least} items or more. */
        private boolean balanced;
        private long items;
        private long least;
        private Thread caller;
        private volatile boolean waiting;
        private volatile Throwable failure;

        Loop(Pool pool, int parts) {
            this.pool = pool;
            this.parts = new Part[parts];
            for (int p = 0; p < parts; p++)
                this.parts[p] = new Part(this, p);
            left = new AtomicLongArray((parts + 1) * APART);
        }

        /**
         * Runs the loop on the calling thread and those of the pool that are idle.
         *
         * @param least  items of a piece; where that is a whole part, no part changes hands
         * @param body   or null
         * @param pieces where {@code body} is null: for fewer than 2³¹ items
         */
        void run(long n, long least, Workers.Body body, Workers.Pieces pieces) {
            this.body = body;
            this.pieces = pieces;
            this.least = least;
            items = n;
            balanced = body == null && least < n / parts.length;
            // Seen by those who are given a part.
            for (int p = 0; p < parts.length && balanced; p++)
                left.setPlain(at(p), range(n * p / parts.length, n * (p + 1) / parts.length));
            caller = Thread.currentThread();
            int next = give();
            if (pool.loops < YOUNG) pool.loops++;
            Throwable mine = null;
            try {
                part(0);
                for (int p = next; p < parts.length && !balanced; p++)
                    part(p);
            } catch (Throwable t) {
                mine = t;
            }
            await(next - 1);
            this.body = null;
            this.pieces = null;
            Throwable f = mine != null ? mine : failure;
            if (f == null) return;
            failure = null;
            if (f instanceof RuntimeException r) throw r;
            if (f instanceof Error e) throw e;
            throw new IllegalStateException(f);
        }

        /** Gives parts 1, 2 … to idle threads and answers the first that nobody took. */
        private int give() {
            int callers = pool.callers.incrementAndGet(), next = 1;
            Idle[] threads = pool.threads;
            // Callers that run at the same time have a processor each; what they leave is to be had.
            int most = Math.min(parts.length, Math.max(pool.processors, parts.length) - callers + 1);
            for (int i = 0; i < threads.length && next < most; i++)
                if (threads[i].take(parts[next])) next++;
            return next;
        }

        private void part(int p) {
            if (balanced) {
                pieces(p);
                return;
            }
            long begin = items * p / parts.length, end = items * (p + 1) / parts.length;
            if (begin == end) return;
            if (body != null) body.run(begin, end, p);
            else pieces.run(begin, end, p, true);
        }

        /** Part p piece by piece, and then what is left of the others, the next ones first. */
        private void pieces(int p) {
            boolean first = true;
            for (int i = 0; i < parts.length; i++) {
                int from = (p + i) % parts.length;
                for (long piece = take(from, i > 0); piece != 0; piece = take(from, i > 0)) {
                    pieces.run(low(piece), high(piece), p, first);
                    first = false;
                }
            }
        }

        /** Half of what is left of a part, its end where {@code end}; 0 where nothing is. What is left only ever shrinks, so that a number never comes back. */
        private long take(int part, boolean end) {
            for (;;) {
                long l = left.get(at(part)), low = low(l), high = high(l), n = high - low, take = Math.min(n, Math.max(least, n + 1 >> 1));
                if (n == 0) return 0;
                long rest = end ? range(low, high - take) : range(low + take, high);
                if (left.compareAndSet(at(part), l, rest)) return end ? range(high - take, high) : range(low, low + take);
            }
        }

        private static int at(int part) { return (part + 1) * APART; }

        private static long range(long low, long high) { return high << 32 | low; }

        private static long low(long range) { return range & 0xffffffffL; }

        private static long high(long range) { return range >>> 32; }

        private void await(int given) {
            if (given > 0 && pending.addAndGet(given) != 0) {
                for (int s = pool.spins(); s > 0 && pending.get() != 0; s--)
                    Thread.onSpinWait();
                if (pending.get() != 0) {
                    waiting = true;
                    while (pending.get() != 0)
                        LockSupport.park(this);
                    waiting = false;
                }
            }
            pool.callers.decrementAndGet();
        }

        /** A thread of the pool is done with its part: from the count on the loop may be another one. */
        private void done(Throwable t) {
            if (t != null) failure = t;
            Thread c = caller;
            if (pending.decrementAndGet() == 0 && waiting) LockSupport.unpark(c);
        }
    }

    /** What a thread is given. Never changes, so that every thread keeps it in its cache. */
    private record Part(Loop loop, int index) {}

    /** A thread of the pool. */
    private static final class Idle implements Runnable {
        private static final Part STOPPED = new Part(null, 0);
        private static final VarHandle PART;

        static {
            try {
                PART = MethodHandles.lookup().findVarHandle(Idle.class, "part", Part.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private final Pool pool;
        private final Thread thread;
        /** What it runs; null while idle. */
        private volatile Part part;
        private volatile boolean parked;
        private volatile boolean stop;

        Idle(Pool pool, int index) {
            this.pool = pool;
            thread = Thread.ofPlatform().daemon().name("reprise-worker-" + (index + 1)).unstarted(this);
        }

        /** False where it is busy. Wakes it only where it sleeps. */
        boolean take(Part p) {
            if (!PART.compareAndSet(this, null, p)) return false;
            if (parked) LockSupport.unpark(thread);
            return true;
        }

        @Override
        public void run() {
            for (Part p = next(); p != STOPPED; p = next()) {
                Throwable failure = null;
                try {
                    p.loop.part(p.index);
                } catch (Throwable t) {
                    failure = t;
                }
                part = null;
                p.loop.done(failure);
            }
        }

        private Part next() {
            for (int s = pool.spins(); s > 0 && part == null && !stop; s--)
                Thread.onSpinWait();
            if (part == null) {
                parked = true;
                while (part == null && !(stop && PART.compareAndSet(this, null, STOPPED)))
                    LockSupport.park(this);
                parked = false;
            }
            return part;
        }
    }

    private int spins() { return loops < YOUNG ? spins / 20 : spins; }

    /** Somebody wants to run on {@code n} threads, the caller's included. */
    synchronized void open(int n) {
        open.merge(n, 1, Integer::sum);
        resize();
    }

    synchronized void close(int n) {
        open.merge(n, -1, (a, b) -> a + b == 0 ? null : a + b);
        resize();
    }

    private void resize() {
        long wanted = 0;
        for (var e : open.entrySet())
            wanted += (long) (e.getKey() - 1) * e.getValue();
        int most = Math.max(processors, open.isEmpty() ? 1 : open.lastKey()) - 1, n = (int) Math.min(wanted, most);
        Idle[] before = threads, after = Arrays.copyOf(before, n);
        // A thread that waits without sleeping would take the processor from one that works.
        spins = n < processors ? SPINS : 0;
        for (int i = before.length; i < n; i++)
            after[i] = new Idle(this, i);
        threads = after;
        for (int i = before.length; i < n; i++)
            after[i].thread.start();
        for (int i = n; i < before.length; i++) {
            before[i].stop = true;
            LockSupport.unpark(before[i].thread);
        }
    }

    /** How many threads there are. */
    int size() { return threads.length; }
}
