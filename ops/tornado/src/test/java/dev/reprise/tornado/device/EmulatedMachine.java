package dev.reprise.tornado.device;

import dev.reprise.tornado.kernel.Attentions;
import dev.reprise.tornado.kernel.Convolutions;
import dev.reprise.tornado.kernel.Moves;
import dev.reprise.tornado.kernel.Norms;
import dev.reprise.tornado.kernel.Products;
import dev.reprise.tornado.kernel.Reductions;
import dev.reprise.tornado.kernel.Resampling;
import dev.reprise.tornado.lower.Kind;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The device's kernels as the Java that they are: a thread of the JVM for each thread of a work-group, one group after the other. */
final class EmulatedMachine extends Machine {
    private final FloatArray page = new FloatArray(Moves.PAGE), arena, weights;
    private final MemorySegment shown = MemorySegment.ofArray(new float[Moves.PAGE]);
    private final IntArray words = new IntArray(Kind.WORDS);
    private final Predicate<Kind> driver;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** @param driver asked before each launch: what it throws is a failure that it tells of, and false one that it keeps to itself */
    EmulatedMachine(int arenaFloats, int weightFloats, Predicate<Kind> driver) {
        super(arenaFloats, weightFloats);
        arena = new FloatArray(arenaFloats);
        weights = new FloatArray(weightFloats);
        // Memory of a device holds anything at first.
        for (int i = 0; i < arenaFloats; i++)
            arena.set(i, Float.NaN);
        this.driver = driver;
    }

    @FunctionalInterface
    private interface Local {
        void run(KernelContext c, FloatArray a, FloatArray w, IntArray d);
    }

    @Override
    void launch(Kind kind, int[] w, int[] grid, int[] group) {
        if (!driver.test(kind)) return;
        for (int i = 0; i < w.length; i++)
            words.set(i, w[i]);
        switch (kind) {
            case UPLOAD -> {
                fetch(w[0]);
                Moves.rpUpload(page, arena, weights, words);
            }
            case STORE -> {
                fetch(w[0]);
                Moves.rpStore(page, arena, weights, words);
            }
            case DOWNLOAD -> {
                Moves.rpDownload(page, arena, weights, words);
                for (int i = 0; i < Moves.PAGE; i++)
                    shown.setAtIndex(java.lang.foreign.ValueLayout.JAVA_FLOAT, i, page.get(i));
            }
            case MOVE -> Moves.rpMove(arena, weights, words);
            case FILL -> Moves.rpFill(arena, weights, words);
            case GATHER -> Moves.rpGather(arena, weights, words);
            case MAP -> Moves.rpMap(arena, weights, words);
            case ZIP -> Moves.rpZip(arena, weights, words);
            case GEMM -> Products.rpGemm(arena, weights, words);
            case CONV -> Convolutions.rpConv(arena, weights, words);
            case GROUP_NORM -> Norms.rpGroupNorm(arena, weights, words);
            case LAYER_NORM -> Norms.rpLayerNorm(arena, weights, words);
            case SOFTMAX -> Reductions.rpSoftmax(arena, weights, words);
            case ATTENTION -> Attentions.rpAttention(arena, weights, words);
            case POOL -> Reductions.rpPool(arena, weights, words);
            case REDUCE -> Reductions.rpReduce(arena, weights, words);
            case RESAMPLE -> Resampling.rpResample(arena, weights, words);
            case GEMM_TILE -> groups(Products::rpGemmTile, grid, group);
            case CONV_TILE -> groups(Convolutions::rpConvTile, grid, group);
            case GROUP_NORM_TILE -> groups(Norms::rpGroupNormTile, grid, group);
            case LAYER_NORM_TILE -> groups(Norms::rpLayerNormTile, grid, group);
            case SOFTMAX_TILE -> groups(Reductions::rpSoftmaxTile, grid, group);
            case ATTENTION_TILE -> groups(Attentions::rpAttentionTile, grid, group);
        }
    }

    private void fetch(int count) {
        for (int i = 0; i < count; i++)
            page.set(i, shown.getAtIndex(java.lang.foreign.ValueLayout.JAVA_FLOAT, i));
    }

    private void groups(Local kernel, int[] grid, int[] group) {
        if (!Arrays.equals(group, new int[]{group[0], group[1], 1}) || grid[0] % group[0] != 0 || grid[1] % group[1] != 0)
            throw new IllegalArgumentException(Arrays.toString(grid) + " is no multiple of " + Arrays.toString(group));
        // The launch that compiles a kernel has nothing to do: no rows.
        if (words.get(0) == 0) return;
        for (int z = 0; z < grid[2]; z++)
            for (int y = 0; y < grid[1] / group[1]; y++)
                for (int x = 0; x < grid[0] / group[0]; x++)
                    one(kernel, group, x, y, z);
    }

    private void one(Local kernel, int[] group, int x, int y, int z) {
        KernelContext.Group shared = new KernelContext.Group(group[0] * group[1]);
        List<Future<?>> running = new ArrayList<>();
        for (int ly = 0; ly < group[1]; ly++)
            for (int lx = 0; lx < group[0]; lx++) {
                KernelContext c = new KernelContext(shared, lx, ly, x, y, z);
                running.add(threads.submit(() -> {
                    try {
                        kernel.run(c, arena, weights, words);
                    } catch (RuntimeException | Error e) {
                        shared.fail();
                        throw e;
                    }
                }));
            }
        for (Future<?> f : running)
            try {
                f.get();
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException("a thread of a work-group failed", e);
            }
    }

    @Override
    MemorySegment page() { return shown; }

    @Override
    public void close() { threads.close(); }
}
