package dev.reprise.engine.plan;

import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.operator.BindContext;
import dev.reprise.engine.operator.Binding;
import dev.reprise.engine.operator.EvalContext;
import dev.reprise.engine.operator.Operator;
import dev.reprise.engine.operator.OperatorException;
import dev.reprise.engine.operator.Registry;
import dev.reprise.engine.operator.WeightCache;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs nodes one by one, each bound at the moment it runs, with memory from the run's arena. It is the meaning of a
 * graph: plans must give the same bits. Plans use it for what has no static shape, folding for constants, and control
 * flow for its bodies.
 */
public final class Interpreter {
    private final Arena arena;
    private final Workers workers;
    private final WeightCache cache;
    private final Map<Value, Datum> values;
    private final Interpreter outer;

    public Interpreter(Arena arena, Workers workers, WeightCache cache) { this(arena, workers, cache, null); }

    private Interpreter(Arena arena, Workers workers, WeightCache cache, Interpreter outer) {
        this.arena = arena;
        this.workers = workers;
        this.cache = cache;
        this.outer = outer;
        this.values = new HashMap<>();
    }

    public void put(Value v, Datum d) { values.put(v, d); }

    /** True where v was given or computed here. */
    boolean has(Value v) { return values.containsKey(v); }

    /** What v holds: given, computed or constant; here or in a graph around this one. */
    public Datum get(Value v) {
        if (v.isConstant()) return v.constant();
        for (Interpreter i = this; i != null; i = i.outer) {
            Datum d = i.values.get(v);
            if (d != null) return d;
        }
        throw new IllegalStateException("value '" + v.name() + "' has not been computed");
    }

    /** Runs a graph on these inputs and answers its outputs. */
    public List<Datum> run(Graph graph, List<? extends Datum> inputs) {
        for (int i = 0; i < inputs.size(); i++)
            put(graph.inputs().get(i), inputs.get(i));
        for (Node n : graph.nodes())
            run(n);
        List<Datum> out = new ArrayList<>(graph.outputs().size());
        for (Value v : graph.outputs())
            out.add(get(v));
        return out;
    }

    /** Runs one node on the values of this interpreter and keeps its outputs here. */
    public void run(Node node) {
        Datum[] in = new Datum[node.inputs().size()];
        for (int i = 0; i < in.length; i++)
            in[i] = node.input(i) == null ? null : get(node.input(i));
        Datum[] out;
        try {
            out = evaluate(node, in);
        } catch (OperatorException e) {
            throw e;
        } catch (IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException | ClassCastException e) {
            throw new OperatorException(node.describe() + ": " + e.getMessage(), false, e);
        }
        for (int i = 0; i < out.length; i++)
            if (node.output(i) != null && out[i] != null) put(node.output(i), out[i]);
    }

    private Datum[] evaluate(Node node, Datum[] in) {
        Operator operator = Registry.get().lookup(node);
        if (node.is("Identity") && !(in[0] instanceof Tensor)) return in;
        return switch (operator) {
            case Operator.Dynamic d -> d.evaluate(new Context(node, in));
            case Operator.Static s -> {
                Tensor[] tensors = new Tensor[in.length];
                BindContext.Input[] bound = new BindContext.Input[in.length];
                for (int i = 0; i < in.length; i++) {
                    if (in[i] == null) continue;
                    if (!(in[i] instanceof Tensor t))
                        throw new OperatorException(node.describe() + ": input " + i + " is not a tensor", false, null);
                    tensors[i] = t;
                    bound[i] = BindContext.Input.of(t);
                }
                Binding b = s.bind(new BindContext(node, bound, cache));
                if (b.alias() >= 0)
                    yield new Datum[]{
                        new Tensor(b.outputs().getFirst().dtype(), b.outputs().getFirst().shape(), tensors[b.alias()].data())};
                Tensor[] out = new Tensor[b.outputs().size()];
                for (int i = 0; i < out.length; i++)
                    if (i == 0 || node.output(i) != null)
                        out[i] = Tensor.allocate(arena, b.outputs().get(i).dtype(), b.outputs().get(i).shape());
                long bytes = b.kernel().scratchBytes(workers.threads());
                MemorySegment scratch = bytes == 0 ? MemorySegment.NULL : arena.allocate(bytes, Tensor.ALIGNMENT);
                b.kernel().run(tensors, out, scratch, workers);
                yield out;
            }
        };
    }

    private final class Context implements EvalContext {
        private final Node node;
        private final Datum[] in;

        Context(Node node, Datum[] in) {
            this.node = node;
            this.in = in;
        }

        @Override
        public Node node() { return node; }

        @Override
        public int inputs() { return in.length; }

        @Override
        public Datum input(int i) { return in[i]; }

        @Override
        public Arena arena() { return arena; }

        @Override
        public Workers workers() { return workers; }

        @Override
        public List<Datum> run(Graph body, List<? extends Datum> inputs) {
            return new Interpreter(arena, workers, cache, Interpreter.this).run(body, inputs);
        }
    }
}
