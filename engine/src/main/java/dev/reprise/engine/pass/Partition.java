package dev.reprise.engine.pass;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.operator.Binding;
import dev.reprise.engine.operator.DeviceSubgraph;
import dev.reprise.engine.operator.OperatorException;
import dev.reprise.engine.plan.PlanGraph;
import dev.reprise.ops.device.Device;
import dev.reprise.ops.device.DeviceException;
import dev.reprise.ops.device.Subgraph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Hands a device the largest pieces of the graph that it supports. Every node gets a level: the highest of its inputs'
 * levels, one more where device and CPU change over. The supported nodes of one level are one piece; no path leaves a
 * piece and comes back, since the way back would have raised the level.
 */
final class Partition {
    private final PlanGraph g;
    private final Device device;
    private final Map<Node, Integer> levels = new IdentityHashMap<>();
    private final Set<Node> supported = new HashSet<>();
    /** Names of nodes by why the device refuses them. */
    private final Map<String, List<String>> refused = new LinkedHashMap<>();

    private Partition(PlanGraph g, Device device) {
        this.g = g;
        this.device = device;
    }

    /**
     * @param warn   told once which nodes the device refuses and why, and once a piece why it stays on the CPU
     * @param strict makes an error of both
     */
    static void run(PlanGraph g, Device device, boolean strict, Consumer<String> warn) {
        Partition p = new Partition(g, device);
        TreeMap<Integer, List<Node>> pieces = p.pieces();
        if (!p.refused.isEmpty()) tell(p.refusals(), strict, warn);
        Map<Node, List<Node>> replaced = new IdentityHashMap<>();
        for (List<Node> piece : pieces.values()) {
            try {
                Node n = p.compile(piece);
                for (Node old : piece)
                    replaced.put(old, List.of());
                replaced.put(piece.getLast(), List.of(n));
            } catch (DeviceException e) {
                tell(device.info().id() + ": a piece of " + piece.size() + " nodes stays on the CPU: " + e.getMessage(), strict, warn);
            }
        }
        Rewrite.expand(g, replaced);
    }

    private static void tell(String what, boolean strict, Consumer<String> warn) {
        if (strict) throw new OperatorException(what, true, null);
        warn.accept(what);
    }

    private String refusals() {
        StringJoiner all = new StringJoiner("; ");
        refused.forEach(
                (why, nodes) -> all.add(why + (nodes.size() == 1 ? " (" + nodes.getFirst() + ")" : " (" + nodes.size() + " nodes)")));
        return device.info().id() + ": " + refused.values().stream().mapToInt(List::size).sum() + " of " + g.nodes().size()
                + " nodes stay on the CPU: " + all;
    }

    private TreeMap<Integer, List<Node>> pieces() {
        TreeMap<Integer, List<Node>> pieces = new TreeMap<>();
        Map<Value, Node> producers = new IdentityHashMap<>();
        for (Node n : g.nodes()) {
            String why = g.isDynamic(n)
                    ? n.opType() + ": its shape is known at run time only"
                    : device.refusal(operation(n, new Numbers()), new Numbers(n).ports());
            boolean on = why.isEmpty();
            if (on) supported.add(n);
            else refused.computeIfAbsent(why, _ -> new ArrayList<>()).add(n.name());
            int level = on ? 1 : 0;
            for (Value v : n.inputs()) {
                Node p = v == null ? null : producers.get(v);
                if (p != null) level = Math.max(level, levels.get(p) + (supported.contains(p) == on ? 0 : 1));
            }
            levels.put(n, level);
            for (Value v : n.outputs())
                if (v != null) producers.put(v, n);
            if (on) pieces.computeIfAbsent(level, _ -> new ArrayList<>()).add(n);
        }
        return pieces;
    }

    /** Values numbered in order of appearance. */
    private static final class Numbers {
        final Map<Value, Integer> of = new LinkedHashMap<>();

        Numbers() {}

        Numbers(Node n) { operation(n, this); }

        int number(Value v) { return v == null ? -1 : of.computeIfAbsent(v, _ -> of.size()); }

        List<Subgraph.Port> ports() {
            return of.keySet().stream().map(v -> new Subgraph.Port(PlanGraph.dtype(v), PlanGraph.shape(v), v.constant())).toList();
        }
    }

    private static Subgraph.Operation operation(Node n, Numbers numbers) {
        Map<String, Object> attributes = new HashMap<>();
        for (String a : n.attributes().names())
            attributes.put(a, n.attributes().get(a));
        int[] in = n.inputs().stream().mapToInt(numbers::number).toArray();
        int[] out = n.outputs().stream().mapToInt(numbers::number).toArray();
        return new Subgraph.Operation(n.domain(), n.opType(), n.opset(), attributes, in, out);
    }

    private Node compile(List<Node> piece) throws DeviceException {
        Numbers numbers = new Numbers();
        List<Subgraph.Operation> operations = new ArrayList<>();
        Set<Value> made = new HashSet<>();
        Map<Value, Integer> inside = new IdentityHashMap<>();
        List<Value> inputs = new ArrayList<>();
        for (Node n : piece) {
            operations.add(operation(n, numbers));
            for (Value v : n.inputs()) {
                if (v == null) continue;
                if (made.contains(v)) inside.merge(v, 1, Integer::sum);
                else if (!v.isConstant() && !inputs.contains(v)) inputs.add(v);
            }
            for (Value v : n.outputs())
                if (v != null) made.add(v);
        }
        List<Value> outputs = new ArrayList<>();
        for (Node n : piece)
            for (Value v : n.outputs())
                if (v != null && g.uses(v) > inside.getOrDefault(v, 0)) outputs.add(v);
        Subgraph s = new Subgraph(numbers.ports(), operations, inputs.stream().mapToInt(numbers::number).toArray(),
                outputs.stream().mapToInt(numbers::number).toArray());
        List<Binding.Output> types = outputs.stream().map(v -> new Binding.Output(PlanGraph.dtype(v), PlanGraph.shape(v))).toList();
        DeviceSubgraph.Piece compiled = new DeviceSubgraph.Piece(device.compile(s), types);
        return new Node(device.info().id() + "/" + piece.getFirst().name(), Node.INTERNAL, DeviceSubgraph.NAME, 1, inputs, outputs,
                Attributes.of("piece", (Object) compiled));
    }
}
