package dev.reprise.engine;

import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.operator.OperatorException;
import dev.reprise.engine.operator.Registry;
import dev.reprise.engine.pass.Prepare;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * An imported model: its graph, its weights (mapped from the file) and what the file says about itself. Immutable and
 * thread-safe; {@link #close} unmaps the weights, after its sessions are closed.
 */
public final class Model implements AutoCloseable {
    /**
     * @param name     file name or graph name, for messages
     * @param sha256   of the model file, followed by the files of its external data in the order of their names; hex, "" where there is none. With
     *                 other weights bound: of that hash and the weight file's
     * @param opset    version of the default operator set
     * @param producer who wrote it
     * @param metadata the model's metadata_props
     */
    public record Info(String name, String sha256, int irVersion, int opset, String producer, Map<String, String> metadata) {}

    private static final int NAMED = 20;

    private final Graph graph;
    private final Supplier<Info> info;
    private final Arena arena;
    private final Consumer<Tensor> forget;
    private final Uses uses;
    private boolean prepared;

    /** @param arena owns the memory of the weights; closed with the model */
    public Model(Graph graph, Info info, Arena arena) {
        this(graph, info.name(), () -> info, arena, t -> {});
    }

    /**
     * @param info   may still be at work (the hash of a large file takes a while): it is asked when first needed, and before the
     *               weights are freed; gives the same each time
     * @param arena  owns the memory of the weights; closed with the model
     * @param forget is told of weights that are hardly read any more because sessions have them in a form of their own; it may
     *               give up their place in memory as long as they come back when read
     */
    public Model(Graph graph, String name, Supplier<Info> info, Arena arena, Consumer<Tensor> forget) {
        this.graph = graph;
        this.info = info;
        this.arena = arena;
        this.forget = forget;
        uses = new Uses("model '" + name + "'", this::release);
    }

    private void release() {
        try {
            info.get();
        } finally {
            arena.close();
        }
    }

    Uses uses() { return uses; }

    void forget(Tensor weight) { forget.accept(weight); }

    public Graph graph() { return graph; }

    /** Bytes of the weights that nodes of the graph read, each as often as it is read. */
    long weightBytes() {
        long bytes = 0;
        for (Node n : graph.nodes())
            for (Value v : n.inputs())
                if (v != null && v.constant() != null) bytes += v.constant().byteSize();
        return bytes;
    }

    public Info info() { return info.get(); }

    /** Folds what does not depend on inputs, once. */
    private synchronized void prepare() {
        if (prepared) return;
        Prepare.run(graph, arena);
        prepared = true;
    }

    /** A session with threads and plans of its own. Close it before the model. */
    public Session session(SessionOptions options) {
        prepare();
        return new Session(this, options);
    }

    /** What Reprise cannot run of this model, a line for each node at fault (those in subgraphs too); empty where it can run all. */
    public List<String> problems() {
        List<String> found = new ArrayList<>();
        collect(graph, found);
        return found;
    }

    /** @throws OperatorException (unsupported) naming the first {@value #NAMED} nodes whose operator, version or attributes are not supported */
    public void check() {
        List<String> found = problems();
        if (found.isEmpty()) return;
        int more = found.size() - NAMED;
        throw new OperatorException(
                String.join("\n  ", found.subList(0, Math.min(NAMED, found.size()))) + (more > 0 ? "\n  and " + more + " more" : ""), true,
                null);
    }

    private static void collect(Graph graph, List<String> found) {
        for (Node n : graph.nodes()) {
            try {
                Registry.get().check(n);
            } catch (OperatorException e) {
                found.add(e.getMessage());
            }
            for (String a : n.attributes().names()) {
                switch (n.attributes().get(a)) {
                    case Graph g -> collect(g, found);
                    case Graph[] gs -> {
                        for (Graph g : gs)
                            collect(g, found);
                    }
                    default -> {
                    }
                }
            }
        }
    }

    /** Frees the weights, as soon as no run uses them any more. */
    @Override
    public void close() { uses.close(); }
}
