package dev.reprise.engine.graph;

import dev.reprise.ops.tensor.Tensor;

/**
 * An edge of a graph: what a node (or the caller, or an initializer) produces and others consume. Identity matters, the
 * name is for people. Subgraphs refer to the values of the graphs around them directly.
 */
public final class Value {
    private final String name;
    private ValueType type;
    private Tensor constant;

    public Value(String name, ValueType type) {
        this.name = name;
        this.type = type;
    }

    /** A value known when the model is loaded. */
    public static Value constant(String name, Tensor tensor) {
        Value v = new Value(name, ValueType.of(tensor.dtype(), tensor.shape()));
        v.constant = tensor;
        return v;
    }

    public String name() { return name; }

    /** The declared or inferred type; null where nothing is known. */
    public ValueType type() { return type; }

    public void type(ValueType t) { type = t; }

    /** The tensor where it is known before any run, else null. */
    public Tensor constant() { return constant; }

    public void constant(Tensor t) { constant = t; }

    public boolean isConstant() { return constant != null; }

    @Override
    public String toString() { return name + (type == null ? "" : ": " + type); }
}
