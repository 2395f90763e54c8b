package dev.reprise.engine.plan;

import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.ops.kernel.Conv;
import dev.reprise.ops.kernel.Kernel;
import java.util.List;
import java.util.Objects;

/**
 * One step of a {@link Plan}, as it is shown.
 *
 * @param node     name
 * @param operator of the optimized graph
 * @param kernel   what runs; "at run time" where that is known only then
 * @param inputs   types, those of weights too
 * @param outputs  types
 * @param flops    multiplications and additions
 * @param bytes    that it reads and writes at least: of all inputs and outputs
 * @param scratch  bytes that it needs besides
 * @param parts    how often the kernel runs, each time for a part of the batch
 */
public record PlanStep(String node, String operator, String kernel, List<String> inputs, List<String> outputs, long flops, long bytes,
        long scratch, int parts) {
    static PlanStep of(Node n, Kernel whole, Kernel k, int parts, int threads) {
        long bytes = 0;
        for (List<Value> values : List.of(n.inputs(), n.outputs()))
            for (Value v : values)
                if (v != null) bytes += PlanGraph.shape(v).size() * PlanGraph.dtype(v).bytes();
        return new PlanStep(n.name(), n.opType(), name(k), types(n.inputs()), types(n.outputs()), whole.flops(), bytes,
                k.scratchBytes(threads), parts);
    }

    static PlanStep late(Node n) {
        return new PlanStep(n.name(), n.opType(), "at run time", types(n.inputs()), types(n.outputs()), 0, 0, 0, 1);
    }

    private static List<String> types(List<Value> values) {
        return values.stream().filter(Objects::nonNull).map(v -> v.type() == null ? "?" : v.type().toString()).toList();
    }

    private static String name(Kernel k) {
        if (k instanceof Conv c) return "Conv " + c.algorithm();
        String name = k.getClass().getName();
        // A kernel that is a lambda bears the name of the class it stands in.
        int lambda = name.indexOf("$$Lambda");
        if (lambda >= 0) name = name.substring(0, lambda);
        return name.substring(name.lastIndexOf('.') + 1).replaceFirst("\\$\\d+$", "").replace('$', '.');
    }
}
