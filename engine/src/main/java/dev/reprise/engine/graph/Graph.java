package dev.reprise.engine.graph;

import java.util.ArrayList;
import java.util.List;

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
}
