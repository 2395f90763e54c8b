package dev.reprise.test;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.graph.ValueType.TensorType;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** A float32 graph with every float32 in it made float64: what its results would be without rounding. */
final class Doubles {
    private final Map<Value, Value> made = new IdentityHashMap<>();
    private final Arena arena;

    private Doubles(Arena arena) { this.arena = arena; }

    /** @param arena owns the weights */
    static Graph of(Graph g, Arena arena) {
        Doubles d = new Doubles(arena);
        return new Graph(g.name(), d.values(g.inputs()), d.values(g.outputs()), g.nodes().stream().map(d::node).toList());
    }

    static Tensor of(Tensor t, Arena arena) {
        if (t.dtype() != DType.FLOAT32) return t;
        Tensor d = Tensor.allocate(arena, DType.FLOAT64, t.shape());
        for (long i = 0; i < t.size(); i++)
            d.setDouble(i, t.getFloat(i));
        return d;
    }

    private Node node(Node n) {
        Attributes a = n.attributes();
        if (n.is("Cast") && a.integer("to") == DType.FLOAT32.code()) a = a.with("to", (long) DType.FLOAT64.code());
        for (String name : a.names())
            switch (a.get(name)) {
            case Tensor t -> a = a.with(name, of(t, arena));
            case Graph _ -> throw new IllegalArgumentException(n.describe() + " has a body");
            default -> {
            }
            }
        return new Node(n.name(), n.domain(), n.opType(), n.opset(), values(n.inputs()), values(n.outputs()), a);
    }

    private List<Value> values(List<Value> all) {
        return all.stream().map(v -> v == null ? null : made.computeIfAbsent(v, this::value)).toList();
    }

    private Value value(Value v) {
        if (v.isConstant()) return Value.constant(v.name(), of(v.constant(), arena));
        ValueType type = v.type() instanceof TensorType t && t.dtype() == DType.FLOAT32
                ? new TensorType(DType.FLOAT64, t.dims())
                : v.type();
        return new Value(v.name(), type);
    }
}
