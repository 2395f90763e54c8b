package dev.reprise.engine.pass;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.plan.PlanGraph;
import dev.reprise.ops.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives Conv, Gemm and MatMul with constant weights their bias, a residual, an activation and a constant factor, in this
 * order: {@code activation(x W + bias + residual) * scale}. Convolutions become {@link #CONV} (channels-first still: the layout pass
 * turns them), the others {@code MatMulFused}.
 */
final class FuseLinear {
    /** A Conv with its epilogue: inputs x, weight, bias or none, residual or none; attributes of Conv and "activation". */
    static final String CONV = "ConvWithEpilogue";

    private FuseLinear() {}

    static void run(PlanGraph g) {
        Map<Value, Node> consumers = new IdentityHashMap<>();
        for (Node n : g.nodes())
            for (Value v : n.inputs())
                if (v != null) consumers.put(v, n);
        Set<Node> taken = Collections.newSetFromMap(new IdentityHashMap<>());
        Map<Node, Node> fused = new IdentityHashMap<>();
        for (Node n : g.nodes())
            if (!g.isDynamic(n) && n.domain().isEmpty() && PlanGraph.isFloat32(n.output(0)) && linear(n))
                fuse(g, n, consumers, taken, fused);
        Rewrite.replace(g, fused);
    }

    private static boolean linear(Node n) {
        return switch (n.opType()) {
            case "Conv" -> PlanGraph.shape(n.input(0)).rank() >= 3 && PlanGraph.shape(n.input(0)).rank() <= 5;
            case "MatMul" -> n.input(1).isConstant() && PlanGraph.shape(n.input(1)).rank() == 2 && PlanGraph.shape(n.input(0)).rank() >= 2;
            case "Gemm" -> n.input(1).isConstant() && n.attributes().integer("transA", 0) == 0 && n.attributes().real("alpha", 1) == 1
                    && (n.input(2) == null
                            || n.attributes().real("beta", 1) == 1 && n.input(2).isConstant()
                                    && n.input(2).constant().size() == PlanGraph.shape(n.output(0)).dim(1)
                                    && PlanGraph.shape(n.input(2)).dim(-1) == n.input(2).constant().size());
            default -> false;
        };
    }

    private static void fuse(PlanGraph g, Node n, Map<Value, Node> consumers, Set<Node> taken, Map<Node, Node> fused) {
        boolean conv = n.is("Conv");
        Shape shape = PlanGraph.shape(n.output(0));
        int channelAxis = conv ? 1 : shape.rank() - 1;
        Value bias = conv || n.is("Gemm") ? n.input(2) : null, residual = null;
        if (bias != null && !conv) bias = flat(bias);
        String activation = "none";
        float scale = 1;
        Node last = n;
        while (g.uses(last.output(0)) == 1) {
            Value y = last.output(0);
            Node next = consumers.get(y);
            if (next == null || taken.contains(next) || g.isDynamic(next) || scale != 1) break;
            String a = activation(next);
            float factor = next.is("Mul") ? PlanGraph.scalar(PlanGraph.other(next, y)) : Float.NaN;
            if (a != null) {
                if (!activation.equals("none")) break;
                activation = a;
            } else if (!Float.isNaN(factor) && PlanGraph.shape(next.output(0)).equals(shape)) scale = factor;
            else if (next.is("Add") && next.input(0) != next.input(1) && activation.equals("none")) {
                Value other = PlanGraph.other(next, y);
                if (!PlanGraph.isFloat32(other) || !PlanGraph.shape(next.output(0)).equals(shape)) break;
                if (bias == null && residual == null && perChannel(other, shape, channelAxis))
                    bias = flat(other);
                else
                    if (residual == null && !other.isConstant() && PlanGraph.shape(other).equals(shape)) residual = other;
                else break;
            } else break;
            taken.add(next);
            last = next;
        }
        List<Value> inputs = new ArrayList<>(Arrays.asList(n.input(0), n.input(1), bias, residual));
        Attributes attributes = conv
                ? n.attributes()
                : Attributes.of("transB", n.attributes().integer("transB", 0));
        fused.put(last, PlanGraph.internal(conv ? CONV : "MatMulFused", inputs, last.output(0),
                attributes.with("activation", activation).with("scale", scale)));
    }

    private static Value flat(Value v) {
        return PlanGraph.shape(v).rank() == 1 ? v : Value.constant(v.name(), v.constant().reshape(Shape.of(v.constant().size())));
    }

    private static boolean perChannel(Value v, Shape of, int axis) {
        if (!v.isConstant() || v.constant().size() != of.dim(axis)) return false;
        Shape s = PlanGraph.shape(v);
        int at = axis - (of.rank() - s.rank());
        return at >= 0 && s.dim(at) == of.dim(axis) && s.rank() <= of.rank();
    }

    private static String activation(Node n) {
        return switch (n.opType()) {
            case "Relu" -> "relu";
            case "Sigmoid" -> "sigmoid";
            case "Tanh" -> "tanh";
            case "Mish" -> "mish";
            case "Swish" -> !n.attributes().has("alpha") ? "silu" : n.attributes().real("alpha") == 1.702f ? "quick_gelu" : null;
            case "Gelu" -> n.attributes().string("approximate", "none").equals("tanh") ? "gelu_tanh" : "gelu";
            default -> null;
        };
    }
}
