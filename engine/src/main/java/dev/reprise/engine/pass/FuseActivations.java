package dev.reprise.engine.pass;

import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.plan.PlanGraph;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Recognizes activations that exporters spell out: SiLU and quick GELU ({@code x * Sigmoid(alpha * x)}) become Swish
 * (since 24), GELU by Erf or Tanh becomes Gelu (since 20).
 */
final class FuseActivations {
    private FuseActivations() {}

    static void run(PlanGraph g) {
        Map<Node, Node> fused = new IdentityHashMap<>();
        for (Node n : g.nodes()) {
            if (!n.is("Mul") || g.isDynamic(n) || !PlanGraph.isFloat32(n.output(0))) continue;
            Node f = swish(g, n);
            if (f == null) f = gelu(g, n);
            if (f != null) fused.put(n, f);
        }
        Rewrite.replace(g, fused);
    }

    private static Node swish(PlanGraph g, Node mul) {
        for (int i = 0; i < 2; i++) {
            Node sigmoid = g.producer(mul.input(i), "Sigmoid");
            if (sigmoid == null) continue;
            Value x = mul.input(1 - i), y = sigmoid.input(0);
            if (x == y) return PlanGraph.node("Swish", List.of(x), mul.output(0));
            Node scaled = g.producer(y, "Mul");
            if (scaled == null) continue;
            Value factor = PlanGraph.other(scaled, x);
            float alpha = PlanGraph.scalar(factor);
            if (!Float.isNaN(alpha)) return PlanGraph.node("Swish", List.of(x), mul.output(0), "alpha", alpha);
        }
        return null;
    }

    /** {@code 0.5 x (1 + erf(x / sqrt 2))} and its tanh form, in any order of the products. */
    private static Node gelu(PlanGraph g, Node mul) {
        List<Value> factors = new ArrayList<>();
        factors(g, mul, factors);
        if (factors.size() != 3) return null;
        Value gate = null, x = null;
        boolean half = false;
        for (Value f : factors) {
            Node add = g.producer(f, "Add");
            if (PlanGraph.isScalar(f, 0.5)) half = true;
            else if (gate == null && add != null && (PlanGraph.isScalar(add.input(0), 1) || PlanGraph.isScalar(add.input(1), 1))) gate = f;
            else x = f;
        }
        if (!half || gate == null || x == null) return null;
        Node add = g.producer(gate);
        Value inner = PlanGraph.isScalar(add.input(0), 1) ? add.input(1) : add.input(0);
        Node erf = g.producer(inner, "Erf"), tanh = g.producer(inner, "Tanh");
        if (erf != null && isScaled(g, erf.input(0), x, Math.sqrt(0.5))) return PlanGraph.node("Gelu", List.of(x), mul.output(0));
        if (tanh != null && isTanhArgument(g, tanh.input(0), x))
            return PlanGraph.node("Gelu", List.of(x), mul.output(0), "approximate", "tanh");
        return null;
    }

    private static void factors(PlanGraph g, Node mul, List<Value> out) {
        for (Value v : mul.inputs()) {
            Node inner = g.producer(v, "Mul");
            if (inner != null && g.uses(v) == 1 && out.size() < 4) factors(g, inner, out);
            else out.add(v);
        }
    }

    /** v = x * factor, or x / (1 / factor). */
    private static boolean isScaled(PlanGraph g, Value v, Value x, double factor) {
        Node mul = g.producer(v, "Mul"), div = g.producer(v, "Div");
        if (mul != null) return PlanGraph.isScalar(PlanGraph.other(mul, x), factor);
        return div != null && div.input(0) == x && PlanGraph.isScalar(div.input(1), 1 / factor);
    }

    /** sqrt(2 / pi) (x + 0.044715 x^3) */
    private static boolean isTanhArgument(PlanGraph g, Value v, Value x) {
        Node outer = g.producer(v, "Mul");
        if (outer == null) return false;
        int c = PlanGraph.isScalar(outer.input(0), Math.sqrt(2 / Math.PI)) ? 0 : 1;
        if (!PlanGraph.isScalar(outer.input(c), Math.sqrt(2 / Math.PI))) return false;
        Node sum = g.producer(outer.input(1 - c), "Add");
        if (sum == null) return false;
        Node cubic = g.producer(PlanGraph.other(sum, x), "Mul");
        if (cubic == null) return false;
        int k = PlanGraph.isScalar(cubic.input(0), 0.044715) ? 0 : 1;
        if (!PlanGraph.isScalar(cubic.input(k), 0.044715)) return false;
        return isCube(g, cubic.input(1 - k), x);
    }

    private static boolean isCube(PlanGraph g, Value v, Value x) {
        Node pow = g.producer(v, "Pow");
        if (pow != null) return pow.input(0) == x && isNumber(pow.input(1), 3);
        Node mul = g.producer(v, "Mul");
        if (mul == null) return false;
        Node square = g.producer(PlanGraph.other(mul, x), "Mul");
        return square != null && square.input(0) == x && square.input(1) == x;
    }

    /** A constant of one element of any type. */
    static boolean isNumber(Value v, double x) {
        return v != null && v.isConstant() && v.constant().size() == 1 && v.constant().getDouble(0) == x;
    }
}
