package dev.reprise.engine.pass;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.operator.Registry;
import dev.reprise.engine.plan.PlanGraph;
import dev.reprise.ops.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Chooses the order of dimensions in memory. Convolutions, their norms, pools and resizes work channels-last; Transpose
 * costs nothing, it only renames dimensions until somebody needs another order ({@link Views}); Reshape costs nothing
 * where it merges or splits neighbours. So a U-Net is transposed once where it begins and once where it ends, and the
 * heads of an attention are never moved.
 */
final class Layout {
    private static final Set<String> ELEMENTWISE = Set.of("Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Mean", "And", "Or",
            "Xor", "Equal", "Greater",
            "Less", "GreaterOrEqual", "LessOrEqual", "Where", "Mod", "PRelu", "Abs", "Neg", "Sign", "Ceil", "Floor", "Round", "Sqrt",
            "Reciprocal", "Exp", "Log", "Sin",
            "Cos", "Tan", "Tanh", "Erf", "Sigmoid", "HardSigmoid", "HardSwish", "Relu", "LeakyRelu", "ThresholdedRelu", "Elu", "Selu",
            "Celu", "Softplus", "Softsign",
            "Shrink", "Gelu", "Swish", "Mish", "Cast", "Identity", "Not", "IsNaN", "IsInf");
    private static final Set<String> REDUCTIONS = Set.of("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1",
            "ReduceL2", "ReduceSumSquare",
            "ReduceLogSum", "ReduceLogSumExp");

    private final PlanGraph g;
    private final List<Node> nodes = new ArrayList<>();
    private final Views views;

    private Layout(PlanGraph g) {
        this.g = g;
        this.views = new Views(g, nodes);
    }

    static void run(PlanGraph g) {
        Layout l = new Layout(g);
        for (Node n : g.nodes())
            l.node(n);
        g.outputs().replaceAll(l.views::plain);
        g.replaceCaptures(l.views::plain);
        g.nodes(l.nodes);
        g.tidy();
    }

    private void node(Node n) {
        boolean done = !g.isDynamic(n) && n.input(0) != null && switch (n.domain().isEmpty() ? n.opType() : "*" + n.opType()) {
            case "*" + FuseLinear.CONV -> channelsLast(n, "ConvChannelsLast", n.attributes(), 3);
            case "*MatMulFused" -> matMul(n);
            case "*FusedAttention" -> attention(n);
            case "*GroupNormActivation", "GroupNormalization" -> groupNorm(n);
            case "ConvTranspose" -> isFloat(n) && channelsLast(n, "ConvTransposeChannelsLast", n.attributes(), -1);
            case "Resize" -> isFloat(n) && isChannelsLast(n.input(0))
                    && channelsLast(n, "ResizeChannelsLast", n.attributes().with("opset", n.opset()), -1);
            case "MaxPool" -> n.output(1) == null && isFloat(n) && isChannelsLast(n.input(0))
                    && channelsLast(n, "MaxPoolChannelsLast", n.attributes(), -1);
            case "AveragePool" ->
                isFloat(n) && isChannelsLast(n.input(0)) && channelsLast(n, "AveragePoolChannelsLast", n.attributes(), -1);
            case "GlobalAveragePool" ->
                isFloat(n) && isChannelsLast(n.input(0)) && channelsLast(n, "GlobalAveragePoolChannelsLast", n.attributes(), -1);
            case "Transpose" -> transpose(n);
            case "Reshape", "Squeeze", "Unsqueeze", "Flatten" -> reshape(n);
            case "Concat" -> concat(n);
            case "Split" -> split(n);
            case "Slice" -> slice(n);
            case "Gather" -> gather(n);
            case "Pad" -> pad(n);
            case "Softmax", "LogSoftmax" -> n.opset() >= 13 && alongAxis(n);
            case "LayerNormalization" -> layerNorm(n);
            case "Clip" -> n.inputs().size() >= 1 && elementwise(n, 1);
            default -> n.domain().isEmpty()
                    && (ELEMENTWISE.contains(n.opType())
                            ? n.opset() >= 7 && elementwise(n, n.inputs().size())
                            : REDUCTIONS.contains(n.opType()) && reduce(n));
        };
        if (!done) plainly(n);
    }

