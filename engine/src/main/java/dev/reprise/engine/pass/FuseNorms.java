package dev.reprise.engine.pass;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.plan.PlanGraph;
import dev.reprise.ops.tensor.Shape;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Recognizes norms that exporters spell out.
 * <ul>
 * <li>GroupNorm as PyTorch's exporter writes it: Reshape to (N, groups, -1), InstanceNormalization with scale 1 and bias
 * 0, Reshape back, Mul by (C, 1, 1), Add of (C, 1, 1) → GroupNormalization (since 21).
 * <li>LayerNorm below opset 17: ReduceMean, Sub, Pow, ReduceMean, Add, Sqrt, Div, then perhaps Mul and Add →
 * LayerNormalization (since 17).
 * </ul>
 * A Swish behind a GroupNormalization is taken into it ({@code GroupNormActivation}).
 */
final class FuseNorms {
    private FuseNorms() {}

    static void run(PlanGraph g) {
        Map<Node, Node> fused = new IdentityHashMap<>();
        for (Node n : g.nodes()) {
            if (g.isDynamic(n)) continue;
            Node f = n.is("Add") ? groupNorm(g, n) : n.is("Div") ? layerNorm(g, n) : null;
            if (f != null) fused.put(n, f);
        }
        Rewrite.replace(g, fused);
        fused.clear();
        for (Node n : g.nodes()) {
            Node f = n.is("Add") && !g.isDynamic(n) ? affineLayerNorm(g, n) : null;
            if (f != null) fused.put(n, f);
        }
        Rewrite.replace(g, fused);
        fused.clear();
        for (Node n : g.nodes()) {
            Node f = !n.is("Swish") || n.attributes().has("alpha") || g.isDynamic(n) ? null : activated(g, n);
            if (f != null) fused.put(n, f);
        }
        Rewrite.replace(g, fused);
    }

    private static Node groupNorm(PlanGraph g, Node add) {
        Value y = add.output(0);
        if (!PlanGraph.isFloat32(y) || PlanGraph.shape(y).rank() < 3) return null;
        Shape shape = PlanGraph.shape(y);
        long channels = shape.dim(1);
        for (int i = 0; i < 2; i++) {
            Node mul = g.producer(add.input(1 - i), "Mul");
            Value bias = add.input(i);
            if (mul == null || !perChannel(bias, shape, channels)) continue;
            for (int j = 0; j < 2; j++) {
                Value scale = mul.input(j);
                Node back = g.producer(mul.input(1 - j), "Reshape");
                if (back == null || !perChannel(scale, shape, channels) || !PlanGraph.shape(back.output(0)).equals(shape)) continue;
                Node norm = g.producer(back.input(0), "InstanceNormalization");
                if (norm == null || !all(norm.input(1), 1) || !all(norm.input(2), 0)) continue;
                Node to = g.producer(norm.input(0), "Reshape");
                if (to == null || !PlanGraph.shape(to.input(0)).equals(shape)) continue;
                Shape grouped = PlanGraph.shape(norm.input(0));
                if (grouped.rank() < 3 || grouped.dim(0) != shape.dim(0) || channels % grouped.dim(1) != 0) continue;
                return PlanGraph.node("GroupNormalization", List.of(to.input(0), flat(scale), flat(bias)), y, "num_groups", grouped.dim(1),
                        "epsilon", norm.attributes().real("epsilon", 1e-5f));
            }
        }
        return null;
    }

    /** A constant with one value a channel, of shape (C, 1, …) or (1, C, 1, …). */
    private static boolean perChannel(Value v, Shape of, long channels) {
        if (v == null || !v.isConstant() || v.constant().size() != channels) return false;
        int at = PlanGraph.shape(v).rank() - (of.rank() - 1);
        return channels == 1 || at >= 0 && PlanGraph.shape(v).dim(at) == channels;
    }

    private static Value flat(Value v) { return Value.constant(v.name(), v.constant().reshape(Shape.of(v.constant().size()))); }

    private static boolean all(Value v, double x) {
        if (v == null || !v.isConstant()) return false;
        for (long i = 0; i < v.constant().size(); i++)
            if (v.constant().getDouble(i) != x) return false;
        return true;
    }

