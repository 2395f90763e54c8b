package dev.reprise.bench;

import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.ops.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Time, rate of operations and of bytes for every node of a plan, as executed: medians of many runs, slowest first. */
record Profile(List<Entry> nodes) {
    /**
     * @param name  of the node in the model, or of what passes made of several
     * @param shape of the first output
     * @param ms    median of its times
     * @param gflop float multiplications and additions in 1e9, 0 where it does none worth counting
     * @param bytes of the tensors that it reads (weights as the model has them) and writes
     */
    record Entry(String name, String operator, String shape, double ms, double gflop, double bytes) {}

    private static final int RUNS = 21;
    private static final int SHOWN = 25;

    static Profile of(Reprise engine, Map<String, Tensor> inputs) {
        Map<Node, List<Double>> times = new IdentityHashMap<>();
        Map<Node, Double> flops = new LinkedHashMap<>();
        for (int i = 0; i < RUNS; i++)
            engine.observed(inputs, (node, kernel, nanos) -> {
                times.computeIfAbsent(node, _ -> new ArrayList<>()).add(nanos / 1e6);
                flops.put(node, kernel == null ? 0.0 : kernel.flops());
            });
        return new Profile(flops.entrySet().stream().map(e -> {
            Node n = e.getKey();
            return new Entry(n.name(), n.opType(), shape(n), Series.median(times.get(n)), e.getValue() / 1e9, bytes(n));
        }).sorted(Comparator.comparingDouble((Entry e) -> e.ms).reversed()).toList());
    }

    private static String shape(Node n) {
        return n.outputs().getFirst() != null && n.output(0).type() instanceof ValueType.TensorType t && t.shape() != null
                ? t.shape().toString()
                : "";
    }

    private static double bytes(Node n) {
        double sum = 0;
        for (List<Value> values : List.of(n.inputs(), n.outputs()))
            for (Value v : values)
                if (v != null && v.type() instanceof ValueType.TensorType t && t.shape() != null)
                    sum += t.shape().size() * t.dtype().bytes();
        return sum;
    }

    String table() {
        StringBuilder out = new StringBuilder();
        Map<String, double[]> operators = new LinkedHashMap<>();
        for (Entry e : nodes) {
            double[] d = operators.computeIfAbsent(e.operator, _ -> new double[4]);
            d[0] += e.ms;
            d[1] += e.gflop;
            d[2] += e.bytes;
            d[3]++;
        }
        double total = nodes.stream().mapToDouble(Entry::ms).sum();
        line(out, "operator", "nodes", "ms", "share", "GFLOP/s", "GB/s");
        operators.entrySet().stream().sorted((a, b) -> Double.compare(b.getValue()[0], a.getValue()[0])).forEach(e -> {
            double[] d = e.getValue();
            line(out, e.getKey(), "%.0f".formatted(d[3]), d[0], total, d[1], d[2]);
        });
        line(out, "node", "", "ms", "share", "GFLOP/s", "GB/s");
        for (Entry e : nodes.subList(0, Math.min(SHOWN, nodes.size())))
            line(out, e.operator + " " + e.shape + " " + e.name, "", e.ms, total, e.gflop, e.bytes);
        if (nodes.size() > SHOWN) out.append("    and %d more; --json has all%n".formatted(nodes.size() - SHOWN));
        return out.toString();
    }

    private static void line(StringBuilder out, String name, String count, double ms, double total, double gflop, double bytes) {
        line(out, name, count, number("%.3f", ms), number("%.1f %%", 100 * ms / total), gflop == 0 ? "" : number("%.1f", gflop / ms * 1e3),
                number("%.1f", bytes / ms / 1e6));
    }

    private static String number(String format, double v) { return String.format(Locale.ROOT, format, v); }

    private static void line(StringBuilder out, String name, String... columns) {
        String cut = name.length() <= 72 ? name : name.substring(0, 71) + "…";
        out.append("    %-72s %5s %9s %8s %9s %8s%n".formatted(cut, columns[0], columns[1], columns[2], columns[3], columns[4]));
    }
}
