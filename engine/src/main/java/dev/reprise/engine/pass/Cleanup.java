package dev.reprise.engine.pass;

import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.plan.PlanGraph;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Removes nodes that change nothing, and all but the first of nodes that compute the same. */
final class Cleanup {
    private Cleanup() {}

    private record Key(String domain, String opType, int opset, List<Object> inputs, int outputs, List<Object> attributes) {}

    static void run(PlanGraph g) {
        g.tidy();
        Map<Value, Value> replaced = new IdentityHashMap<>();
        Map<Key, Node> seen = new HashMap<>();
        for (Node n : g.nodes()) {
            if (g.isDynamic(n)) continue;
            n.inputs().replaceAll(v -> replaced.getOrDefault(v, v));
            if (changesNothing(n)) {
                replaced.put(n.output(0), n.input(0));
                continue;
            }
            Node same = seen.putIfAbsent(key(n), n);
            if (same == null) continue;
            for (int i = 0; i < n.outputs().size(); i++)
                if (n.output(i) != null && same.output(i) != null) replaced.put(n.output(i), same.output(i));
        }
        g.changed();
        g.replaceUses(replaced);
        g.tidy();
    }

    private static boolean changesNothing(Node n) {
        if (!n.domain().isEmpty() || n.input(0) == null || n.output(0) == null) return false;
        for (int i = 1; i < n.outputs().size(); i++)
            if (n.output(i) != null) return false;
        boolean same = PlanGraph.dtype(n.input(0)) == PlanGraph.dtype(n.output(0))
                && PlanGraph.shape(n.input(0)).equals(PlanGraph.shape(n.output(0)));
        return same && switch (n.opType()) {
            case "Identity", "Dropout", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand", "Cast" -> true;
            case "Transpose" -> sorted(n.attributes().integers("perm", null));
            case "Concat" -> n.inputs().size() == 1;
            case "Pad" -> n.input(1) != null && PlanGraph.longs(n.input(1)) != null
                    && Arrays.stream(PlanGraph.longs(n.input(1))).allMatch(p -> p == 0);
            default -> false;
        };
    }

    private static boolean sorted(long[] perm) {
        if (perm == null) return false;
        for (int i = 0; i < perm.length; i++)
            if (perm[i] != i) return false;
        return true;
    }

    /** Two nodes with equal keys compute the same. Constants count by their memory, attributes by their contents. */
    private static Key key(Node n) {
        List<Object> in = new ArrayList<>();
        for (Value v : n.inputs())
            in.add(v == null ? "" : v.isConstant() ? constant(v) : v);
        List<Object> attributes = new ArrayList<>();
        for (String name : n.attributes().names().stream().sorted().toList()) {
            attributes.add(name);
            attributes.add(switch (n.attributes().get(name)) {
                case long[] a -> Arrays.toString(a);
                case float[] a -> Arrays.toString(a);
                case String[] a -> Arrays.toString(a);
                case Object o -> o;
            });
        }
        return new Key(n.domain(), n.opType(), n.opset(), in, n.outputs().size(), attributes);
    }

    private static Object constant(Value v) {
        if (v.constant().byteSize() > 256) return v.constant().data().address() + "+" + v.constant().byteSize() + v.type();
        return v.type() + " " + HexFormat.of().formatHex(v.constant().data().toArray(ValueLayout.JAVA_BYTE));
    }
}