    /** Everything in its own order. */
    private void plainly(Node n) {
        n.inputs().replaceAll(views::plain);
        nodes.add(n);
    }

    private static boolean isFloat(Node n) { return PlanGraph.isFloat32(n.input(0)) && PlanGraph.shape(n.input(0)).rank() >= 3; }

    private boolean isChannelsLast(Value v) {
        int rank = PlanGraph.shape(v).rank();
        return rank >= 3 && Arrays.equals(views.perm(v), Views.channelsLast(rank));
    }

    private void emit(Node n, String domain, String opType, int opset, List<Value> inputs, Attributes attributes, int[]... perms) {
        List<Value> outputs = new ArrayList<>();
        for (int i = 0; i < n.outputs().size(); i++) {
            Value v = n.output(i);
            int[] perm = perms[Math.min(i, perms.length - 1)];
            if (v == null || Views.isIdentity(perm)) {
                outputs.add(v);
                continue;
            }
            Value p = PlanGraph.value(v.name(), PlanGraph.dtype(v), PlanGraph.shape(v).permute(perm));
            views.put(v, p, perm);
            outputs.add(p);
        }
        nodes.add(new Node(n.name(), domain, opType, opset, inputs, outputs, attributes));
    }

    private void emit(Node n, List<Value> inputs, Attributes attributes, int[]... perms) {
        emit(n, n.domain(), n.opType(), n.opset(), inputs, attributes, perms);
    }

    /** Input 0 (and the one numbered {@code like}) and the output channels-last, the rest as it is. */
    private boolean channelsLast(Node n, String opType, Attributes attributes, int like) {
        if (!Registry.get().knows(Node.INTERNAL, opType)) return false;
        int[] cl = Views.channelsLast(PlanGraph.shape(n.input(0)).rank());
        List<Value> in = new ArrayList<>();
        for (int i = 0; i < n.inputs().size(); i++)
            in.add(n.input(i) == null ? null : i == 0 || i == like ? views.as(n.input(i), cl) : views.plain(n.input(i)));
        emit(n, Node.INTERNAL, opType, 1, in, attributes, cl);
        return true;
    }

    private boolean groupNorm(Node n) {
        if (!isFloat(n) || !isChannelsLast(n.input(0)) || n.domain().isEmpty() && n.opset() < 21) return false;
        Attributes a = Attributes.of("num_groups", n.attributes().integer("num_groups"), "epsilon", n.attributes().real("epsilon", 1e-5f),
                "activation",
                n.attributes().string("activation", "none"));
        return channelsLast(n, "GroupNormChannelsLast", a, -1);
    }

    /** The last axis must be last in memory; the others may stand in any order, and so they stand in the result. */
    private boolean matMul(Node n) {
        int rank = PlanGraph.shape(n.input(0)).rank();
        int[] perm = views.perm(n.input(0));
        if (perm[rank - 1] != rank - 1) perm = Views.identity(rank);
        List<Value> in = new ArrayList<>(List.of(views.as(n.input(0), perm), views.plain(n.input(1))));
        in.add(n.input(2));
        in.add(n.input(3) == null ? null : views.as(n.input(3), perm));
        emit(n, in, n.attributes(), perm);
        return true;
    }

    /** Any order of the other axes while the head's own dimension is last; the result as (B, L, H, D), which merges to tokens. */
    private boolean attention(Node n) {
        List<Value> in = new ArrayList<>();
        Attributes a = n.attributes();
        String[] names = {"q_perm", "k_perm", "v_perm"};
        for (int i = 0; i < 3; i++) {
            int[] perm = views.perm(n.input(i));
            if (perm[3] != 3) perm = new int[]{0, 2, 1, 3};
            in.add(views.as(n.input(i), perm));
            a = a.with(names[i], longs(perm));
        }
        if (n.input(3) != null) in.add(views.plain(n.input(3)));
        int[] out = {0, 2, 1, 3};
        emit(n, in, a.with("out_perm", longs(out)), out);
        return true;
    }

    private static long[] longs(int[] a) { return IntStream.of(a).asLongStream().toArray(); }

    private boolean transpose(Node n) {
        int rank = PlanGraph.shape(n.input(0)).rank();
        long[] q = n.attributes().integers("perm", null);
        int[] inverse = new int[rank];
        for (int i = 0; i < rank; i++)
            inverse[q == null ? rank - 1 - i : (int) q[i]] = i;
        Views.View w = views.get(n.input(0));
        views.put(n.output(0), w.physical(), IntStream.of(w.perm()).map(p -> inverse[p]).toArray());
        return true;
    }

