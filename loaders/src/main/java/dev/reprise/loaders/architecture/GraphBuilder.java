package dev.reprise.loaders.architecture;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.graph.ValueType.Dim;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/** A graph made node by node, in ONNX's operators. */
final class GraphBuilder {
    static final int OPSET = 17;

    private final Arena arena;
    private final List<Value> inputs = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();

    GraphBuilder(Arena arena) { this.arena = arena; }

    /** A float32 input; a name in place of a number is a free dimension. */
    Value input(String name, Object... dims) {
        Value v = new Value(name, floats(dims));
        inputs.add(v);
        return v;
    }

    private static ValueType floats(Object... dims) {
        List<Dim> all = new ArrayList<>();
        for (Object d : dims)
            all.add(d instanceof String s ? new Dim.Symbol(s) : new Dim.Known(((Number) d).longValue()));
        return new ValueType.TensorType(DType.FLOAT32, all);
    }

    Value constant(String name, Tensor t) { return Value.constant(name, t); }

    Value scalar(String name, float v) { return Value.constant(name, Tensor.of(arena, Shape.SCALAR, v)); }

    /** @param name of the node and of its output */
    Value op(String type, String name, List<Value> in, Object... attributes) {
        Value out = new Value(name, null);
        nodes.add(new Node(name, "", type, OPSET, in, List.of(out), Attributes.of(attributes)));
        return out;
    }

    Graph graph(String name, Value output, Object... dims) {
        output.type(floats(dims));
        return new Graph(name, inputs, List.of(output), nodes);
    }
}
