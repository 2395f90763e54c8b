package dev.reprise.loaders.weights;

import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.loaders.LoadException;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Puts the tensors of a weight file in the place of a graph's initializers of the same names.
 *
 * <p>Names: the file's begin with {@code prefix}, the graph's with {@code strip}, what follows is equal. Where neither is given they are
 * found: the prefix (such as {@code model.}, {@code module.} or {@code ema.}), on either side, under which most initializers are there;
 * where two do equally well, the choice is the caller's. Element types must be equal, or the file's be one that the graph's holds
 * exactly; {@code round} allows the rest. An initializer of floating-point numbers, other than a scalar, that the file lacks is an
 * error, as it would keep its old value, unless {@code partial}. Initializers that the exporter joined because they were equal are taken
 * apart again.
 *
 * @param file    see {@link WeightFile}
 * @param prefix  that the names have in the file; null to find it
 * @param strip   that the names have in the graph; null to find it
 * @param partial leave what the file lacks as it is in the graph
 * @param round   allow float64 to become float32, and these to become float16 or bfloat16
 */
public record WeightBinding(Path file, String prefix, String strip, boolean partial, boolean round) {
    private static final int NAMED = 8;

    /** The usual binding of a file: names found, nothing left out, nothing rounded. */
    public static WeightBinding of(Path file) {
        return new WeightBinding(file, null, null, false, false);
    }

    /** @param unused tensors of the file that no initializer asked for */
    public record Report(int bound, List<String> kept, int unused, String prefix, String strip) {
        @Override
        public String toString() {
            return bound + " initializers bound" + (prefix.isEmpty() ? "" : ", prefix '" + prefix + "'")
                    + (strip.isEmpty() ? "" : ", less '" + strip + "'") + (kept.isEmpty() ? "" : ", " + kept.size() + " kept")
                    + (unused == 0 ? "" : ", " + unused + " tensors unused");
        }
    }

    /**
     * Binds.
     *
     * @param weights the opened file, whose arena outlives the graph
     * @param arena   owns converted tensors
     * @throws LoadException naming what does not fit
     */
    public Report apply(Graph graph, WeightFile weights, Arena arena) {
        Map<String, List<Value>> initializers = new LinkedHashMap<>();
        collect(graph, initializers);
        Map<String, Alias> aliases = new LinkedHashMap<>();
        aliases(graph, aliases);
        Set<String> all = new LinkedHashSet<>(initializers.keySet());
        all.addAll(aliases.keySet());
        Names names = Names.of(this, all, weights);
        for (Alias a : aliases.values())
            if (weights.entries().containsKey(names.inFile(a.value().name()))) {
                a.value().constant(a.node().input(0).constant());
                a.graph().nodes().remove(a.node());
                initializers.put(a.value().name(), List.of(a.value()));
            }
        List<String> kept = new ArrayList<>(), missing = new ArrayList<>();
        int bound = 0;
        for (Map.Entry<String, List<Value>> i : initializers.entrySet()) {
            Tensor before = i.getValue().getFirst().constant();
            String name = names.inFile(i.getKey());
            if (name == null || !weights.entries().containsKey(name)) {
                kept.add(i.getKey());
                if (before.dtype().isFloat() && before.shape().rank() > 0) missing.add(i.getKey());
                continue;
            }
            Tensor t = fitted(weights.tensor(name), before, i.getKey(), name, weights, arena);
            i.getValue().forEach(v -> v.constant(t));
            bound++;
        }
        if (bound == 0)
            throw new LoadException(weights.name(),
                    "no tensor bears the name of an initializer: the file has " + some(weights.entries().keySet())
                            + ", the graph " + some(initializers.keySet()) + "; a prefix to put before or to take off can be given "
                            + "(--weights-prefix, --weights-strip)");
        if (!missing.isEmpty() && !partial)
            throw new LoadException(weights.name(),
                    "lacks " + missing.size() + " of " + initializers.size() + " initializers: " + some(missing)
                            + " (looked for under '" + names.prefix
                            + "'); exporters rename initializers that they fold: torch.onnx.export wants "
                            + "do_constant_folding=False and training=TrainingMode.PRESERVE, so that they keep the names and values of the state dict; or "
                            + "allow these to keep the values of the graph (--weights-partial)");
        return new Report(bound, List.copyOf(kept), weights.entries().size() - bound, names.prefix, names.strip);
    }

    private static void collect(Graph g, Map<String, List<Value>> found) {
        for (Node n : g.nodes()) {
            for (Value v : n.inputs())
                add(v, found);
            for (String a : n.attributes().names()) {
                if (n.attributes().get(a) instanceof Graph inner) collect(inner, found);
                if (n.attributes().get(a) instanceof Graph[] inner)
                    for (Graph i : inner)
                        collect(i, found);
            }
        }
        g.outputs().forEach(v -> add(v, found));
    }

    /**
     * PyTorch's exporter keeps one of several initializers that happen to be equal (zeros, ones) and makes the others an Identity of it:
     * with other weights they differ again.
     */
    private record Alias(Graph graph, Node node, Value value) {}

    private static void aliases(Graph g, Map<String, Alias> found) {
        for (Node n : g.nodes())
            if (n.is("Identity") && n.input(0) != null && n.input(0).isConstant() && n.output(0) != null)
                found.putIfAbsent(n.output(0).name(), new Alias(g, n, n.output(0)));
    }

    private static void add(Value v, Map<String, List<Value>> found) {
        if (v == null || !v.isConstant()) return;
        List<Value> same = found.computeIfAbsent(v.name(), _ -> new ArrayList<>(1));
        if (same.stream().noneMatch(x -> x == v)) same.add(v);
    }

    private Tensor fitted(Tensor t, Tensor want, String initializer, String name, WeightFile weights, Arena arena) {
        String what = "tensor '" + name + "' " + t + " does not fit initializer '" + initializer + "' " + want;
        boolean scalars = t.size() == 1 && want.size() == 1 && t.shape().rank() <= 1 && want.shape().rank() <= 1;
        if (!t.shape().equals(want.shape()) && !scalars)
            throw new LoadException(weights.name(), what + (t.shape().rank() == 2 && want.shape().rank() == 2
                    && t.shape().permute(1, 0).equals(want.shape())
                            ? ": the exporter has transposed it; export with do_constant_folding=False"
                            : ""));
        if (t.dtype() == want.dtype()) return t.reshape(want.shape());
        boolean exact = t.dtype().isHalf() && (want.dtype() == DType.FLOAT32 || want.dtype() == DType.FLOAT64)
                || t.dtype() == DType.FLOAT32 && want.dtype() == DType.FLOAT64;
        if (!exact && !(round && t.dtype().isFloat() && want.dtype().isFloat()))
            throw new LoadException(weights.name(),
                    what + (t.dtype().isFloat() && want.dtype().isFloat()
                            ? " without rounding, which has to be allowed (--weights-round)"
                            : ""));
        Tensor converted = Tensor.allocate(arena, want.dtype(), want.shape());
        for (long i = 0; i < t.size(); i++)
            converted.setDouble(i, t.getDouble(i));
        return converted;
    }

    static String some(Iterable<String> names) {
        List<String> first = new ArrayList<>();
        int n = 0;
        for (String s : names)
            if (n++ < NAMED) first.add("'" + s + "'");
        return String.join(", ", first) + (n > NAMED ? " and " + (n - NAMED) + " more" : "");
    }
}