    private boolean reshape(Node n) {
        Views.View w = views.reshaped(n.input(0), PlanGraph.shape(n.output(0)), n.output(0).name());
        if (w == null) {
            Value plain = views.plain(n.input(0));
            views.put(n.output(0), views.reshape(plain, PlanGraph.shape(n.output(0)), n.output(0).name()),
                    Views.identity(PlanGraph.shape(n.output(0)).rank()));
        } else views.put(n.output(0), w.physical(), w.perm());
        return true;
    }

    /** The first {@code count} inputs broadcast against each other; others are scalars (Clip's bounds). */
    private boolean elementwise(Node n, int count) {
        Shape shape = PlanGraph.shape(n.output(0));
        int rank = shape.rank();
        int[] perm = null;
        long best = -1;
        for (int i = 0; i < count; i++) {
            Value v = n.input(i);
            if (v == null || v.isConstant() || PlanGraph.shape(v).rank() != rank || PlanGraph.shape(v).size() <= best) continue;
            best = PlanGraph.shape(v).size();
            perm = views.perm(v);
        }
        if (perm == null || Views.isIdentity(perm)) return false;
        List<Value> in = new ArrayList<>();
        for (int i = 0; i < n.inputs().size(); i++)
            in.add(n.input(i) == null ? null : i >= count ? views.plain(n.input(i)) : broadcast(n.input(i), perm));
        emit(n, in, n.attributes(), perm);
        return true;
    }

    /** v in the order perm of a higher rank: leading dimensions of 1 are added first. */
    private Value broadcast(Value v, int[] perm) {
        Shape s = PlanGraph.shape(v);
        if (s.size() == 1 && s.rank() == 0) return views.plain(v);
        if (s.rank() == perm.length) return views.as(v, perm);
        long[] dims = new long[perm.length];
        int pad = perm.length - s.rank();
        Arrays.fill(dims, 0, pad, 1);
        System.arraycopy(s.dims(), 0, dims, pad, s.rank());
        Value full = views.reshape(views.plain(v), Shape.of(dims), v.name() + "/rank" + perm.length);
        return views.as(full, perm);
    }

    private static long at(int[] perm, int axis) { return Views.inverse(perm)[axis]; }

    private boolean alongAxis(Node n) {
        int[] perm = views.perm(n.input(0));
        int axis = Shape.axis(n.attributes().integer("axis", -1), perm.length);
        emit(n, List.of(views.as(n.input(0), perm)), n.attributes().with("axis", at(perm, axis)), perm);
        return true;
    }

    /** The normalized axes must be the last ones in memory, in order. */
    private boolean layerNorm(Node n) {
        int[] perm = views.perm(n.input(0));
        int axis = Shape.axis(n.attributes().integer("axis", -1), perm.length);
        if (n.output(1) != null || n.output(2) != null) return false;
        for (int i = axis; i < perm.length; i++)
            if (perm[i] != i) return false;
        List<Value> in = new ArrayList<>(List.of(views.as(n.input(0), perm)));
        for (int i = 1; i < n.inputs().size(); i++)
            in.add(views.plain(n.input(i)));
        emit(n, in, n.attributes().with("axis", axis), perm);
        return true;
    }

    private boolean concat(Node n) {
        int[] perm = null;
        for (Value v : n.inputs())
            if (!v.isConstant() && (perm == null || !Views.isIdentity(views.perm(v)))) perm = views.perm(v);
        if (perm == null || n.opset() < 4) return false;
        int axis = Shape.axis(n.attributes().integer("axis"), perm.length);
        List<Value> in = new ArrayList<>();
        for (Value v : n.inputs())
            in.add(views.as(v, perm));
        emit(n, in, n.attributes().with("axis", at(perm, axis)), perm);
        return true;
    }

    private boolean split(Node n) {
        int[] perm = views.perm(n.input(0));
        int axis = Shape.axis(n.attributes().integer("axis", 0), perm.length);
        List<Value> in = new ArrayList<>(n.inputs());
        in.set(0, views.as(n.input(0), perm));
        emit(n, in, n.attributes().with("axis", at(perm, axis)), perm);
        return true;
    }

