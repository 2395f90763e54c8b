package dev.reprise.audit.command;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.graph.ValueType.Dim;
import dev.reprise.engine.operator.OperatorException;
import dev.reprise.engine.plan.Plan;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What {@code inspect} finds out.
 *
 * @param inputs         types by name, as the file declares them
 * @param operators      number of nodes by operator, those of subgraphs included
 * @param parameters     floating-point numbers among the weights
 * @param parameterBytes of the whole of the weights
 * @param execution      null where the model cannot be planned, with the reason in {@code note}
 * @param unsupported    what Reprise cannot run, a line for each reason
 */
public record Inspection(String name, String sha256, int irVersion, int opset, String producer, Map<String, String> inputs,
        Map<String, String> outputs,
        int nodes, Map<String, Integer> operators, long parameters, long parameterBytes, Execution execution, String note,
        Map<String, String> metadata, List<String> unsupported) {
    /**
     * @param shapes       of the inputs, symbolic dimensions at the sizes asked for
     * @param flops        multiplications and additions of one run
     * @param steps        kernels that run
     * @param workingBytes of the intermediate tensors
     * @param plan         null where it was not asked for
     */
    public record Execution(Map<String, String> shapes, long flops, int steps, long workingBytes, PlanView plan) {}

    private static final class Census {
        final Map<String, Integer> operators = new TreeMap<>();
        final Set<Tensor> weights = Collections.newSetFromMap(new IdentityHashMap<>());
        int nodes;

        void visit(Graph g) {
            for (Node n : g.nodes()) {
                nodes++;
                operators.merge(n.domain().isEmpty() ? n.opType() : n.domain() + "." + n.opType(), 1, Integer::sum);
                for (Value v : n.inputs())
                    if (v != null && v.isConstant()) weights.add(v.constant());
                for (String a : n.attributes().names()) {
                    if (n.attributes().get(a) instanceof Graph inner) visit(inner);
                    if (n.attributes().get(a) instanceof Graph[] inner)
                        for (Graph i : inner)
                            visit(i);
                }
            }
        }
    }

    /**
     * @param dims  sizes of symbolic dimensions
     * @param batch size of those that come first and are not there; others are 1
     * @param plan  whether to show every step of the plan
     */
    public static Inspection of(Model model, Map<String, Long> dims, long batch, boolean plan) {
        Census census = new Census();
        census.visit(model.graph());
        List<String> unsupported = reasons(model.problems());
        long parameters = 0, bytes = 0;
        for (Tensor t : census.weights) {
            if (t.dtype().isFloat()) parameters += t.size();
            bytes += t.byteSize();
        }
        Model.Info info = model.info();
        Map<String, String> inputs = types(model.graph().inputs()), outputs = types(model.graph().outputs());
        Execution execution = null;
        String note = unsupported.isEmpty() ? null : "the model is not supported";
        if (unsupported.isEmpty()) try {
            execution = plan(model, dims, batch, plan);
        } catch (OperatorException | IllegalArgumentException e) {
            note = e.getMessage();
        }
        return new Inspection(info.name(), info.sha256(), info.irVersion(), info.opset(), info.producer(), inputs, outputs, census.nodes,
                census.operators, parameters, bytes, execution, note, info.metadata(), unsupported);
    }

    /** Joins the lines of nodes that fail for the same reason into one that names the first. */
    private static List<String> reasons(List<String> problems) {
        Map<String, List<String>> byReason = new LinkedHashMap<>();
        for (String p : problems)
            byReason.computeIfAbsent(p.substring(p.indexOf("': ") + 1), _ -> new ArrayList<>()).add(p);
        return byReason.values().stream().map(l -> l.getFirst() + (l.size() == 1 ? "" : " (and so for " + (l.size() - 1) + " more)"))
                .toList();
    }

    private static Map<String, String> types(List<Value> values) {
        Map<String, String> types = new LinkedHashMap<>();
        for (Value v : values)
            types.put(v.name(), v.type() == null ? "?" : v.type().toString());
        return types;
    }

    private static Execution plan(Model model, Map<String, Long> dims, long batch, boolean view) {
        List<Shape> shapes = new ArrayList<>();
        Map<String, String> shown = new LinkedHashMap<>();
        for (Value v : model.graph().inputs()) {
            if (!(v.type() instanceof ValueType.TensorType t) || t.dims() == null)
                throw new IllegalArgumentException("the rank of input '" + v.name() + "' is not declared");
            long[] d = new long[t.dims().size()];
            for (int i = 0; i < d.length; i++)
                d[i] = switch (t.dims().get(i)) {
                    case Dim.Known k -> k.size();
                    case Dim.Symbol s -> dims.getOrDefault(s.name(), i == 0 ? batch : 1L);
                };
            shapes.add(Shape.of(d));
            shown.put(v.name(), Shape.of(d).toString());
        }
        try (Session session = model.session(SessionOptions.DEFAULT)) {
            Plan p = session.plan(shapes);
            return new Execution(shown, p.flops(), p.steps(), p.arenaBytes(), view ? PlanView.of(session, p) : null);
        }
    }
}
