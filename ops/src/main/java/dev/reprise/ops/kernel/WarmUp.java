package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.V;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;

/**
 * Has the JVM compile the busiest inner loops while a model is still being loaded. A vector is an object until the compiler has come to
 * its loop. Without this a network waits for its own loops, one after the other, and the compiler is busy with methods of the vector
 * library, which nobody calls once the loops are compiled.
 *
 * <p>A thread of its own calls each loop with a few vectors of memory of its own. It changes nothing but the time of the first run, and gains
 * only where the loops are compiled after a few calls, as {@code ./reprise} asks for:
 * {@snippet :
 *   java -Dreprise.warmup=true -XX:CompileCommandFile=ops/src/main/jvm/compile-commands
 * }
 * With the JVM's own thresholds it would have to call them so often that nothing is gained; so without the property nothing happens.
 */
public final class WarmUp {
    /** The system property that asks for it. */
    public static final String PROPERTY = "reprise.warmup";

    /**
     * Calls of each loop. With the thresholds of {@code compile-commands} the second compiler wants three to five, where the first one is in use after that is done; and
     * both have others to serve.
     */
    private static final int CALLS = 40;
    /** After so many calls of each the compilers get a while: calls in between would be slow and teach them nothing. */
    private static final int BATCH = 4, PAUSE_NANOS = 15_000_000;
    /**
     * Vectors in a call, rows of a matrix, steps of a product: so few that loops are not compiled a second time from their middle (which
     * comes after some dozens of rounds and is of no use later), as they were with sixteen.
     */
    private static final int ROUNDS = 4;

    /** Memory of the loops. */
    static final long BYTES = 512 << 10;

    /** Bytes of weights from which on the tile that reads ahead is compiled before it is called: smaller networks may call it never, and its compilation would be the peak of their memory. */
    private static final long LARGE = 24 << 20;

    private static final AtomicBoolean STARTED = new AtomicBoolean(), STARTED_LARGE = new AtomicBoolean(),
            STARTED_SPARSE = new AtomicBoolean();

    private WarmUp() {}

    /**
     * Starts the thread, if {@value #PROPERTY} is true, and once in the life of a process; once more for the loops of large models, where the first was not. It ends by itself, after
     * a second or two.
     *
     * @param bytes of the model's weights, as far as that is known
     */
    public static void start(long bytes) {
        if (!Boolean.getBoolean(PROPERTY)) return;
        boolean first = STARTED.compareAndSet(false, true), large = bytes >= LARGE && STARTED_LARGE.compareAndSet(false, true);
        if (first || large) start(at -> {
            List<Runnable> loops = new ArrayList<>();
            if (large) loops.addAll(largeLoops(at));
            if (first) loops.addAll(loops(at));
            return loops;
        });
    }

    /** The same for the loops that skip zeros, once a plan has a convolution behind which there will be some. */
    static void startSparse() {
        if (SparseTiles.ROWS && Boolean.getBoolean(PROPERTY) && STARTED_SPARSE.compareAndSet(false, true)) start(WarmUp::sparseLoops);
    }

    private static void start(LongFunction<List<Runnable>> loops) {
        Thread.ofPlatform().daemon().name("reprise-warm-up").start(() -> run(loops));
    }

    private static void run(LongFunction<List<Runnable>> make) {
        try (Arena arena = Arena.ofConfined()) {
            // A kind of segment that is seen later would void what the compiler took for granted until then, and with it the loops.
            MemorySegment.ofArray(new byte[1]).get(ValueLayout.JAVA_BYTE, 0);
            long at = arena.allocate(BYTES, 64).address();
            List<Runnable> loops = make.apply(at);
            for (int i = 1; i <= CALLS; i++) {
                loops.forEach(Runnable::run);
                if (i % BATCH == 0) LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** What only large models need. */
    static List<Runnable> largeLoops(long at) {
        long row = ROUNDS * V;
        return GemmBlock.WIDE
                ? List.of(() -> WideTiles.ahead4x4(at, row, at + (64 << 10), Memory.ZEROS, 0, at + (128 << 10), 4 * V, ROUNDS, at, 0,
                        at + (192 << 10)))
                : List.of();
    }

    /** What networks with ReLU need. Two of {@link Memory#NOTHING}'s floats are a word with two marks, at 31 and 63. */
    static List<Runnable> sparseLoops(long at) {
        long row = SparseTiles.STEPS * 4L, b = at + (64 << 10), c = at + (128 << 10);
        return List.of(() -> SparseRows.add4x4(at, row, b, c, 4 * V, c, 4 * V, ROUNDS, Memory.NOTHING));
    }

    /**
     * What U-Nets and transformers spend their time in, methods that are one loop: choices above them are left for the model to make, since
     * the compiler believes what it has seen. Only what most of them use: a loop too many, such as those of Winograd's smaller tiles, makes all others wait
     * for its compilation (eight of them a fifth of a second).
     *
     * @param at {@link #BYTES} of zeros, which stay zeros: e^-100 is none of the normal numbers, and other numbers would grow from call to call
     */
    static List<Runnable> loops(long at) {
        int n = ROUNDS;
        long row = n * V, a = at, b = at + (64 << 10), c = at + (128 << 10), to = at + (192 << 10);
        List<Runnable> loops = new ArrayList<>();
        if (Transpose8.WORTHWHILE) loops.add(() -> Transpose8.block(a, 0, row, to, 0, row));
        if (GemmBlock.WIDE) {
            loops.add(() -> WideTiles.first4x4(a, row, b, c, 4 * V, n, 4));
            loops.add(() -> WideTiles.finish(a, n, c, 4 * V, b, Memory.NOTHING, 0, 0));
            loops.add(() -> WideTiles.add1x4(a, row, b, Memory.ZEROS, 0, c, 4 * V, n));
        } else {
            loops.add(() -> CompactTiles.add3x3(a, row, b, Memory.ZEROS, 0, c, 3 * V, n, 3));
            loops.add(() -> CompactTiles.add4x2(a, row, b, Memory.ZEROS, 0, c, 2 * V, n, 4));
        }
        loops.add(() -> WinogradTransform.input6(a, 0, row, 1, to, 0, row, row));
        loops.add(() -> WinogradTransform.output6(a, 0, row, 1, to, 0, row, row));
        loops.add(() -> WinogradTransform.output6(a, 0, row, 1, to, 0, row, row, b, 0));
        loops.add(() -> WinogradWeightTransform.points6(a, row, to, row, row));
        loops.add(() -> Moments.four(a, 0, row, n * Memory.LANES, b, 0));
        loops.add(() -> Moments.pass(a, 0, n * Moments.LANES, 0, b, 0));
        loops.add(() -> Normalize.pixel(a, to, n * Memory.LANES, b, row));
        loops.add(() -> Normalize.pixelSilu(a, to, n * Memory.LANES, b, row));
        loops.add(() -> AttentionRows.exponentials(a, n * Lanes.COUNT, 0, 100f, b));
        loops.add(() -> Epilogue.sum(a, V, n, 1, b, c, V, 1));
        return loops;
    }
}
