package dev.reprise.engine.pass;

import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.plan.PlanGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What passes share. */
final class Rewrite {
    private Rewrite() {}

    /** Puts nodes in the place of others that make the same values, and drops what is then unused. */
    static void replace(PlanGraph g, Map<Node, Node> by) {
        if (by.isEmpty()) return;
        List<Node> nodes = new ArrayList<>(g.nodes().size());
        for (Node n : g.nodes())
            nodes.add(by.getOrDefault(n, n));
        g.nodes(nodes);
        g.tidy();
    }

    /** As {@link #replace}, each node by several. */
    static void expand(PlanGraph g, Map<Node, List<Node>> by) {
        if (by.isEmpty()) return;
        List<Node> nodes = new ArrayList<>(g.nodes().size());
        for (Node n : g.nodes())
            if (by.containsKey(n)) nodes.addAll(by.get(n));
            else nodes.add(n);
        g.nodes(nodes);
        g.tidy();
    }

    /** The node that makes v, looking through reshapes that only add or remove dimensions of size 1. */
    static Value throughUnsqueeze(PlanGraph g, Value v) {
        while (true) {
            Node n = g.producer(v);
            if (n == null || !(n.is("Unsqueeze") || n.is("Squeeze") || n.is("Reshape")) || !onesApart(n)) return v;
            v = n.input(0);
        }
    }

    private static boolean onesApart(Node n) { return java.util.Arrays.equals(withoutOnes(n.input(0)), withoutOnes(n.output(0))); }

    private static long[] withoutOnes(Value v) { return java.util.Arrays.stream(PlanGraph.shape(v).dims()).filter(d -> d != 1).toArray(); }
}
