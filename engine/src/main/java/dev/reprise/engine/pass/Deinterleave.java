package dev.reprise.engine.pass;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.plan.PlanGraph;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Lets a convolution write side by side what a Split behind it takes apart element by element. EDM's attention has Q, K and V
 * interleaved in the channels of one 1x1 convolution; to part them is a copy with a stride of three elements, 8 % of a narrow
 * network's time. Here the rows of the weights trade places instead, each output channel is computed as before, and the parts are
 * contiguous: {@link AttentionWindows} then needs no copy at all. Bits do not change.
 */
final class Deinterleave {
    private Deinterleave() {}

    static void run(PlanGraph g) {
        Map<Node, List<Node>> by = new IdentityHashMap<>();
        for (Node split : g.nodes())
            if (split.domain().isEmpty() && split.opType().equals("Split")) rewrite(g, split, by);
        Rewrite.expand(g, by);
    }

    private static void rewrite(PlanGraph g, Node split, Map<Node, List<Node>> by) {
        Value x = split.input(0);
        Shape s = PlanGraph.shape(x);
        int parts = split.outputs().size(), last = s.rank() - 1;
        if (Shape.axis(split.attributes().integer("axis", 0), s.rank()) != last || parts < 2 || s.dim(last) != parts
                || split.outputs().stream().anyMatch(o -> o != null && PlanGraph.shape(o).dim(last) != 1))
            return;
        Value v = x;
        Node n = g.producer(v);
        while (n != null && n.domain().isEmpty() && g.uses(v) == 1
                && (n.opType().equals("Reshape") || n.opType().equals("Squeeze") || n.opType().equals("Unsqueeze"))) {
            v = n.input(0);
            n = g.producer(v);
        }
        if (n == null || !n.domain().equals(Node.INTERNAL) || !n.opType().equals("ConvChannelsLast") || g.uses(v) != 1 || by.containsKey(n)
                || !n.input(1).isConstant() || n.attributes().integer("group", 1) != 1 || n.attributes().integer("parts", 1) != 1
                || n.inputs().size() > 3 && n.input(3) != null
                || bias(n) != null && !(bias(n).isConstant() && PlanGraph.isFloat32(bias(n))))
            return;
        Shape out = PlanGraph.shape(v);
        long channels = out.dim(out.rank() - 1);
        int first = last;
        while (first > 0 && s.product(first, s.rank()) < channels)
            first--;
        if (s.product(first, s.rank()) != channels) return;

        Value dealt = PlanGraph.value(v.name() + "/dealt", PlanGraph.dtype(v), out);
        List<Value> in = new ArrayList<>(n.inputs());
        if (bias(n) != null) in.set(2, dealt(g, bias(n), parts));
        by.put(n, List.of(PlanGraph.internal(n.opType(), in, dealt, n.attributes().with("parts", (long) parts))));

        List<Node> nodes = new ArrayList<>();
        List<Value> outputs = new ArrayList<>();
        long[] d = new long[first + 2];
        System.arraycopy(s.dims(), 0, d, 0, first);
        d[first] = parts;
        d[first + 1] = channels / parts;
        Value whole = reshape(g, nodes, dealt, PlanGraph.value(x.name() + "/dealt", PlanGraph.dtype(x), Shape.of(d)));
        List<Node> after = new ArrayList<>();
        d[first] = 1;
        for (Value o : split.outputs()) {
            if (o == null) {
                outputs.add(null);
                continue;
            }
            Value part = PlanGraph.value(o.name() + "/dealt", PlanGraph.dtype(o), Shape.of(d));
            outputs.add(part);
            reshape(g, after, part, o);
        }
        nodes.add(new Node(split.name(), "", "Split", 13, List.of(whole), outputs, Attributes.of("axis", (long) first)));
        nodes.addAll(after);
        by.put(split, nodes);
    }

    private static Value bias(Node conv) { return conv.inputs().size() > 2 ? conv.input(2) : null; }

    private static Value dealt(PlanGraph g, Value bias, int parts) {
        Tensor b = bias.constant();
        int n = Math.toIntExact(b.size());
        float[] r = new float[n];
        for (int i = 0; i < n; i++)
            r[i % parts * (n / parts) + i / parts] = b.getFloat(i);
        return g.constant(bias.name() + "/dealt", b.shape(), r);
    }

    private static Value reshape(PlanGraph g, List<Node> nodes, Value from, Value to) {
        Shape s = PlanGraph.shape(to);
        nodes.add(PlanGraph.node("Reshape", List.of(from, g.constant(to.name() + "/shape", Shape.of(s.rank()), s.dims())), to));
        return to;
    }
}
