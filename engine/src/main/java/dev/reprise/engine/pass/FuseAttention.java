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
 * factors of Q, K and the product are taken into the scale. DDPM multiplies the other way about, V^T Softmax(...)^T, for images
 * with their channels first: that is the transpose of the same.
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
        Value p = last.input(0), v = last.input(1);
        Node turned = g.uses(v) == 1 ? g.producer(v, "Transpose") : null;
        boolean transposed = g.producer(p, "Softmax") == null && turned != null && swaps(turned);
        if (transposed) {
            p = turned.input(0);
            v = last.input(0);
        }
        Node softmax = g.producer(p, "Softmax");
        if (softmax == null || g.uses(p) != 1) return null;
        Value scores = softmax.input(0);
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
        Value k = swap(kt[0], nodes);
        if (transposed) v = swap(v, nodes);
        Value q4 = four(g, q[0], nodes), k4 = four(g, k, nodes), v4 = four(g, v, nodes);
        List<Value> inputs = new ArrayList<>(List.of(q4, k4, v4));
        if (mask != null) inputs.add(rank == 3 && PlanGraph.shape(mask).rank() == 3 ? four(g, mask, nodes) : mask);
        Attributes attributes = Attributes.of("scale", (float) scale);
        Value y = last.output(0), to = transposed
                ? PlanGraph.value(y.name() + "/T", PlanGraph.dtype(y), PlanGraph.shape(y).permute(swapping(rank)))
                : y;
        if (rank == 4) nodes.add(PlanGraph.internal("FusedAttention", inputs, to, attributes));
        else {
            Shape so = PlanGraph.shape(to);
            Value o = PlanGraph.value(y.name() + "/4", PlanGraph.dtype(y), Shape.of(so.dim(0), 1, so.dim(1), so.dim(2)));
            nodes.add(PlanGraph.internal("FusedAttention", inputs, o, attributes));
            nodes.add(PlanGraph.node("Reshape", List.of(o, g.constant("shape", Shape.of(3), so.dims())), to));
        }
        if (transposed) nodes.add(transpose(to, y));
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
    private static Value swap(Value v, List<Node> nodes) {
        Value t = PlanGraph.value(v.name() + "/T", PlanGraph.dtype(v), PlanGraph.shape(v).permute(swapping(PlanGraph.shape(v).rank())));
        nodes.add(transpose(v, t));
        return t;
    }

    private static Node transpose(Value from, Value to) {
        return PlanGraph.node("Transpose", List.of(from), to, "perm",
                Arrays.stream(swapping(PlanGraph.shape(from).rank())).asLongStream().toArray());
    }

    /** The permutation that swaps the last two axes. */
    private static int[] swapping(int rank) {
        int[] perm = new int[rank];
        Arrays.setAll(perm, i -> i < rank - 2 ? i : 2 * rank - 3 - i);
        return perm;
    }

    private static boolean swaps(Node transpose) {
        int rank = PlanGraph.shape(transpose.input(0)).rank();
        long[] perm = transpose.attributes().integers("perm", null);
        return rank >= 2 && perm != null && Arrays.equals(perm, Arrays.stream(swapping(rank)).asLongStream().toArray());
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
