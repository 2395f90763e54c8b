package dev.reprise.engine.plan;

import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.operator.Binding;
import dev.reprise.ops.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Nodes that a plan runs one after the other, {@code parts} times: each time for its part of the batch. Where the images of a whole batch
 * are larger than the caches, every node would read from memory what the one before it has just written there; a few images stay in the caches
 * from node to node. What only these nodes use needs memory for one part alone.
 *
 * @param nodes in order
 * @param parts how often; 1 for a node that runs for the whole batch
 */
record Stretch(List<Node> nodes, int parts) {
    /** Below so many bytes that a node reads and writes, the caches hold the whole batch. */
    private static final long CACHED = 8L << 20;

    /**
     * The nodes in an order in which they can run, those of a stretch together. A part has an image for each thread at least: then the static partition gives a
     * thread its own images in every node.
     *
     * @param bindings of all nodes but dynamic ones
     */
    static List<Stretch> of(List<Node> nodes, Map<Node, Binding> bindings, int threads) {
        List<Stretch> all = new ArrayList<>();
        List<Node> open = new ArrayList<>();
        Set<Value> made = Collections.newSetFromMap(new IdentityHashMap<>());
        int parts = 1;
        for (Node n : nodes) {
            int p = parts(n, bindings.get(n), threads);
            boolean takesWhole = p > 1 && takesWhole(n, bindings.get(n), made);
            if (!open.isEmpty() && (p != parts || takesWhole)) {
                // What needs nothing of the stretch runs before it, such as the projections of a U-Net's time embedding.
                if (p == 1 && bindings.containsKey(n) && n.inputs().stream().noneMatch(made::contains)) {
                    all.add(new Stretch(List.of(n), 1));
                    continue;
                }
                close(open, parts, all);
                made.clear();
            }
            if (p == 1) {
                all.add(new Stretch(List.of(n), 1));
                continue;
            }
            parts = p;
            open.add(n);
            made.addAll(n.outputs());
        }
        close(open, parts, all);
        return all;
    }

    /** Whether a node needs, for each part of the batch, all of a value that there is for one part at a time. */
    private static boolean takesWhole(Node n, Binding b, Set<Value> made) {
        for (int i = 0; i < n.inputs().size(); i++)
            if (!b.batched(i) && made.contains(n.input(i))) return true;
        return false;
    }

    private static void close(List<Node> open, int parts, List<Stretch> all) {
        if (open.size() > 1) all.add(new Stretch(List.copyOf(open), parts));
        else
            for (Node n : open)
                all.add(new Stretch(List.of(n), 1));
        open.clear();
    }

    /** Into how many parts the batch is cut for this node alone. */
    private static int parts(Node n, Binding b, int threads) {
        if (b == null || b.batched() == 0 || n.outputs().size() != 1) return 1;
        Shape out = b.outputs().getFirst().shape();
        long batch = out.rank() == 0 ? 1 : out.dim(0);
        long size = Math.min(threads, batch);
        while (size < batch && batch % size != 0)
            size++;
        if (size >= batch) return 1;
        long parts = batch / size, parted = bytes(n.output(0)), whole = 0;
        for (int i = 0; i < n.inputs().size(); i++) {
            Value v = n.input(i);
            if (v == null) continue;
            if (!b.batched(i)) whole += bytes(v);
            else if (v.isConstant()) return 1;
            else parted += bytes(v);
        }
        return parted >= CACHED && whole <= parted / parts ? Math.toIntExact(parts) : 1;
    }

    private static long bytes(Value v) { return PlanGraph.shape(v).size() * PlanGraph.dtype(v).bytes(); }
}