    /** Div(Sub(x, mean x), Sqrt(mean((x - mean x)^2) + epsilon)) over the last axes. */
    private static Node layerNorm(PlanGraph g, Node div) {
        Node sub = g.producer(div.input(0), "Sub"), sqrt = g.producer(div.input(1), "Sqrt");
        if (sub == null || sqrt == null || !PlanGraph.isFloat32(div.output(0))) return null;
        Node add = g.producer(sqrt.input(0), "Add");
        if (add == null) return null;
        int e = Float.isNaN(PlanGraph.scalar(add.input(1))) ? 0 : 1;
        float epsilon = PlanGraph.scalar(add.input(e));
        Node variance = g.producer(add.input(1 - e), "ReduceMean"), mean = g.producer(sub.input(1), "ReduceMean");
        if (Float.isNaN(epsilon) || variance == null || mean == null || mean.input(0) != sub.input(0)) return null;
        Value squared = variance.input(0);
        Node pow = g.producer(squared, "Pow"), mul = g.producer(squared, "Mul");
        boolean square = pow != null && sameDifference(g, pow.input(0), sub) && FuseActivations.isNumber(pow.input(1), 2)
                || mul != null && sameDifference(g, mul.input(0), sub) && sameDifference(g, mul.input(1), sub);
        Value x = sub.input(0);
        int rank = PlanGraph.shape(x).rank();
        int axis = trailing(mean, rank);
        if (!square || axis < 0 || axis != trailing(variance, rank)) return null;
        Shape normalized = Shape.of(java.util.Arrays.copyOfRange(PlanGraph.shape(x).dims(), axis, rank));
        float[] ones = new float[Math.toIntExact(normalized.size())];
        java.util.Arrays.fill(ones, 1);
        return PlanGraph.node("LayerNormalization", List.of(x, g.constant("ones", normalized, ones)), div.output(0), "axis", axis,
                "epsilon", epsilon);
    }

    /** Some exporters compute x - mean twice. */
    private static boolean sameDifference(PlanGraph g, Value v, Node sub) {
        if (v == sub.output(0)) return true;
        Node other = g.producer(v, "Sub");
        return other != null && other.input(0) == sub.input(0) && other.input(1) == sub.input(1);
    }

    /** The first of the reduced axes where these are the last ones, kept as 1; else -1. */
    private static int trailing(Node reduce, int rank) {
        if (reduce.attributes().integer("keepdims", 1) == 0) return -1;
        long[] axes = reduce.attributes().integers("axes", reduce.inputs().size() > 1 ? PlanGraph.longs(reduce.input(1)) : null);
        if (axes == null || axes.length == 0) return -1;
        boolean[] reduced = new boolean[rank];
        for (long a : axes)
            reduced[Shape.axis(a, rank)] = true;
        int first = rank - axes.length;
        for (int i = first; i < rank; i++)
            if (!reduced[i]) return -1;
        return first;
    }

    /** Add(Mul(LayerNormalization with scale 1, gamma), beta) with constants of the normalized shape. */
    private static Node affineLayerNorm(PlanGraph g, Node add) {
        for (int i = 0; i < 2; i++) {
            Node mul = g.producer(add.input(1 - i), "Mul");
            Value bias = add.input(i);
            if (mul == null || g.uses(mul.output(0)) != 1) continue;
            for (int j = 0; j < 2; j++) {
                Value scale = mul.input(j);
                Node norm = g.producer(mul.input(1 - j), "LayerNormalization");
                if (norm == null || g.uses(norm.output(0)) != 1 || norm.input(2) != null || !all(norm.input(1), 1)) continue;
                Shape normalized = PlanGraph.shape(norm.input(1));
                if (!scale.isConstant() || !bias.isConstant() || !PlanGraph.shape(scale).equals(normalized)
                        || !PlanGraph.shape(bias).equals(normalized))
                    continue;
                return new Node(norm.name(), "", norm.opType(), norm.opset(), List.of(norm.input(0), scale, bias), List.of(add.output(0)),
                        norm.attributes());
            }
        }
        return null;
    }

    private static Node activated(PlanGraph g, Node swish) {
        Node norm = g.producer(swish.input(0), "GroupNormalization");
        if (norm == null || norm.opset() < 21 || g.uses(swish.input(0)) != 1 || !PlanGraph.isFloat32(swish.input(0))) return null;
        Attributes a = Attributes.of("num_groups", norm.attributes().integer("num_groups"), "epsilon",
                norm.attributes().real("epsilon", 1e-5f),
                "activation", "silu");
        return PlanGraph.internal("GroupNormActivation", norm.inputs(), swish.output(0), a);
    }
}
