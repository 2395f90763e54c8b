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
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A graph compiled for one set of input shapes: kernels in order, and for every buffer its place in one arena. A plan is
 * immutable; each concurrent run uses a {@link Frame} of its own (the arena and the tensors over it), kept for the next.
 */
public final class Plan implements AutoCloseable {
    private sealed interface Step {
        Node node();

        /**
         * @param binding for the whole batch
         * @param part    what runs, as often as its {@link Run} says
         */
        record Static(Node node, Binding binding, Kernel part) implements Step {
            Kernel kernel() { return binding.kernel(); }
        }

        record Late(Node node) implements Step {}
    }

    /** Steps [from, to), which run one after the other for each of {@code parts} parts of the batch; see {@link Stretch}. */
    private record Run(int from, int to, int parts) {}

    /** Holds what folding and passes computed. */
    private final Arena constants;
    private final Workers workers;
    private final WeightCache cache;
    private final PlanGraph graph;
    private final List<Step> steps = new ArrayList<>();
    private final List<Run> runs = new ArrayList<>();
    private final Map<Value, Integer> slots = new IdentityHashMap<>();
    private final List<Value> slotValues = new ArrayList<>();
    private final List<MemoryPlan.Buffer> slotBuffers = new ArrayList<>();
    /** The tensor of each slot: of a part of the batch where only one stretch uses it. */
    private final List<Shape> slotShapes = new ArrayList<>();
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
        Map<Node, Binding> bindings = new IdentityHashMap<>();
        for (Node n : graph.nodes())
            if (!graph.isDynamic(n)) bindings.put(n, bind(n, null, 1));
        List<Stretch> stretches = Stretch.of(graph.nodes(), bindings, workers.threads());
        graph.nodes(stretches.stream().flatMap(s -> s.nodes().stream()).collect(Collectors.toCollection(ArrayList::new)));
        List<MemoryPlan.Buffer> buffers = new ArrayList<>();
        for (Value v : graph.inputs())
            slot(v, PlanGraph.shape(v), buffer(v, PlanGraph.shape(v), -1, buffers));
        Map<Value, Integer> lastUse = lastUses();
        int index = 0;
        for (Stretch s : stretches) {
            int from = steps.size();
            if (s.parts() > 1) inParts(s, bindings, lastUse, index, buffers);
            else
                for (Node n : s.nodes())
                    whole(n, bindings.get(n), lastUse, index, buffers);
            index += s.nodes().size();
            if (steps.size() > from) runs.add(new Run(from, steps.size(), s.parts()));
        }
        for (Value v : graph.outputs())
            touch(v, steps.size());
        arenaBytes = MemoryPlan.assign(buffers);
        scratchBytes = steps.stream().mapToLong(s -> s instanceof Step.Static k ? k.part.scratchBytes(workers.threads()) : 0).max()
                .orElse(0);
        late = steps.stream().anyMatch(Step.Late.class::isInstance);
        cache.finish(workers);
    }

    /** Infers the shapes of a graph for these inputs and shows the result, which is valid only during the call. */
    public static void inferShapes(Graph model, List<Shape> shapes, Consumer<PlanGraph> use) {
        try (Arena temporary = Arena.ofShared(); Workers workers = new Workers(1)) {
            use.accept(Specializer.specialize(model, shapes, temporary, workers));
        }
    }

    /** A node that runs once, for the whole batch. */
    private void whole(Node n, Binding b, Map<Value, Integer> lastUse, int index, List<MemoryPlan.Buffer> buffers) {
        int at = steps.size();
        for (Value v : n.inputs())
            touch(v, at);
        if (b == null) {
            steps.add(new Step.Late(n));
            for (Value v : graph.captures().values())
                touch(v, at);
            return;
        }
        if (b.alias() >= 0 && slots.containsKey(n.input(b.alias()))) {
            slot(n.output(0), PlanGraph.shape(n.output(0)), slotBuffers.get(slots.get(n.input(b.alias()))));
            return;
        }
        MemoryPlan.Buffer shared = inPlace(n, b.kernel(), PlanGraph.shape(n.output(0)), lastUse, index);
        for (int i = 0; i < n.outputs().size(); i++) {
            Value v = n.output(i);
            if (v == null) continue;
            Shape shape = PlanGraph.shape(v);
            slot(v, shape, i == 0 && shared != null ? shared : buffer(v, shape, at, buffers));
            touch(v, at);
        }
        steps.add(new Step.Static(n, b, b.kernel()));
    }

    /**
     * Nodes that run for one part of the batch after the other. What they leave to others, or get from them, is there for the whole batch while they run; what
     * only they use is there for one part.
     */
    private void inParts(Stretch s, Map<Node, Binding> bindings, Map<Value, Integer> lastUse, int index, List<MemoryPlan.Buffer> buffers) {
        int from = steps.size(), to = from + s.nodes().size();
        // Later parts read these again, so that no part may overwrite its share.
        Set<MemoryPlan.Buffer> readWhole = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < s.nodes().size(); i++) {
            Node n = s.nodes().get(i);
            Value out = n.output(0);
            Binding b = bindings.get(n);
            Kernel part = bind(n, b, s.parts()).kernel();
            for (int j = 0; j < n.inputs().size(); j++) {
                Value v = n.input(j);
                Integer slot = v == null ? null : slots.get(v);
                if (slot == null) continue;
                touch(v, slotShapes.get(slot).equals(PlanGraph.shape(v)) ? to - 1 : from + i);
                if (!b.batched(j)) readWhole.add(slotBuffers.get(slot));
            }
            boolean own = lastUse.getOrDefault(out, -1) < index + s.nodes().size();
            Shape shape = own ? part(PlanGraph.shape(out), s.parts()) : PlanGraph.shape(out);
            MemoryPlan.Buffer shared = inPlace(n, part, shape, lastUse, index + i);
            if (readWhole.contains(shared)) shared = null;
            slot(out, shape, shared != null ? shared : buffer(out, shape, own ? from + i : from, buffers));
            touch(out, own ? from + i : to - 1);
            steps.add(new Step.Static(n, b, part));
        }
    }

    /** The shape of one of so many parts. */
    private static Shape part(Shape s, int parts) { return s.with(0, s.dim(0) / parts); }

    /** Binds a node for the whole batch or, knowing how that was bound, for one of so many parts. */
    private Binding bind(Node n, Binding whole, int parts) {
        Operator.Static s = (Operator.Static) Registry.get().lookup(n);
        BindContext.Input[] in = new BindContext.Input[n.inputs().size()];
        for (int i = 0; i < in.length; i++)
            if (n.input(i) != null)
                in[i] = new BindContext.Input(PlanGraph.dtype(n.input(i)),
                        whole != null && whole.batched(i) ? part(PlanGraph.shape(n.input(i)), parts) : PlanGraph.shape(n.input(i)),
                        n.input(i).constant());
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
            Shape expected = whole == null ? PlanGraph.shape(n.output(i)) : part(PlanGraph.shape(n.output(i)), parts);
            if (!o.shape().equals(expected) || o.dtype() != PlanGraph.dtype(n.output(i)))
                throw new IllegalStateException(
                        n.describe() + ": a pass expected " + PlanGraph.dtype(n.output(i)) + expected + " of output "
                                + i + ", the operator gives " + o);
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

    /** The buffer of the input that output 0, of this shape, may overwrite, where nobody reads that buffer later. */
    private MemoryPlan.Buffer inPlace(Node n, Kernel kernel, Shape shape, Map<Value, Integer> lastUse, int index) {
        int i = kernel.inPlace();
        if (i < 0 || n.output(0) == null) return null;
        Integer slot = slots.get(n.input(i));
        if (slot == null) return null;
        MemoryPlan.Buffer b = slotBuffers.get(slot);
        for (int s = 0; s < slotValues.size(); s++)
            if (slotBuffers.get(s) == b && lastUse.getOrDefault(slotValues.get(s), -1) > index) return null;
        for (int j = 0; j < n.inputs().size(); j++) {
            Integer other = slots.get(n.input(j));
            if (j != i && n.input(j) != null && other != null && slotBuffers.get(other) == b) return null;
        }
        return b.bytes == (shape.size() * PlanGraph.dtype(n.output(0)).bytes() + 63 & -64L) ? b : null;
    }

    private static MemoryPlan.Buffer buffer(Value v, Shape shape, int first, List<MemoryPlan.Buffer> all) {
        MemoryPlan.Buffer b = new MemoryPlan.Buffer(shape.size() * PlanGraph.dtype(v).bytes(), first);
        all.add(b);
        return b;
    }

    private void slot(Value v, Shape shape, MemoryPlan.Buffer b) {
        slots.put(v, slotValues.size());
        slotValues.add(v);
        slotShapes.add(shape);
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
            if (s instanceof Step.Static k) f += k.kernel().flops();
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
        List<PlanStep> shown = new ArrayList<>();
        for (Run r : runs)
            for (Step s : steps.subList(r.from, r.to))
                shown.add(switch (s) {
                    case Step.Static k -> PlanStep.of(k.node, k.kernel(), k.part, r.parts, workers.threads());
                    case Step.Late l -> PlanStep.late(l.node);
                });
        return shown;
    }

    /** The types of the outputs, null where one is known only at run time. */
    public List<Shape> outputShapes() {
        return graph.outputs().stream().map(PlanGraph::shape).toList();
    }

    /** What a step does, once. @param loops those of kernels that are {@link Kernel#repeatable}; null for others */
    private record Call(Kernel kernel, Tensor[] in, Tensor[] out, Workers.Kept[] loops) {}

    /** Memory for one run at a time. */
    private final class Frame {
        final Arena arena = Pages.arena();
        final Tensor[] tensors = new Tensor[slotValues.size()];
        /** For each step a call for each part of the batch. */
        final Call[][] calls = new Call[steps.size()][];
        final MemorySegment scratch;

        Frame() {
            MemorySegment memory = arenaBytes == 0 ? MemorySegment.NULL : arena.allocate(arenaBytes, 4096);
            scratch = scratchBytes == 0 ? MemorySegment.NULL : arena.allocate(scratchBytes, 4096);
            for (int i = 0; i < tensors.length; i++) {
                Value v = slotValues.get(i);
                long bytes = slotShapes.get(i).size() * PlanGraph.dtype(v).bytes();
                tensors[i] = new Tensor(PlanGraph.dtype(v), slotShapes.get(i),
                        bytes == 0 ? MemorySegment.NULL : memory.asSlice(slotBuffers.get(i).offset, bytes));
            }
            for (Run r : runs)
                for (int i = r.from; i < r.to; i++) {
                    if (!(steps.get(i) instanceof Step.Static s)) continue;
                    calls[i] = new Call[r.parts];
                    for (int p = 0; p < r.parts; p++)
                        calls[i][p] = call(s, p, r.parts);
                }
        }

        private Call call(Step.Static s, int part, int parts) {
            Tensor[] in = new Tensor[s.node.inputs().size()], out = new Tensor[s.node.outputs().size()];
            Arrays.setAll(in, i -> tensor(s.node.input(i)));
            Arrays.setAll(out, i -> tensor(s.node.output(i)));
            if (parts > 1) {
                for (int i = 0; i < in.length; i++)
                    if (in[i] != null && s.binding.batched(i)) in[i] = part(in[i], PlanGraph.shape(s.node.input(i)), part, parts);
                out[0] = part(out[0], PlanGraph.shape(s.node.output(0)), part, parts);
            }
            return new Call(s.part, in, out, s.part.repeatable()
                    ? Workers.loops(workers.threads(), w -> s.part.run(in, out, scratch, w)).toArray(Workers.Kept[]::new)
                    : null);
        }

        /** One part of a tensor, of which there may be but one at a time. */
        private static Tensor part(Tensor t, Shape whole, int part, int parts) {
            if (!t.shape().equals(whole)) return t;
            long bytes = t.byteSize() / parts;
            return new Tensor(t.dtype(), Plan.part(whole, parts), bytes == 0 ? MemorySegment.NULL : t.data().asSlice(part * bytes, bytes));
        }

        void run(Call c) {
            if (c.loops == null) c.kernel.run(c.in, c.out, scratch, workers);
            else
                for (Workers.Kept k : c.loops)
                    k.run(workers);
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
            for (Run r : runs)
                if (observer != null) observe(r, f, interpreter, observer);
                else
                    for (int part = 0; part < r.parts; part++)
                        for (int i = r.from; i < r.to; i++)
                            step(i, part, f, interpreter);
            for (int i = 0; i < results.length; i++)
                results[i] = result(graph.outputs().get(i), results[i], f, interpreter, arena);
        } finally {
            give(f);
        }
    }

    private void step(int i, int part, Frame f, Interpreter interpreter) {
        switch (steps.get(i)) {
            case Step.Static _ -> f.run(f.calls[i][part]);
            case Step.Late l -> late(l.node, f, interpreter);
        }
    }

    /** Runs steps and tells how long each of them took, for all parts together. */
    private void observe(Run r, Frame f, Interpreter interpreter, Observer observer) {
        long[] nanos = new long[r.to - r.from];
        for (int part = 0; part < r.parts; part++)
            for (int i = r.from; i < r.to; i++) {
                long start = System.nanoTime();
                step(i, part, f, interpreter);
                nanos[i - r.from] += System.nanoTime() - start;
            }
        for (int i = r.from; i < r.to; i++)
            observer.step(steps.get(i).node(), steps.get(i) instanceof Step.Static s ? s.kernel() : null, nanos[i - r.from]);
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
