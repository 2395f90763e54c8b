package dev.reprise.engine.plan;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A graph for one set of input shapes, on its way to a plan: what passes rewrite. Its values have concrete types, but
 * for those that {@link #dynamic} nodes make. Passes replace nodes and leave what nobody uses any more to
 * {@link #tidy}.
 */
public final class PlanGraph {
    private final List<Value> inputs = new ArrayList<>();
    private final List<Value> outputs = new ArrayList<>();
    private List<Node> nodes = new ArrayList<>();
    private final Set<Node> dynamic = Collections.newSetFromMap(new IdentityHashMap<>());
    /** Values of the model's graph that bodies of dynamic nodes refer to, and what they became here. */
    private final Map<Value, Value> captures = new IdentityHashMap<>();
    private final Arena arena;
    private Map<Value, Node> producers;
    private Map<Value, Integer> uses;

    PlanGraph(Arena arena) { this.arena = arena; }

    public List<Value> inputs() { return inputs; }

    public List<Value> outputs() { return outputs; }

    public List<Node> nodes() { return nodes; }

    Set<Node> dynamic() { return dynamic; }

    Map<Value, Value> captures() { return captures; }

    /** Where constants that passes make live. */
    public Arena arena() { return arena; }

    public boolean isDynamic(Node n) { return dynamic.contains(n); }

    /** The concrete shape of v; null where it is known only at run time. */
    public static Shape shape(Value v) {
        return v != null && v.type() instanceof ValueType.TensorType t ? t.shape() : null;
    }

    public static DType dtype(Value v) { return ((ValueType.TensorType) v.type()).dtype(); }

    public static boolean isFloat32(Value v) {
        return v != null && v.type() instanceof ValueType.TensorType t && t.dtype() == DType.FLOAT32;
    }

    public static Value value(String name, DType dtype, Shape shape) { return new Value(name, ValueType.of(dtype, shape)); }

    public Value constant(String name, Shape shape, float... values) { return Value.constant(name, Tensor.of(arena, shape, values)); }

    public Value constant(String name, Shape shape, long... values) { return Value.constant(name, Tensor.of(arena, shape, values)); }

    /** A node with one output of the default domain at the newest opset. */
    public static Node node(String opType, List<Value> inputs, Value output, Object... attributes) {
        return new Node(output.name(), "", opType, 24, inputs, List.of(output), Attributes.of(attributes));
    }

    /** A node that only plans have. */
    public static Node internal(String opType, List<Value> inputs, Value output, Attributes attributes) {
        return new Node(output.name(), Node.INTERNAL, opType, 1, inputs, List.of(output), attributes);
    }

    /** The node that makes v; null for inputs, constants and what dynamic nodes make. */
    public Node producer(Value v) {
        if (v == null) return null;
        index();
        Node n = producers.get(v);
        return n == null || isDynamic(n) ? null : n;
    }

    /** As {@link #producer}, where it is that operator of the default domain, else null. */
    public Node producer(Value v, String opType) {
        Node n = producer(v);
        return n != null && n.is(opType) ? n : null;
    }

    /** How many inputs of nodes, graph outputs and captures v is. */
    public int uses(Value v) {
        index();
        return uses.getOrDefault(v, 0);
    }

    /** A new list of nodes; what was known of producers and uses is forgotten. */
    public void nodes(List<Node> n) {
        nodes = n;
        producers = null;
    }

    /** Forget what is known of producers and uses: after nodes were changed in place. */
    public void changed() { producers = null; }

    private void index() {
        if (producers != null) return;
        producers = new IdentityHashMap<>();
        uses = new IdentityHashMap<>();
        for (Node n : nodes) {
            for (Value v : n.outputs())
                if (v != null) producers.put(v, n);
            for (Value v : n.inputs())
                if (v != null) uses.merge(v, 1, Integer::sum);
        }
        for (Value v : outputs)
            uses.merge(v, 1, Integer::sum);
        for (Value v : captures.values())
            uses.merge(v, 1, Integer::sum);
    }

    /** Makes every use of {@code from} one of {@code to}. */
    public void replaceUses(Map<Value, Value> replacements) {
        if (replacements.isEmpty()) return;
        for (Node n : nodes)
            n.inputs().replaceAll(v -> resolve(replacements, v));
        outputs.replaceAll(v -> resolve(replacements, v));
        captures.replaceAll((_, v) -> resolve(replacements, v));
        producers = null;
    }

    /** What captured values became: after a pass that made new values for all. */
    public void replaceCaptures(UnaryOperator<Value> by) {
        captures.replaceAll((_, v) -> by.apply(v));
        producers = null;
    }

    private static Value resolve(Map<Value, Value> replacements, Value v) {
        Value to;
        while (v != null && (to = replacements.get(v)) != null)
            v = to;
        return v;
    }

    /** Drops nodes that nothing needs and puts the rest in topological order (stable). */
    public void tidy() {
        producers = null;
        index();
        Set<Node> live = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Value> todo = new ArrayDeque<>(outputs);
        todo.addAll(captures.values());
        for (Node n : nodes)
            if (isDynamic(n) && n.outputs().stream().anyMatch(outputs::contains))
                todo.addAll(n.outputs().stream().filter(v -> v != null).toList());
        while (!todo.isEmpty()) {
            Node n = producers.get(todo.pop());
            if (n == null || !live.add(n)) continue;
            for (Value v : n.inputs())
                if (v != null) todo.push(v);
        }
        List<Node> sorted = new ArrayList<>(live.size());
        Set<Node> placed = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Node n : nodes)
            if (live.contains(n)) place(n, placed, sorted);
        nodes = sorted;
        producers = null;
    }

    /** Iterative depth-first: n after everything that makes its inputs. */
    private void place(Node root, Set<Node> placed, List<Node> sorted) {
        Deque<Node> stack = new ArrayDeque<>();
        stack.push(root);
        while (!stack.isEmpty()) {
            Node n = stack.peek();
            if (placed.contains(n)) {
                stack.pop();
                continue;
            }
            boolean ready = true;
            for (int i = n.inputs().size() - 1; i >= 0; i--) {
                Node p = n.input(i) == null ? null : producers.get(n.input(i));
                if (p != null && !placed.contains(p)) {
                    stack.push(p);
                    ready = false;
                }
            }
            if (isDynamic(n)) for (Value v : captures.values()) {
                Node p = producers.get(v);
                if (p != null && !isDynamic(p) && !placed.contains(p)) {
                    stack.push(p);
                    ready = false;
                }
            }
            if (ready) {
                stack.pop();
                placed.add(n);
                sorted.add(n);
            }
        }
    }

    /** The only element of a float constant, or NaN where v is none. */
    public static float scalar(Value v) {
        return v != null && v.isConstant() && v.constant().size() == 1 && v.constant().dtype().isFloat()
                ? (float) v.constant().getDouble(0)
                : Float.NaN;
    }

    /** True where v is a constant of one element that is within a millionth of x. */
    public static boolean isScalar(Value v, double x) {
        return Math.abs(scalar(v) - x) <= 1e-6 * Math.abs(x);
    }

    /** The values of an integer constant; null where v is none. */
    public static long[] longs(Value v) {
        return v != null && v.isConstant() && !v.constant().dtype().isFloat() ? v.constant().toLongs() : null;
    }

    /** Of a commutative node with two inputs: the input that is not {@code one}; null where neither is. */
    public static Value other(Node n, Value one) {
        return n.input(0) == one ? n.input(1) : n.input(1) == one ? n.input(0) : null;
    }

    static Set<Value> captured(Node n) {
        Set<Value> out = new HashSet<>();
        for (String name : n.attributes().names()) {
            Object a = n.attributes().get(name);
            if (a instanceof Graph g) captured(g, out);
            if (a instanceof Graph[] gs) Arrays.stream(gs).forEach(g -> captured(g, out));
        }
        return out;
    }

    private static void captured(Graph g, Set<Value> out) {
        Set<Value> own = new HashSet<>(g.inputs());
        for (Node n : g.nodes()) {
            for (Value v : n.inputs())
                if (v != null && !own.contains(v) && !v.isConstant()) out.add(v);
            for (Value v : captured(n))
                if (!own.contains(v)) out.add(v);
            own.addAll(n.outputs());
        }
        for (Value v : g.outputs())
            if (!own.contains(v) && !v.isConstant()) out.add(v);
    }
}
