package dev.reprise.engine.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * A dataflow graph in topological order. Initializers are values with a constant; an initializer that is also listed as
 * an input is a constant that the caller may not override (IR 3 listed them all).
 */
public final class Graph {
    private final String name;
    private final List<Value> inputs;
    private final List<Value> outputs;
    private final List<Node> nodes;

    public Graph(String name, List<Value> inputs, List<Value> outputs, List<Node> nodes) {
        this.name = name;
        this.inputs = new ArrayList<>(inputs);
        this.outputs = new ArrayList<>(outputs);
        this.nodes = new ArrayList<>(nodes);
    }

    public String name() { return name; }

    /** What the caller gives, in order. Mutable, for passes, as are the others. */
    public List<Value> inputs() { return inputs; }

    public List<Value> outputs() { return outputs; }

    /** Each after the nodes whose outputs it uses. */
    public List<Node> nodes() { return nodes; }

    /** Leaves some of the outputs, and the nodes that they need. Inputs stay, needed or not. For graphs that no session has. */
    public void keep(Set<String> names) {
        outputs.removeIf(v -> !names.contains(v.name()));
        Set<Value> needed = Collections.newSetFromMap(new IdentityHashMap<>());
        needed.addAll(outputs);
        List<Node> kept = new ArrayList<>();
        for (Node n : nodes.reversed()) {
            if (n.outputs().stream().noneMatch(v -> v != null && needed.contains(v))) continue;
            kept.add(n);
            uses(n, needed);
        }
        nodes.clear();
        nodes.addAll(kept.reversed());
    }

    /** What a node reads, in its subgraphs too. */
    private static void uses(Node n, Set<Value> used) {
        for (Value v : n.inputs())
            if (v != null) used.add(v);
        for (String name : n.attributes().names())
            switch (n.attributes().get(name)) {
            case Graph g -> g.uses(used);
            case Graph[] all -> {
                for (Graph g : all)
                    g.uses(used);
            }
            default -> {
            }
            }
    }

    private void uses(Set<Value> used) {
        used.addAll(outputs);
        nodes.forEach(n -> uses(n, used));
    }
}
