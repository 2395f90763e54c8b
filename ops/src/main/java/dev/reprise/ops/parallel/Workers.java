package dev.reprise.ops.parallel;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Threads for data-parallel loops: of n items, worker w of T gets {@code [w*n/T, (w+1)*n/T)}, at once ({@link #run}) or piece by
 * piece, and then what others have not come to yet ({@link #balance}). Kernels must not let their result depend on the partition; it
 * is promised only that every item is done once and that all are done when the method returns.
 *
 * <p>The calling thread is worker 0; the others belong to one pool that all Workers share, so that several sessions
 * together use no more threads than there are processors (or than the largest of them asks for). Parts for which no
 * thread is idle are done by the caller. Idle threads spin for a while and then park, so that a chain of short
 * kernels pays well under a microsecond for each hand-off. A call while these Workers are busy (from another thread, or
 * nested) runs its loop on the calling thread alone.
 */
public final class Workers implements AutoCloseable {
    /** A loop body over items [begin, end). {@code worker} is in [0, threads) and unique among concurrent bodies. */
    @FunctionalInterface
    public interface Body {
        void run(long begin, long end, int worker);
    }

    /** A loop body that is called several times, for a piece of the items each. {@code first}: for the first time in this loop by this {@code worker}. */
    @FunctionalInterface
    public interface Pieces {
        void run(long begin, long end, int worker, boolean first);
    }

    /** A loop that {@link #loops} kept: the arguments of one call of {@link #run}, or of {@link #balance} where {@code body} is null. */
    public record Kept(long items, long grain, long piece, Body body, Pieces pieces) {
        public void run(Workers workers) {
            if (body != null) workers.run(items, grain, body);
            else workers.balance(items, grain, piece, pieces);
        }
    }

    private final int threads;
    private final Pool pool;
    /** Where loops are kept instead of run, or null. */
    private final List<Kept> kept;
    private final AtomicReference<Pool.Loop> idle;
    private volatile boolean closed;

    /** @param threads how many threads work, the caller included; at least 1 */
    public Workers(int threads) { this(threads, Pool.SHARED); }

    Workers(int threads, Pool pool) {
        if (threads < 1) throw new IllegalArgumentException("threads must be at least 1, found " + threads);
        this.threads = threads;
        this.pool = pool;
        kept = null;
        idle = new AtomicReference<>(new Pool.Loop(pool, threads));
        pool.open(threads);
    }

    private Workers(int threads, List<Kept> kept) {
        this.threads = threads;
        this.kept = kept;
        pool = null;
        idle = null;
    }

    /**
     * The loops that {@code use} would run on Workers with so many threads, in order and not run: for those who repeat them without
     * making them anew each time.
     */
    public static List<Kept> loops(int threads, Consumer<Workers> use) {
        List<Kept> kept = new ArrayList<>();
        use.accept(new Workers(threads, kept));
        return List.copyOf(kept);
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
        if (kept != null) kept.add(new Kept(n, grain, 0, body, null));
        else if (!shared(n, grain, 0, body, null)) body.run(0, n, 0);
    }

    /**
     * {@link #run} for threads that are not equally fast, be it that their cores differ or that others use them too. Each takes half of what is left of its
     * part at a time, and when that is done half of what is left of another's, from its end. So in most loops the same thread
     * does the same items, whose memory is in its core's caches, and at the end all wait for a small piece. Items should be many more than threads.
     *
     * @param grain as for {@link #run}
     * @param piece the fewest items to be done at a time, worth some microseconds; where no part has more, parts are as with {@link #run}
     */
    public void balance(long n, long grain, long piece, Pieces body) {
        if (n <= 0) return;
        if (kept != null) kept.add(new Kept(n, grain, piece, null, body));
        else if (n > Integer.MAX_VALUE || !shared(n, grain, piece, null, body)) body.run(0, n, 0, true);
    }

    /** False where the calling thread should do it alone. */
    private boolean shared(long n, long grain, long piece, Body body, Pieces pieces) {
        Pool.Loop loop = threads == 1 || n < 2 * Math.max(grain, 1) ? null : idle.getAndSet(null);
        if (loop == null) return false;
        try {
            if (closed) throw new IllegalStateException("the worker pool is closed");
            loop.run(n, Math.max(1, piece), body, pieces);
        } finally {
            idle.set(loop);
        }
        return true;
    }

    /** Gives the threads back. A loop in progress is finished by those that are in it. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) return;
            closed = true;
        }
        pool.close(threads);
    }
}
