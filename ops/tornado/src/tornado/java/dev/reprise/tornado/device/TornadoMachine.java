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
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid3D;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task4;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A machine on TornadoVM: one execution plan, one task graph for each kernel, all over the same two arrays. A graph is compiled when it
 * first runs and never again: what changes from launch to launch are the integers that it is sent and the grid.
 */
final class TornadoMachine extends Machine {
    private final FloatArray page = new FloatArray(Moves.PAGE), arena, weights;
    private final IntArray words = new IntArray(Kind.WORDS);
    private final KernelContext context = new KernelContext();
    private final TornadoExecutionPlan plan;
    private final Map<Kind, Entry> entries = new EnumMap<>(Kind.class);

    /** A kernel's graph and its grid, which every launch sets. */
    private record Entry(int index, WorkerGrid grid, GridScheduler scheduler) {}

    TornadoMachine(TornadoDevice device, int arenaFloats, int weightFloats) {
        super(arenaFloats, weightFloats);
        arena = new FloatArray(arenaFloats);
        weights = new FloatArray(weightFloats);
        List<ImmutableTaskGraph> graphs = new ArrayList<>();
        TaskGraph begin = new TaskGraph("rpBegin");
        words.set(0, 0);
        begin.transferToDevice(DataTransferMode.FIRST_EXECUTION, arena, weights, words);
        begin.task("fill", Moves::rpFill, arena, weights, words);
        begin.persistOnDevice(arena, weights);
        graphs.add(begin.snapshot());
        for (Kind k : Kind.values()) {
            String name = "rp" + k.name();
            WorkerGrid grid = new WorkerGrid3D(64, 1, 1);
            entries.put(k, new Entry(graphs.size(), grid, new GridScheduler(name + ".k", grid)));
            graphs.add(graph(k, name).snapshot());
        }
        plan = new TornadoExecutionPlan(graphs.toArray(ImmutableTaskGraph[]::new));
        try {
            // Fast relaxed math is TornadoVM's default for OpenCL, and not ours.
            plan.withDevice(device).withCompilerFlags(TornadoVMBackendType.OPENCL, "-w");
            WorkerGrid grid = new WorkerGrid3D(64, 1, 1);
            grid.setLocalWork(64, 1, 1);
            plan.withGraph(0).withGridScheduler(new GridScheduler("rpBegin.fill", grid)).execute();
        } catch (RuntimeException | Error e) {
            fail(e);
            try {
                close();
            } catch (RuntimeException | Error second) {
                e.addSuppressed(second);
            }
            throw e;
        }
    }

    private TaskGraph graph(Kind kind, String name) {
        TaskGraph g = new TaskGraph(name);
        g.consumeFromDevice(arena, weights);
        boolean over = kind == Kind.UPLOAD || kind == Kind.STORE;
        if (over) g.transferToDevice(DataTransferMode.EVERY_EXECUTION, page, words);
        else g.transferToDevice(DataTransferMode.EVERY_EXECUTION, words);
        switch (kind) {
            case UPLOAD -> g.task("k", Moves::rpUpload, page, arena, weights, words);
            case STORE -> g.task("k", Moves::rpStore, page, arena, weights, words);
            case DOWNLOAD -> g.task("k", Moves::rpDownload, page, arena, weights, words);
            case MOVE -> portable(g, Moves::rpMove);
            case FILL -> portable(g, Moves::rpFill);
            case GATHER -> portable(g, Moves::rpGather);
            case MAP -> portable(g, Moves::rpMap);
            case ZIP -> portable(g, Moves::rpZip);
            case GEMM -> portable(g, Products::rpGemm);
            case CONV -> portable(g, Convolutions::rpConv);
            case GROUP_NORM -> portable(g, Norms::rpGroupNorm);
            case LAYER_NORM -> portable(g, Norms::rpLayerNorm);
            case SOFTMAX -> portable(g, Reductions::rpSoftmax);
            case ATTENTION -> portable(g, Attentions::rpAttention);
            case POOL -> portable(g, Reductions::rpPool);
            case REDUCE -> portable(g, Reductions::rpReduce);
            case RESAMPLE -> portable(g, Resampling::rpResample);
            case GEMM_TILE -> local(g, Products::rpGemmTile);
            case CONV_TILE -> local(g, Convolutions::rpConvTile);
            case GROUP_NORM_TILE -> local(g, Norms::rpGroupNormTile);
            case LAYER_NORM_TILE -> local(g, Norms::rpLayerNormTile);
            case SOFTMAX_TILE -> local(g, Reductions::rpSoftmaxTile);
            case ATTENTION_TILE -> local(g, Attentions::rpAttentionTile);
        }
        g.persistOnDevice(arena, weights);
        if (kind == Kind.DOWNLOAD) g.transferToHost(DataTransferMode.EVERY_EXECUTION, page);
        return g;
    }

    private void portable(TaskGraph g, Task3<FloatArray, FloatArray, IntArray> kernel) { g.task("k", kernel, arena, weights, words); }

    private void local(TaskGraph g, Task4<KernelContext, FloatArray, FloatArray, IntArray> kernel) {
        g.task("k", kernel, context, arena, weights, words);
    }

    @Override
    void launch(Kind kind, int[] w, int[] grid, int[] group) {
        for (int i = 0; i < w.length; i++)
            words.set(i, w[i]);
        Entry e = entries.get(kind);
        e.grid.setGlobalWork(grid[0], grid[1], grid[2]);
        e.grid.setLocalWork(group[0], group[1], group[2]);
        plan.withGraph(e.index).withGridScheduler(e.scheduler).execute();
    }

    @Override
    MemorySegment page() { return page.getSegment(); }

    @Override
    public void close() {
        plan.freeDeviceMemory();
        try {
            plan.close();
        } catch (TornadoExecutionPlanException e) {
            throw new IllegalStateException("TornadoVM: " + e.getMessage(), e);
        }
    }
}
