package dev.reprise.engine.pass;

import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.operator.Operator;
import dev.reprise.engine.operator.Registry;
import dev.reprise.engine.operator.WeightCache;
import dev.reprise.engine.plan.Interpreter;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * What can be done to a model once, whatever its input shapes: nodes whose inputs are all constants are computed, and
 * BatchNormalization behind a Conv is folded into its weights. Done here and not per plan so that plans share the results
 * (and their packed forms).
 */
public final class Prepare {
    private Prepare() {}

    /** @param arena as long-lived as the model's weights */
    public static void run(Graph graph, Arena arena) {
        try (Workers workers = new Workers(1)) {
            foldConstants(graph, arena, workers);
        }
        foldBatchNorms(graph, arena);
    }

    private static void foldConstants(Graph graph, Arena arena, Workers workers) {
        Interpreter interpreter = new Interpreter(arena, workers, WeightCache.none(arena));
        for (Iterator<Node> it = graph.nodes().iterator(); it.hasNext();) {
            Node n = it.next();
            boolean constant = n.inputs().stream().allMatch(v -> v == null || v.isConstant());
            if (!constant || !(Registry.get().lookup(n) instanceof Operator.Static) || expands(n)) continue;
            interpreter.run(n);
            for (Value v : n.outputs())
                if (v != null && interpreter.get(v) instanceof Tensor t) v.constant(t);
            it.remove();
        }
    }

    /** Operators that make much of little are left to run. */
    private static boolean expands(Node n) {
        return switch (n.opType()) {
            case "ConstantOfShape", "Expand", "Tile", "Range", "EyeLike" -> true;
            default -> false;
        };
    }

    private static void foldBatchNorms(Graph graph, Arena arena) {
        List<Node> nodes = new ArrayList<>(graph.nodes());
        for (Node bn : nodes) {
            if (!bn.is("BatchNormalization") || bn.output(1) != null || bn.attributes().flag("training_mode", false)) continue;
            Node conv = nodes.stream().filter(n -> n.is("Conv") && n.output(0) == bn.input(0)).findFirst().orElse(null);
            if (conv == null || uses(graph, bn.input(0)) != 1 || !constants(bn, 1, 4) || !float32(conv.input(1))
                    || conv.input(2) != null && !float32(conv.input(2)))
                continue;
            if (nodes.stream().anyMatch(n -> n.attributes().names().stream().anyMatch(a -> n.attributes().get(a) instanceof Graph))) return;
            fold(graph, conv, bn, arena);
        }
    }

    private static boolean float32(Value v) { return v != null && v.isConstant() && v.constant().dtype() == DType.FLOAT32; }

    private static boolean constants(Node n, int from, int to) {
        for (int i = from; i <= to; i++)
            if (!float32(n.input(i))) return false;
        return true;
    }

    private static long uses(Graph graph, Value v) {
        long n = graph.outputs().stream().filter(o -> o == v).count();
        for (Node node : graph.nodes())
            n += node.inputs().stream().filter(i -> i == v).count();
        return n;
    }

    /** w' = w g / sqrt(var + eps), b' = (b - mean) g / sqrt(var + eps) + beta: in float64, rounded once. */
    private static void fold(Graph graph, Node conv, Node bn, Arena arena) {
        Tensor w = conv.input(1).constant();
        long channels = w.shape().dim(0), each = w.size() / Math.max(channels, 1);
        Tensor scaled = Tensor.allocate(arena, DType.FLOAT32, w.shape());
        Tensor bias = Tensor.allocate(arena, DType.FLOAT32, dev.reprise.ops.tensor.Shape.of(channels));
        double epsilon = bn.attributes().real("epsilon", 1e-5f);
        for (long c = 0; c < channels; c++) {
            double factor = bn.input(1).constant().getFloat(c) / Math.sqrt(bn.input(4).constant().getFloat(c) + epsilon);
            for (long i = c * each; i < (c + 1) * each; i++)
                scaled.setFloat(i, (float) (w.getFloat(i) * factor));
            double b = conv.input(2) == null ? 0 : conv.input(2).constant().getFloat(c);
            bias.setFloat(c, (float) ((b - bn.input(3).constant().getFloat(c)) * factor + bn.input(2).constant().getFloat(c)));
        }
        List<Value> inputs = List.of(conv.input(0), Value.constant(conv.input(1).name() + "/folded", scaled),
                Value.constant(bn.input(2).name() + "/folded", bias));
        Node folded = new Node(conv.name(), conv.domain(), conv.opType(), conv.opset(), inputs, List.of(bn.output(0)), conv.attributes());
        graph.nodes().set(graph.nodes().indexOf(conv), folded);
        graph.nodes().remove(bn);
    }
}
