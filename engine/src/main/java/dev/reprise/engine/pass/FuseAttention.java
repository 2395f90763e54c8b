package dev.reprise.engine.pass;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.plan.PlanGraph;
import dev.reprise.ops.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds scaled-dot-product attention, {@code Softmax(scale * Q K^T + mask) V} over the last axis, of rank 3 or 4, and
 * makes it one node whose inputs are Q (B, H, Lq, D), K (B, H, Lk, D), V (B, H, Lk, Dv) and perhaps the mask. Constant
 * factors of Q, K and the product are taken into the scale.
 */
final class FuseAttention {
    private FuseAttention() {}

    static void run(PlanGraph g) {
        Map<Node, List<Node>> fused = new IdentityHashMap<>();
        for (Node n : g.nodes())
            if (n.is("MatMul") && !g.isDynamic(n) && PlanGraph.isFloat32(n.output(0))) {
                List<Node> f = match(g, n);
                if (f != null) fused.put(n, f);
            }
        Rewrite.expand(g, fused);
    }

    private static List<Node> match(PlanGraph g, Node last) {
        Node softmax = g.producer(last.input(0), "Softmax");
        if (softmax == null || g.uses(last.input(0)) != 1) return null;
        Value scores = softmax.input(0), v = last.input(1);
        Shape s = PlanGraph.shape(scores);
        int rank = s.rank();
        long axis = softmax.attributes().integer("axis", softmax.opset() < 13 ? 1 : -1);
        if (rank != 3 && rank != 4 || Shape.axis(axis, rank) != rank - 1 || PlanGraph.shape(v).rank() != rank) return null;
        double scale = 1;
        Value mask = null;
        Node add = g.producer(scores, "Add");
        if (add != null && g.uses(scores) == 1) {
            // Which side is the product? The one that comes from a MatMul.
            for (int i = 0; i < 2 && mask == null; i++)
                if (product(g, add.input(i)) != null && PlanGraph.shape(add.input(i)).equals(s)) {
                    mask = add.input(1 - i);
                    scores = add.input(i);
                }
            if (mask == null) return null;
        }
        Value[] core = {scores};
        scale *= factor(g, core);
        Node qk = g.producer(core[0], "MatMul");
        if (qk == null || g.uses(core[0]) != 1) return null;
        Value[] q = {qk.input(0)}, kt = {qk.input(1)};
        if (PlanGraph.shape(q[0]).rank() != rank || PlanGraph.shape(kt[0]).rank() != rank) return null;
        scale *= factor(g, q);
        scale *= factor(g, kt);
        Shape sq = PlanGraph.shape(q[0]), sk = PlanGraph.shape(kt[0]), sv = PlanGraph.shape(v);
        for (int i = 0; i < rank - 2; i++)
            if (sq.dim(i) != sk.dim(i) || sk.dim(i) != sv.dim(i)) return null;
        if (mask != null && (!PlanGraph.isFloat32(mask) || PlanGraph.shape(mask).rank() > rank)) return null;
        List<Node> nodes = new ArrayList<>();
        Value k = swap(g, kt[0], nodes);
        Value q4 = four(g, q[0], nodes), k4 = four(g, k, nodes), v4 = four(g, v, nodes);
        List<Value> inputs = new ArrayList<>(List.of(q4, k4, v4));
        if (mask != null) inputs.add(rank == 3 && PlanGraph.shape(mask).rank() == 3 ? four(g, mask, nodes) : mask);
        Attributes attributes = Attributes.of("scale", (float) scale);
        if (rank == 4) nodes.add(PlanGraph.internal("FusedAttention", inputs, last.output(0), attributes));
        else {
            Shape so = PlanGraph.shape(last.output(0));
            Value o = PlanGraph.value(last.output(0).name() + "/4", PlanGraph.dtype(last.output(0)),
                    Shape.of(so.dim(0), 1, so.dim(1), so.dim(2)));
            nodes.add(PlanGraph.internal("FusedAttention", inputs, o, attributes));
            nodes.add(PlanGraph.node("Reshape", List.of(o, g.constant("shape", Shape.of(3), so.dims())), last.output(0)));
        }
        return nodes;
    }

    private static Node product(PlanGraph g, Value v) {
        Value[] core = {v};
        factor(g, core);
        return g.producer(core[0], "MatMul");
    }

    /** Takes constant factors off v, which is replaced by what they multiply; answers their product. */
    private static double factor(PlanGraph g, Value[] v) {
        double f = 1;
        while (g.uses(v[0]) == 1) {
            Node mul = g.producer(v[0], "Mul"), div = g.producer(v[0], "Div");
            if (mul != null && !Float.isNaN(PlanGraph.scalar(mul.input(1))) && sameShape(mul, 0)) {
                f *= PlanGraph.scalar(mul.input(1));
                v[0] = mul.input(0);
            } else if (mul != null && !Float.isNaN(PlanGraph.scalar(mul.input(0))) && sameShape(mul, 1)) {
                f *= PlanGraph.scalar(mul.input(0));
                v[0] = mul.input(1);
            } else if (div != null && !Float.isNaN(PlanGraph.scalar(div.input(1))) && sameShape(div, 0)) {
                f /= PlanGraph.scalar(div.input(1));
                v[0] = div.input(0);
            } else break;
        }
        return f;
    }

    private static boolean sameShape(Node n, int i) { return PlanGraph.shape(n.input(i)).equals(PlanGraph.shape(n.output(0))); }

    /** K from K^T: the transpose that made it and this one cancel in the layout pass. */
    private static Value swap(PlanGraph g, Value kt, List<Node> nodes) {
        int rank = PlanGraph.shape(kt).rank();
        int[] perm = new int[rank];
        Arrays.setAll(perm, i -> i < rank - 2 ? i : 2 * rank - 3 - i);
        Value k = PlanGraph.value(kt.name() + "/K", PlanGraph.dtype(kt), PlanGraph.shape(kt).permute(perm));
        nodes.add(PlanGraph.node("Transpose", List.of(kt), k, "perm", Arrays.stream(perm).asLongStream().toArray()));
        return k;
    }

    /** (B, L, D) as (B, 1, L, D). */
    private static Value four(PlanGraph g, Value v, List<Node> nodes) {
        Shape s = PlanGraph.shape(v);
        if (s.rank() == 4) return v;
        Shape to = Shape.of(s.dim(0), 1, s.dim(1), s.dim(2));
        Value r = PlanGraph.value(v.name() + "/4", PlanGraph.dtype(v), to);
        nodes.add(PlanGraph.node("Reshape", List.of(v, g.constant("shape", Shape.of(4), to.dims())), r));
        return r;
    }
}
