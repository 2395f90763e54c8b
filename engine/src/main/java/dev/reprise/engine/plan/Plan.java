package dev.reprise.engine.plan;

import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.operator.BindContext;
import dev.reprise.engine.operator.Binding;
import dev.reprise.engine.operator.DeviceSubgraph;
import dev.reprise.engine.operator.Operator;
import dev.reprise.engine.operator.OperatorException;
import dev.reprise.engine.operator.Registry;
import dev.reprise.engine.operator.WeightCache;
import dev.reprise.engine.pass.Passes;
import dev.reprise.ops.device.Device;
import dev.reprise.ops.kernel.Kernel;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Pages;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A graph compiled for one set of input shapes: kernels in order, and for every buffer its place in one arena. A plan is
 * immutable; each concurrent run uses a {@link Frame} of its own (the arena and the tensors over it), kept for the next.
 */
public final class Plan implements AutoCloseable {
    private sealed interface Step {
        Node node();

        record Static(Node node, Kernel kernel) implements Step {}

        record Late(Node node) implements Step {}
    }

    /** Holds what folding and passes computed. */
    private final Arena constants;
    private final Workers workers;
    private final WeightCache cache;
    private final PlanGraph graph;
    private final List<Step> steps = new ArrayList<>();
    private final Map<Value, Integer> slots = new IdentityHashMap<>();
    private final List<Value> slotValues = new ArrayList<>();
    private final List<MemoryPlan.Buffer> slotBuffers = new ArrayList<>();
    private final long arenaBytes;
    private final long scratchBytes;
    private final boolean late;
    private final ArrayDeque<Frame> idle = new ArrayDeque<>();
    private boolean closed;
    private int running;

