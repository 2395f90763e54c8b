package dev.reprise.engine.pass;

import dev.reprise.engine.graph.Node;
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
}
