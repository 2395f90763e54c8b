package dev.reprise.engine.pass;

import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.plan.PlanGraph;
import dev.reprise.ops.tensor.Shape;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Lets attention read its queries, keys and values where a projection left them: Split, Slice, Gather of one index and Reshape
 * between the two become offset and strides ({@code q_window} and so on of FusedAttention), and move nothing. Bits do not change.
 */
final class AttentionWindows {
    private static final String[] PERMS = {"q_perm", "k_perm", "v_perm"}, WINDOWS = {"q_window", "k_window", "v_window"};

    private final PlanGraph g;

    private AttentionWindows(PlanGraph g) { this.g = g; }

    static void run(PlanGraph g) {
        AttentionWindows w = new AttentionWindows(g);
        Map<Node, Node> widened = new IdentityHashMap<>();
        for (Node n : g.nodes())
            if (n.domain().equals(Node.INTERNAL) && n.opType().equals("FusedAttention")) {
                Node wide = w.widen(n);
                if (wide != n) widened.put(n, wide);
            }
        Rewrite.replace(g, widened);
    }

    private Node widen(Node n) {
        List<Value> in = new ArrayList<>(n.inputs());
        var attributes = n.attributes();
        for (int i = 0; i < 3; i++) {
            Window w = new Window(n.input(i), n.attributes().integers(PERMS[i], new long[]{0, 1, 2, 3}));
            while (back(w)) {
                // as far as it goes
            }
            if (w.moved == n.input(i)) continue;
            in.set(i, w.moved);
            attributes = attributes.with(WINDOWS[i], w.attribute());
        }
        return in.equals(n.inputs()) ? n : PlanGraph.internal("FusedAttention", in, n.output(0), attributes);
    }

    /** Part of a tensor: logical sizes B, H, L, D and the steps between their elements. */
    private static final class Window {
        final long[] sizes = new long[4], strides = new long[4];
        long offset;
        /** Where to look for the window, and the nearest value without which something would be copied. */
        Value value, moved;

        Window(Value v, long[] perm) {
            value = moved = v;
            Shape s = PlanGraph.shape(v);
            long[] own = s.strides();
            for (int i = 0; i < 4; i++) {
                sizes[(int) perm[i]] = s.dim(i);
                strides[(int) perm[i]] = own[i];
            }
        }

        long[] attribute() {
            long[] a = new long[9];
            System.arraycopy(sizes, 0, a, 0, 4);
            System.arraycopy(strides, 0, a, 4, 4);
            a[8] = offset;
            return a;
        }

        /** The tensor is runs of {@code run} elements, each at {@code start} of {@code pitch} elements of another. */
        boolean within(long run, long pitch, long start) {
            long inner = offset % run;
            for (int i = 0; i < 4; i++)
                if (sizes[i] > 1 && strides[i] % run != 0) inner += (sizes[i] - 1) * strides[i];
            if (inner >= run) return false;
            // The kernel reads D in vectors: it must stay contiguous (EDM's networks interleave Q, K and V there).
            if (strides[3] % run == 0 && strides[3] / run * pitch != 1) return false;
            for (int i = 0; i < 4; i++)
                if (strides[i] % run == 0) strides[i] = strides[i] / run * pitch;
            offset = offset / run * pitch + offset % run + start;
            return true;
        }
    }

    /** One node towards the graph's inputs; false where that would not do. */
    private boolean back(Window w) {
        Node n = g.producer(w.value);
        if (n == null || !n.domain().isEmpty() || !PlanGraph.isFloat32(n.input(0))) return false;
        Shape s = PlanGraph.shape(n.input(0));
        switch (n.opType()) {
            case "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity" -> {
                w.value = n.input(0);
                return true;
            }
            case "Split" -> {
                int axis = Shape.axis(n.attributes().integer("axis", 0), s.rank());
                long start = 0;
                for (int i = 0; n.output(i) != w.value; i++) {
                    if (n.output(i) == null) return false;
                    start += PlanGraph.shape(n.output(i)).dim(axis);
                }
                return part(w, n, s, axis, start, PlanGraph.shape(w.value).dim(axis));
            }
            case "Gather" -> {
                long[] index = PlanGraph.longs(n.input(1));
                int axis = Shape.axis(n.attributes().integer("axis", 0), s.rank());
                if (index == null || index.length != 1) return false;
                return part(w, n, s, axis, index[0] < 0 ? index[0] + s.dim(axis) : index[0], 1);
            }
            case "Slice" -> {
                long[] starts = PlanGraph.longs(n.input(1)), axes = PlanGraph.longs(n.input(3)), steps = PlanGraph.longs(n.input(4));
                if (n.opset() < 10 || starts == null || starts.length != 1 || axes == null
                        || n.input(4) != null && (steps == null || steps[0] != 1))
                    return false;
                int axis = Shape.axis(axes[0], s.rank());
                long start = starts[0] < 0 ? starts[0] + s.dim(axis) : starts[0];
                return part(w, n, s, axis, Math.clamp(start, 0, s.dim(axis)), PlanGraph.shape(w.value).dim(axis));
            }
            default -> {
                return false;
            }
        }
    }

    private static boolean part(Window w, Node n, Shape s, int axis, long start, long count) {
        long inner = s.product(axis + 1, s.rank());
        if (!w.within(count * inner, s.dim(axis) * inner, start * inner)) return false;
        w.value = w.moved = n.input(0);
        return true;
    }
}
