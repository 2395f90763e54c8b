package dev.reprise.engine.plan;

import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.operator.BindContext;
import dev.reprise.engine.operator.Binding;
import dev.reprise.engine.operator.Operator;
import dev.reprise.engine.operator.OperatorException;
import dev.reprise.engine.operator.Registry;
import dev.reprise.engine.operator.ValueNeeded;
import dev.reprise.engine.operator.WeightCache;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Copies a model's graph for concrete input shapes: infers every shape by binding every node, computes what depends on
 * constants and shapes alone (the shape arithmetic of exported models goes away here), takes the one branch of an If
 * whose condition is known, and marks as dynamic what has no shape before it runs.
 */
final class Specializer {
    /** Constants above this size are not shown to operators while shapes are inferred, so that none is packed in vain. */
    private static final long HIDE_BYTES = 1 << 14;
    /** Results of folding above this size are computed at run time unless all their inputs are weights. */
    private static final long FOLD_BYTES = 1 << 22;

    private final PlanGraph plan;
    private final Arena arena;
    private final Workers workers;
    private final WeightCache cache;
    private final Map<Value, Value> map = new IdentityHashMap<>();

    private Specializer(Arena arena, Workers workers) {
        this.arena = arena;
        this.workers = workers;
        this.plan = new PlanGraph(arena);
        this.cache = WeightCache.none(arena);
    }

    /**
     * @param shapes one per graph input, in order
     * @param arena  owns folded constants
     */
    static PlanGraph specialize(Graph graph, List<Shape> shapes, Arena arena, Workers workers) {
        Specializer s = new Specializer(arena, workers);
        for (int i = 0; i < graph.inputs().size(); i++) {
            Value in = graph.inputs().get(i);
            DType dtype = ((ValueType.TensorType) in.type()).dtype();
            Value v = PlanGraph.value(in.name(), dtype, shapes.get(i));
            s.map.put(in, v);
            s.plan.inputs().add(v);
        }
        s.nodes(graph.nodes());
        for (Value v : graph.outputs())
            s.plan.outputs().add(s.mapped(v));
        s.plan.tidy();
        return s.plan;
    }

    private Value mapped(Value v) {
        if (v == null) return null;
        if (v.isConstant()) return map.computeIfAbsent(v, k -> Value.constant(k.name(), k.constant()));
        Value m = map.get(v);
        if (m == null) throw new IllegalStateException("value '" + v.name() + "' is used before it is made");
        return m;
    }

    private void nodes(List<Node> nodes) {
        for (Node n : nodes) {
            try {
                node(n);
            } catch (OperatorException e) {
                throw e;
            } catch (IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException | ClassCastException e) {
                throw new OperatorException(n.describe() + ": " + e.getMessage(), false, e);
            }
        }
    }

    private void node(Node n) {
        List<Value> in = new ArrayList<>(n.inputs().size());
        boolean known = true, constant = true;
        for (Value v : n.inputs()) {
            Value m = mapped(v);
            in.add(m);
            known &= m == null || PlanGraph.shape(m) != null;
            constant &= m == null || m.isConstant();
        }
        Operator operator = Registry.get().lookup(n);
        if (n.is("If") && in.getFirst().isConstant()) {
            inline(n, n.attributes().graph(in.getFirst().constant().getLong(0) != 0 ? "then_branch" : "else_branch"));
            return;
        }
        if ((n.is("Shape") || n.is("Size")) && known) {
            define(n, 0, Value.constant(n.output(0).name(), shapeOf(n, PlanGraph.shape(in.getFirst()))));
            return;
        }
        if (known && operator instanceof Operator.Static s) {
            Binding b = bind(s, n, in);
            if (b != null) {
                statically(n, in, b, constant);
                return;
            }
        }
        dynamically(n, in, constant && operator instanceof Operator.Dynamic && PlanGraph.captured(n).isEmpty());
    }

    private static Binding bind(Operator.Static s, Node n, List<Value> in) {
        try {
            return s.bind(context(n, in, true));
        } catch (ValueNeeded first) {
            try {
                return s.bind(context(n, in, false));
            } catch (ValueNeeded e) {
                return null;
            }
        }
    }