    /** Thrown by a run on a plan that has been closed. */
    public static final class ClosedException extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        ClosedException() { super("the plan is closed"); }
    }

    /** What happened at one step: for profiles. */
    @FunctionalInterface
    public interface Observer {
        /** @param nanos time of the step */
        void step(Node node, Kernel kernel, long nanos);
    }

    /**
     * @param shapes one for each graph input, in order
     * @param cache  packed weights, shared by all plans of a session
     * @throws OperatorException where a node is wrong for these shapes, or not supported
     */
    public static Plan compile(Graph model, List<Shape> shapes, PlanOptions options, Workers workers, WeightCache cache) {
        Arena temporary = Arena.ofShared();
        PlanGraph g = null;
        try {
            g = Specializer.specialize(model, shapes, temporary, workers);
            if (options.optimize()) Passes.run(g, options);
            Passes.partition(g, options);
            return new Plan(g, temporary, workers, cache);
        } catch (Throwable t) {
            cache.abandon();
            if (g != null) pieces(g).forEach(Device.Piece::close);
            temporary.close();
            throw t;
        }
    }

    private Plan(PlanGraph graph, Arena constants, Workers workers, WeightCache cache) {
        this.graph = graph;
        this.constants = constants;
        this.workers = workers;
        this.cache = cache;
        List<MemoryPlan.Buffer> buffers = new ArrayList<>();
        for (Value v : graph.inputs())
            slot(v, buffer(v, -1, buffers));
        long scratch = 0;
        Map<Value, Integer> lastUse = lastUses();
        for (Node n : graph.nodes()) {
            int at = steps.size();
            for (Value v : n.inputs())
                touch(v, at);
            if (graph.isDynamic(n)) {
                steps.add(new Step.Late(n));
                for (Value v : graph.captures().values())
                    touch(v, at);
                continue;
            }
            Binding b = bind(n);
            if (b.alias() >= 0 && slots.containsKey(n.input(b.alias()))) {
                slot(n.output(0), slotBuffers.get(slots.get(n.input(b.alias()))));
                continue;
            }
            MemoryPlan.Buffer shared = inPlace(n, b.kernel(), lastUse, at);
            for (int i = 0; i < n.outputs().size(); i++) {
                Value v = n.output(i);
                if (v == null) continue;
                slot(v, i == 0 && shared != null ? shared : buffer(v, at, buffers));
                touch(v, at);
            }
            steps.add(new Step.Static(n, b.kernel()));
            scratch = Math.max(scratch, b.kernel().scratchBytes(workers.threads()));
        }
        for (Value v : graph.outputs())
            touch(v, steps.size());
        arenaBytes = MemoryPlan.assign(buffers);
        scratchBytes = scratch;
        late = steps.stream().anyMatch(Step.Late.class::isInstance);
        cache.finish(workers);
    }

    /** Infers the shapes of a graph for these inputs and shows the result, which is valid only during the call. */
    public static void inferShapes(Graph model, List<Shape> shapes, Consumer<PlanGraph> use) {
        try (Arena temporary = Arena.ofShared(); Workers workers = new Workers(1)) {
            use.accept(Specializer.specialize(model, shapes, temporary, workers));
        }
    }

    private Binding bind(Node n) {
        Operator.Static s = (Operator.Static) Registry.get().lookup(n);
        BindContext.Input[] in = new BindContext.Input[n.inputs().size()];
        for (int i = 0; i < in.length; i++)
            if (n.input(i) != null)
                in[i] = new BindContext.Input(PlanGraph.dtype(n.input(i)), PlanGraph.shape(n.input(i)), n.input(i).constant());
        Binding b;
        try {
            b = s.bind(new BindContext(n, in, cache));
        } catch (OperatorException e) {
            throw e;
        } catch (IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
            throw new OperatorException(n.describe() + ": " + e.getMessage(), false, e);
        }
        for (int i = 0; i < n.outputs().size(); i++) {
            if (n.output(i) == null) continue;
            Binding.Output o = b.outputs().get(i);
            if (!o.shape().equals(PlanGraph.shape(n.output(i))) || o.dtype() != PlanGraph.dtype(n.output(i)))
                throw new IllegalStateException(
                        n.describe() + ": a pass expected " + n.output(i).type() + " of output " + i + ", the operator gives " + o);
        }
        return b;
    }

    /** For each value the index of the last node that uses it; outputs and captures are never done with. */
    private Map<Value, Integer> lastUses() {
        Map<Value, Integer> last = new IdentityHashMap<>();
        for (int i = 0; i < graph.nodes().size(); i++)
            for (Value v : graph.nodes().get(i).inputs())
                if (v != null) last.put(v, i);
        for (Value v : graph.outputs())
            last.put(v, Integer.MAX_VALUE);
        for (Value v : graph.captures().values())
            last.put(v, Integer.MAX_VALUE);
        return last;
    }

    /** The buffer of the input that output 0 may overwrite, where nobody reads that buffer later. */
    private MemoryPlan.Buffer inPlace(Node n, Kernel kernel, Map<Value, Integer> lastUse, int at) {
        int i = kernel.inPlace();
        if (i < 0 || n.output(0) == null) return null;
        Integer slot = slots.get(n.input(i));
        if (slot == null) return null;
        MemoryPlan.Buffer b = slotBuffers.get(slot);
        int index = graph.nodes().indexOf(n);
        for (int s = 0; s < slotValues.size(); s++)
            if (slotBuffers.get(s) == b && lastUse.getOrDefault(slotValues.get(s), -1) > index) return null;
        for (int j = 0; j < n.inputs().size(); j++) {
            Integer other = slots.get(n.input(j));
            if (j != i && n.input(j) != null && other != null && slotBuffers.get(other) == b) return null;
        }
        return b.bytes == (PlanGraph.shape(n.output(0)).size() * PlanGraph.dtype(n.output(0)).bytes() + 63 & -64L) ? b : null;
    }

    private MemoryPlan.Buffer buffer(Value v, int first, List<MemoryPlan.Buffer> all) {
        MemoryPlan.Buffer b = new MemoryPlan.Buffer(PlanGraph.shape(v).size() * PlanGraph.dtype(v).bytes(), first);
        all.add(b);
        return b;
    }

    private void slot(Value v, MemoryPlan.Buffer b) {
        slots.put(v, slotValues.size());
        slotValues.add(v);
        slotBuffers.add(b);
    }

    private void touch(Value v, int step) {
        Integer s = v == null ? null : slots.get(v);
        if (s != null) slotBuffers.get(s).last = Math.max(slotBuffers.get(s).last, step);
    }

    /** The optimized graph, for those who print it. */
    public PlanGraph graph() { return graph; }

    /** Bytes of the arena in which all intermediate tensors of a run live. */
    public long arenaBytes() { return arenaBytes; }

    public long scratchBytes() { return scratchBytes; }

    /** Float multiplications and additions of one run, as far as static steps know them. */
    public long flops() {
        long f = 0;
        for (Step s : steps)
            if (s instanceof Step.Static k) f += k.kernel.flops();
        return f;
    }

    /** What devices run of it: empty where all of it runs on the CPU. */
    public List<Device.Piece> pieces() { return pieces(graph); }

    private static List<Device.Piece> pieces(PlanGraph g) {
        return g.nodes().stream().map(DeviceSubgraph::of).filter(Objects::nonNull).toList();
    }

    /** Number of steps that run. */
    public int steps() { return steps.size(); }

    /** What runs, in order: for people. */
    public List<PlanStep> describe() {
        return steps.stream().map(s -> switch (s) {
            case Step.Static k -> PlanStep.of(k.node, k.kernel, workers.threads());
            case Step.Late l -> PlanStep.late(l.node);
        }).toList();
    }

    /** The types of the outputs, null where one is known only at run time. */
    public List<Shape> outputShapes() {
        return graph.outputs().stream().map(PlanGraph::shape).toList();
    }

    /** Memory for one run at a time. */
    private final class Frame {
        final Arena arena = Pages.arena();
        final Tensor[] tensors = new Tensor[slotValues.size()];
        final Tensor[][] in = new Tensor[steps.size()][];
        final Tensor[][] out = new Tensor[steps.size()][];
        /** The loops of kernels that are {@link Kernel#repeatable}; null for others. */
        final Workers.Kept[][] loops = new Workers.Kept[steps.size()][];
        final MemorySegment scratch;

        Frame() {
            MemorySegment memory = arenaBytes == 0 ? MemorySegment.NULL : arena.allocate(arenaBytes, 4096);
            scratch = scratchBytes == 0 ? MemorySegment.NULL : arena.allocate(scratchBytes, 4096);
            for (int i = 0; i < tensors.length; i++) {
                Value v = slotValues.get(i);
                long bytes = PlanGraph.shape(v).size() * PlanGraph.dtype(v).bytes();
                tensors[i] = new Tensor(PlanGraph.dtype(v), PlanGraph.shape(v),
                        bytes == 0 ? MemorySegment.NULL : memory.asSlice(slotBuffers.get(i).offset, bytes));
            }
            for (int i = 0; i < steps.size(); i++) {
                if (!(steps.get(i) instanceof Step.Static s)) continue;
                in[i] = s.node.inputs().stream().map(this::tensor).toArray(Tensor[]::new);
                out[i] = s.node.outputs().stream().map(this::tensor).toArray(Tensor[]::new);
                Tensor[] from = in[i], to = out[i];
                if (s.kernel.repeatable())
                    loops[i] = Workers.loops(workers.threads(), w -> s.kernel.run(from, to, scratch, w)).toArray(Workers.Kept[]::new);
            }
        }

        void run(Kernel kernel, int step) {
            Workers.Kept[] kept = loops[step];
            if (kept == null) kernel.run(in[step], out[step], scratch, workers);
            else
                for (Workers.Kept k : kept)
                    workers.run(k.items(), k.grain(), k.body());
        }

        Tensor tensor(Value v) {
            if (v == null) return null;
            Integer s = slots.get(v);
            return s != null ? tensors[s] : v.constant();
        }
    }

    /**
     * Runs the plan.
     *
     * @param inputs  in the order of the graph's inputs, of exactly the shapes of the plan
     * @param results one per output: a tensor to be filled, or null for one that is allocated in {@code arena}
     */
    public void run(Tensor[] inputs, Datum[] results, Arena arena, Observer observer) {
        Frame f = take();
        try {
            for (int i = 0; i < inputs.length; i++)
                f.tensors[i].data().copyFrom(inputs[i].data());
            Interpreter interpreter = late
                    ? new Interpreter(Arena.ofAuto(), workers, WeightCache.none(Arena.ofAuto(), cache.exact()))
                    : null;
            for (int i = 0; i < steps.size(); i++) {
                long from = observer == null ? 0 : System.nanoTime();
                Kernel kernel = null;
                switch (steps.get(i)) {
                    case Step.Static s -> f.run(kernel = s.kernel, i);
                    case Step.Late l -> late(l.node, f, interpreter);
                }
                if (observer != null) observer.step(steps.get(i).node(), kernel, System.nanoTime() - from);
            }
            for (int i = 0; i < results.length; i++)
                results[i] = result(graph.outputs().get(i), results[i], f, interpreter, arena);
        } finally {
            give(f);
        }
    }

    private void late(Node n, Frame f, Interpreter interpreter) {
        for (Value v : n.inputs())
            if (v != null && slots.containsKey(v)) interpreter.put(v, f.tensor(v));
        for (Map.Entry<Value, Value> c : graph.captures().entrySet()) {
            Value v = c.getValue();
            if (slots.containsKey(v) || v.isConstant()) interpreter.put(c.getKey(), f.tensor(v));
            else if (interpreter.has(v)) interpreter.put(c.getKey(), interpreter.get(v));
        }
        interpreter.run(n);
    }

    private static Datum result(Value v, Datum target, Frame f, Interpreter interpreter, Arena arena) {
        Tensor t = f.tensor(v);
        Datum d = t != null ? t : interpreter.get(v);
        if (target == null) return copy(d, arena);
        Tensor to = (Tensor) target, from = (Tensor) d;
        if (to.dtype() != from.dtype() || !to.shape().equals(from.shape()))
            throw new IllegalArgumentException("output '" + v.name() + "' is " + from + ", the tensor given for it is " + to);
        to.data().copyFrom(from.data());
        return to;
    }

    private static Datum copy(Datum d, Arena arena) {
        return switch (d) {
            case Tensor t -> t.copy(arena);
            case Datum.Sequence s -> new Datum.Sequence(s.elements().stream().map(e -> copy(e, arena)).toList());
            case Datum.Optional o -> new Datum.Optional(o.value() == null ? null : copy(o.value(), arena));
        };
    }

    private Frame take() {
        synchronized (idle) {
            if (closed) throw new ClosedException();
            running++;
            Frame f = idle.pollFirst();
            if (f != null) return f;
        }
        return new Frame();
    }

    private void give(Frame f) {
        synchronized (idle) {
            running--;
            if (!closed) idle.addFirst(f);
            else {
                f.arena.close();
                if (running == 0) release();
            }
        }
    }

    /** Frees the memory; runs in progress finish first (theirs is freed when they do). */
    @Override
    public void close() {
        synchronized (idle) {
            if (closed) return;
            closed = true;
            idle.forEach(f -> f.arena.close());
            idle.clear();
            if (running == 0) release();
        }
    }

    private void release() {
        pieces().forEach(Device.Piece::close);
        constants.close();
    }

    @Override
    public String toString() {
        return "Plan" + Arrays.toString(graph.inputs().toArray()) + " " + steps.size() + " steps, " + arenaBytes + " bytes";
    }
}
