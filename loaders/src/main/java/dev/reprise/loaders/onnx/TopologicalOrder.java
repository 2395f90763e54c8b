package dev.reprise.loaders.onnx;

import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.loaders.Source;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Puts nodes after those whose outputs they (or the subgraphs in their attributes) use. Nodes in a legal order keep it;
 * otherwise the earliest of the ready nodes comes first.
 */
final class TopologicalOrder {
    private TopologicalOrder() {}

    static List<Node> sort(Source source, List<Node> nodes) {
        Map<Value, Integer> producer = new HashMap<>();
        for (int i = 0; i < nodes.size(); i++)
            for (Value v : nodes.get(i).outputs())
                if (v != null) producer.put(v, i);
        List<Set<Integer>> needs = new ArrayList<>(nodes.size());
        boolean sorted = true;
        for (int i = 0; i < nodes.size(); i++) {
            Set<Integer> need = new HashSet<>();
            uses(nodes.get(i), producer, need);
            for (int p : need)
                sorted &= p < i;
            needs.add(need);
        }
        return sorted ? nodes : reorder(source, nodes, needs);
    }

    private static void uses(Node node, Map<Value, Integer> producer, Set<Integer> need) {
        for (Value v : node.inputs())
            use(v, producer, need);
        for (String name : node.attributes().names()) {
            switch (node.attributes().get(name)) {
                case Graph g -> uses(g, producer, need);
                case Graph[] gs -> {
                    for (Graph g : gs)
                        uses(g, producer, need);
                }
                default -> {
                }
            }
        }
    }

    private static void uses(Graph g, Map<Value, Integer> producer, Set<Integer> need) {
        for (Node n : g.nodes())
            uses(n, producer, need);
        for (Value v : g.outputs())
            use(v, producer, need);
    }

    private static void use(Value v, Map<Value, Integer> producer, Set<Integer> need) {
        Integer p = v == null ? null : producer.get(v);
        if (p != null) need.add(p);
    }

    private static List<Node> reorder(Source source, List<Node> nodes, List<Set<Integer>> needs) {
        List<List<Integer>> users = new ArrayList<>();
        int[] missing = new int[nodes.size()];
        for (int i = 0; i < missing.length; i++)
            users.add(new ArrayList<>());
        PriorityQueue<Integer> ready = new PriorityQueue<>();
        for (int i = 0; i < missing.length; i++) {
            for (int p : needs.get(i))
                users.get(p).add(i);
            missing[i] = needs.get(i).size();
            if (missing[i] == 0) ready.add(i);
        }
        List<Node> order = new ArrayList<>(nodes.size());
        while (!ready.isEmpty()) {
            int i = ready.remove();
            order.add(nodes.get(i));
            for (int u : users.get(i))
                if (--missing[u] == 0) ready.add(u);
        }
        for (int i = 0; i < missing.length; i++)
            if (missing[i] > 0) throw source.error(nodes.get(i).describe() + " needs its own output: the graph has a cycle");
        return order;
    }
}