    private static BindContext context(Node n, List<Value> in, boolean hide) {
        BindContext.Input[] inputs = new BindContext.Input[in.size()];
        for (int i = 0; i < inputs.length; i++) {
            Value v = in.get(i);
            if (v == null) continue;
            Tensor t = v.constant();
            inputs[i] = new BindContext.Input(PlanGraph.dtype(v), PlanGraph.shape(v),
                    t == null || hide && t.byteSize() > HIDE_BYTES ? null : t);
        }
        return new BindContext(n, inputs, WeightCache.none(Arena.ofAuto()));
    }

    private void statically(Node n, List<Value> in, Binding b, boolean constant) {
        long bytes = 0;
        for (Binding.Output o : b.outputs())
            if (o != null) bytes += o.shape().size() * o.dtype().bytes();
        if (constant && bytes <= FOLD_BYTES) {
            fold(n, in);
            return;
        }
        List<Value> out = new ArrayList<>();
        for (int i = 0; i < n.outputs().size(); i++) {
            Value v = n.output(i);
            Value m = v == null ? null : PlanGraph.value(v.name(), b.outputs().get(i).dtype(), b.outputs().get(i).shape());
            out.add(m);
            if (v != null) map.put(v, m);
        }
        plan.nodes().add(new Node(n.name(), n.domain(), n.opType(), n.opset(), in, out, n.attributes()));
    }

    private void fold(Node n, List<Value> in) {
        Interpreter interpreter = new Interpreter(arena, workers, cache);
        List<Value> out = n.outputs().stream().map(v -> v == null ? null : new Value(v.name(), null)).toList();
        interpreter.run(new Node(n.name(), n.domain(), n.opType(), n.opset(), in, out, n.attributes()));
        for (int i = 0; i < out.size(); i++)
            if (out.get(i) != null) define(n, i, Value.constant(out.get(i).name(), (Tensor) interpreter.get(out.get(i))));
    }

    private void dynamically(Node n, List<Value> in, boolean foldable) {
        if (foldable) {
            Interpreter interpreter = new Interpreter(arena, workers, cache);
            List<Value> out = n.outputs().stream().map(v -> v == null ? null : new Value(v.name(), null)).toList();
            interpreter.run(new Node(n.name(), n.domain(), n.opType(), n.opset(), in, out, n.attributes()));
            boolean tensors = out.stream().allMatch(v -> v == null || interpreter.get(v) instanceof Tensor);
            if (tensors) {
                for (int i = 0; i < out.size(); i++)
                    if (out.get(i) != null) define(n, i, Value.constant(out.get(i).name(), (Tensor) interpreter.get(out.get(i))));
                return;
            }
        }
        Set<Value> captured = PlanGraph.captured(n);
        for (Value v : captured)
            plan.captures().put(v, mapped(v));
        List<Value> out = new ArrayList<>();
        for (Value v : n.outputs()) {
            Value m = v == null ? null : new Value(v.name(), null);
            out.add(m);
            if (v != null) map.put(v, m);
        }
        Node d = new Node(n.name(), n.domain(), n.opType(), n.opset(), in, out, n.attributes());
        plan.nodes().add(d);
        plan.dynamic().add(d);
    }

    private void inline(Node n, Graph body) {
        nodes(body.nodes());
        for (int i = 0; i < n.outputs().size(); i++)
            if (n.output(i) != null) map.put(n.output(i), mapped(body.outputs().get(i)));
    }

    private void define(Node n, int output, Value v) { map.put(n.output(output), v); }

    private Tensor shapeOf(Node n, Shape shape) {
        if (n.is("Size")) return Tensor.of(arena, Shape.SCALAR, shape.size());
        long r = shape.rank();
        long start = clamp(n.attributes().integer("start", 0), r), end = clamp(n.attributes().integer("end", r), r);
        long[] d = java.util.Arrays.copyOfRange(shape.dims(), (int) start, (int) Math.max(start, end));
        return Tensor.of(arena, Shape.of(d.length), d);
    }

    private static long clamp(long i, long rank) { return Math.clamp(i < 0 ? i + rank : i, 0, rank); }
}