    private boolean slice(Node n) {
        int[] perm = views.perm(n.input(0));
        if (Views.isIdentity(perm) || n.opset() < 10) return false;
        long[] starts = PlanGraph.longs(n.input(1));
        long[] axes = n.input(3) != null ? PlanGraph.longs(n.input(3)) : starts == null ? null : longs(Views.identity(starts.length));
        if (axes == null || n.input(2) == null || !n.input(2).isConstant() || n.input(4) != null && !n.input(4).isConstant()) return false;
        long[] moved = Arrays.stream(axes).map(a -> at(perm, Shape.axis(a, perm.length))).toArray();
        List<Value> in = new ArrayList<>(List.of(views.as(n.input(0), perm), asLongs(n.input(1)), asLongs(n.input(2)),
                g.constant("axes", Shape.of(moved.length), moved)));
        if (n.input(4) != null) in.add(asLongs(n.input(4)));
        emit(n, in, n.attributes(), perm);
        return true;
    }

    /** Slice wants all its index inputs of one type. */
    private Value asLongs(Value v) {
        return g.constant(v.name(), Shape.of(v.constant().size()), v.constant().toLongs());
    }

    /** One index, or a list of them, along one axis. */
    private boolean gather(Node n) {
        int[] perm = views.perm(n.input(0));
        Shape indices = PlanGraph.shape(n.input(1));
        if (Views.isIdentity(perm) || indices.rank() > 1) return false;
        int axis = Shape.axis(n.attributes().integer("axis", 0), perm.length);
        int[] out = indices.rank() == 1 ? perm : IntStream.of(perm).filter(p -> p != axis).map(p -> p > axis ? p - 1 : p).toArray();
        emit(n, List.of(views.as(n.input(0), perm), views.plain(n.input(1))), n.attributes().with("axis", at(perm, axis)), out);
        return true;
    }

    /** Pads move with their axes. */
    private boolean pad(Node n) {
        int[] perm = views.perm(n.input(0));
        long[] pads = n.input(1) == null ? null : PlanGraph.longs(n.input(1));
        if (Views.isIdentity(perm) || n.opset() < 11 || pads == null || n.input(3) != null) return false;
        long[] moved = new long[pads.length];
        for (int i = 0; i < perm.length; i++) {
            moved[i] = pads[perm[i]];
            moved[perm.length + i] = pads[perm.length + perm[i]];
        }
        List<Value> in = new ArrayList<>(List.of(views.as(n.input(0), perm), g.constant("pads", Shape.of(moved.length), moved)));
        if (n.input(2) != null) in.add(views.plain(n.input(2)));
        emit(n, in, n.attributes(), perm);
        return true;
    }

    /** Reduced axes keep their order among themselves in memory, so that the order of summation, and the bits, stay. */
    private boolean reduce(Node n) {
        int[] perm = views.perm(n.input(0));
        if (Views.isIdentity(perm)) return false;
        long[] axes = n.attributes().integers("axes", n.input(1) != null ? PlanGraph.longs(n.input(1)) : null);
        if (axes == null || axes.length == 0) return false;
        boolean[] reduced = new boolean[perm.length];
        for (long a : axes)
            reduced[Shape.axis(a, perm.length)] = true;
        int last = -1;
        List<Long> moved = new ArrayList<>();
        for (int i = 0; i < perm.length; i++) {
            if (!reduced[perm[i]]) continue;
            if (perm[i] < last) return false;
            last = perm[i];
            moved.add((long) i);
        }
        int[] out = perm;
        if (n.attributes().integer("keepdims", 1) == 0) {
            int[] rank = new int[perm.length];
            for (int i = 1; i < rank.length; i++)
                rank[i] = rank[i - 1] + (reduced[i - 1] ? 0 : 1);
            out = IntStream.of(perm).filter(p -> !reduced[p]).map(p -> rank[p]).toArray();
        }
        long[] m = moved.stream().mapToLong(Long::longValue).toArray();
        Value x = views.as(n.input(0), perm);
        if (n.input(1) != null) emit(n, List.of(x, g.constant("axes", Shape.of(m.length), m)), n.attributes(), out);
        else emit(n, List.of(x), n.attributes().with("axes", m), out);
        return true;
    }
}
