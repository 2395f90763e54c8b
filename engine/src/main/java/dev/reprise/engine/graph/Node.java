package dev.reprise.engine.graph;

import java.util.ArrayList;
import java.util.List;

/** An operator applied to values. Absent optional inputs and unwanted outputs are null. */
public final class Node {
    /** The domain of nodes that only passes make: fused operators and those on channels-last tensors. */
    public static final String INTERNAL = "dev.reprise";

    private final String name;
    private final String domain;
    private final String opType;
    private final int opset;
    private final List<Value> inputs;
    private final List<Value> outputs;
    private final Attributes attributes;

    /**
     * @param domain "" for the default ONNX domain
     * @param opset  version of the domain that the model (or the function around the node) imports
     */
    public Node(String name, String domain, String opType, int opset, List<Value> inputs, List<Value> outputs, Attributes attributes) {
        this.name = name;
        this.domain = domain;
        this.opType = opType;
        this.opset = opset;
        this.inputs = new ArrayList<>(inputs);
        this.outputs = new ArrayList<>(outputs);
        this.attributes = attributes;
    }

    public String name() { return name; }

    public String domain() { return domain; }

    public String opType() { return opType; }

    public int opset() { return opset; }

    /** Mutable, for passes. */
    public List<Value> inputs() { return inputs; }

    /** Mutable, for passes. */
    public List<Value> outputs() { return outputs; }

    /** Input i, or null where it is absent. */
    public Value input(int i) { return i < inputs.size() ? inputs.get(i) : null; }

    /** Output i, or null where nobody asked for it. */
    public Value output(int i) { return i < outputs.size() ? outputs.get(i) : null; }

    public Attributes attributes() { return attributes; }

    /** True for {@code opType} of the default ONNX domain. */
    public boolean is(String opType) {
        return domain.isEmpty() && this.opType.equals(opType);
    }

    /** "Conv node 'down.0'": how messages name a node. */
    public String describe() {
        String n = !name.isEmpty() ? name : outputs.isEmpty() || outputs.getFirst() == null ? "?" : outputs.getFirst().name();
        return (domain.isEmpty() ? "" : domain + ".") + opType + " node '" + n + "'";
    }

    @Override
    public String toString() { return describe(); }
}
