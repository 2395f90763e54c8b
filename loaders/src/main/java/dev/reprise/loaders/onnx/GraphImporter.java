package dev.reprise.loaders.onnx;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.operator.Registry;
import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.Source;
import dev.reprise.loaders.onnx.proto.Onnx.AttributeProto;
import dev.reprise.loaders.onnx.proto.Onnx.FunctionProto;
import dev.reprise.loaders.onnx.proto.Onnx.GraphProto;
import dev.reprise.loaders.onnx.proto.Onnx.NodeProto;
import dev.reprise.loaders.onnx.proto.Onnx.SparseTensorProto;
import dev.reprise.loaders.onnx.proto.Onnx.TensorProto;
import dev.reprise.loaders.onnx.proto.Onnx.TypeProto;
import dev.reprise.loaders.onnx.proto.Onnx.ValueInfoProto;
import dev.reprise.ops.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Turns GraphProtos into {@link Graph}s: names become values, calls of the model's functions become their bodies. */
final class GraphImporter {
    /** Graphs in graphs and calls in calls together. */
    private static final int MAX_DEPTH = 100;
    /** Functions that call functions several times can grow exponentially. */
    private static final int MAX_NODES = 250_000;

    private final Source source;
    private final FunctionLibrary functions;
    private final TensorReader tensors;
    private final TypeReader types;
    private final AttributeReader attributes;
    private final Set<FunctionProto> active = new HashSet<>();
    private final long maxNodes = Math.min(MAX_NODES, Runtime.getRuntime().maxMemory() / 2000);
    private long nodes;
    private int depth;

    GraphImporter(Source source, FunctionLibrary functions, TensorReader tensors) {
        this.source = source;
        this.functions = functions;
        this.tensors = tensors;
        this.types = new TypeReader(source);
        this.attributes = new AttributeReader(source, tensors, types);
    }

    /** @param scope a new one, for this graph's names */
    Graph graph(GraphProto g, Scope scope) {
        enter("graph '" + g.getName() + "'");
        Map<String, TypeProto> declared = new HashMap<>();
        for (ValueInfoProto v : g.getValueInfoList())
            declared.put(v.getName(), v.getType());
        for (ValueInfoProto v : g.getOutputList())
            declared.put(v.getName(), v.getType());

        for (TensorProto t : g.getInitializerList())
            initializer(scope, t.getName(), tensors.read(t, "initializer '" + t.getName() + "'"));
        for (SparseTensorProto t : g.getSparseInitializerList())
            initializer(scope, t.getValues().getName(), tensors.read(t, "sparse initializer '" + t.getValues().getName() + "'"));

        List<Value> inputs = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (ValueInfoProto v : g.getInputList()) {
            if (v.getName().isEmpty()) throw source.error("an input of graph '" + g.getName() + "' has no name");
            if (!seen.add(v.getName())) throw source.error("graph input '" + v.getName() + "' is listed twice");
            ValueType type = types.read(v.getType(), "graph input '" + v.getName() + "'");
            if (scope.definesHere(v.getName())) {
                checkInitializer(scope.get(v.getName()), type);
                continue;
            }
            Value input = new Value(scope.prefix() + v.getName(), type);
            scope.define(v.getName(), input);
            inputs.add(input);
        }
        declareOutputs(g.getNodeList(), scope, declared);

        List<Node> list = new ArrayList<>(g.getNodeCount());
        for (NodeProto n : g.getNodeList())
            node(n, scope, list);
        List<Value> outputs = new ArrayList<>();
        for (ValueInfoProto v : g.getOutputList())
            outputs.add(output(v, scope));
        depth--;
        return new Graph(g.getName(), inputs, outputs, TopologicalOrder.sort(source, list));
    }

    private void enter(String what) {
        if (++depth > MAX_DEPTH) throw source.error(what + ": graphs and function calls are nested deeper than " + MAX_DEPTH + " levels");
    }

    private void initializer(Scope scope, String name, Tensor tensor) {
        if (name.isEmpty()) throw source.error("an initializer has no name");
        if (!scope.define(name, Value.constant(scope.prefix() + name, tensor)))
            throw source.error("initializer '" + name + "' is defined twice");
    }

    private void checkInitializer(Value v, ValueType declared) {
        if (declared == null) return;
        if (!(declared instanceof ValueType.TensorType t) || t.dtype() != v.constant().dtype())
            throw source.error(
                    "initializer '" + v.name() + "' is " + v.constant() + " but the graph input of that name is declared as " + declared);
    }

    private Value output(ValueInfoProto v, Scope scope) {
        String name = v.getName();
        if (!scope.knows(name) || scope.get(name) == null)
            throw source.error("graph output '" + name + "' is produced by nothing: no input, initializer or node output has that name");
        Value value = scope.get(name);
        if (value.type() == null) value.type(types.read(v.getType(), "graph output '" + name + "'"));
        return value;
    }

    /** Gives every output of these nodes a value before any node is read: subgraphs and unsorted nodes may look ahead. */
    private void declareOutputs(List<NodeProto> list, Scope scope, Map<String, TypeProto> declared) {
        for (NodeProto n : list)
            for (String name : n.getOutputList()) {
                if (name.isEmpty()) continue;
                Value v = new Value(scope.prefix() + name, typeOf(declared.get(name)));
                if (!scope.define(name, v))
                    throw source.error(describe(n) + ": output '" + name
                            + "' is already the name of an input, an initializer or another node's output");
            }
    }

    /** A hint about a value inside the graph; what cannot be stored is left to the operator that would make it. */
    private ValueType typeOf(TypeProto t) {
        if (t == null) return null;
        try {
            return types.read(t, "value");
        } catch (LoadException e) {
            if (e.unsupported()) return null;
            throw e;
        }
    }

    private void node(NodeProto n, Scope scope, List<Node> into) {
        if (++nodes > maxNodes)
            throw source
                    .error("has more than " + maxNodes + " nodes once its functions are inlined; if that is meant, raise the JVM's -Xmx");
        if (n.getOpType().isEmpty()) throw source.error(describe(n) + ": has no operator type");
        List<Value> inputs = new ArrayList<>(n.getInputCount());
        for (String name : n.getInputList()) {
            if (!name.isEmpty() && !scope.knows(name))
                throw source.error(describe(n) + ": input '" + name
                        + "' is produced by nothing: no graph input, initializer or node output has that name");
            inputs.add(name.isEmpty() ? null : scope.get(name));
        }
        List<Value> outputs = new ArrayList<>(n.getOutputCount());
        for (String name : n.getOutputList())
            outputs.add(name.isEmpty() ? null : scope.get(name));
        Map<String, Object> attrs = attributes(n, scope);
        FunctionProto f = functions.find(n);
        if (f != null) inline(f, n, scope, inputs, outputs, attrs, into);
        else {
            String domain = FunctionLibrary.domain(n.getDomain());
            into.add(new Node(n.getName().isEmpty() ? "" : scope.prefix() + n.getName(), domain, n.getOpType(), opset(n, domain, scope),
                    inputs, outputs,
                    Attributes.of(attrs)));
        }
    }

    private int opset(NodeProto n, String domain, Scope scope) {
        Long v = scope.opset(domain);
        if (!domain.isEmpty()) return v == null ? 1 : Math.clamp(v, 0, Integer.MAX_VALUE);
        if (v == null)
            throw source.error(describe(n) + ": the " + (scope.callAttributes() == null ? "model" : "function")
                    + " imports no version of ONNX's operator set");
        if (v < 1) throw source.error("imports version " + v + " of ONNX's operator set");
        if (v > Registry.MAX_OPSET)
            throw source.unsupported("version " + v + " of ONNX's operator set (the newest known is " + Registry.MAX_OPSET + ")");
        return v.intValue();
    }

    private Map<String, Object> attributes(NodeProto n, Scope scope) {
        Map<String, Object> m = new LinkedHashMap<>();
        for (AttributeProto a : n.getAttributeList()) {
            String where = describe(n) + ", attribute '" + a.getName() + "'";
            if (a.getName().isEmpty()) throw source.error(describe(n) + ": an attribute has no name");
            Object v;
            if (!a.getRefAttrName().isEmpty()) {
                if (scope.callAttributes() == null)
                    throw source.error(where + ": refers to '" + a.getRefAttrName() + "' outside of a function");
                v = scope.callAttributes().get(a.getRefAttrName());
                if (v == null) continue; // the call leaves it out: so does the body
            } else v = attributes.read(a, where, g -> graph(g, scope.ofSubgraph()));
            if (m.put(a.getName(), v) != null) throw source.error(where + ": is given twice");
        }
        return m;
    }

    private void inline(FunctionProto f, NodeProto call, Scope caller, List<Value> inputs, List<Value> outputs, Map<String, Object> attrs,
            List<Node> into) {
        String name = FunctionLibrary.describe(f);
        enter("function " + name);
        if (!active.add(f)) throw source.error("function " + name + " calls itself, directly or through others");
        if (inputs.size() > f.getInputCount())
            throw source.error(describe(call) + ": function " + name + " takes " + f.getInputCount() + " inputs, found " + inputs.size());
        if (outputs.size() > f.getOutputCount())
            throw source
                    .error(describe(call) + ": function " + name + " gives " + f.getOutputCount() + " outputs, found " + outputs.size());
        Map<String, Object> values = new HashMap<>(attrs);
        for (AttributeProto a : f.getAttributeProtoList())
            if (!values.containsKey(a.getName()))
                values.put(a.getName(), attributes.read(a, "function " + name + ", attribute '" + a.getName() + "'",
                        g -> graph(g, Scope.ofModel(f.getOpsetImportList()))));
        String callName = !call.getName().isEmpty()
                ? call.getName()
                : outputs.stream().anyMatch(o -> o != null) ? describeOutput(call) : call.getOpType();
        Scope body = Scope.ofFunction(f.getOpsetImportList(), caller.prefix() + callName + "/", values);
        for (int i = 0; i < f.getInputCount(); i++)
            if (!body.define(f.getInput(i), i < inputs.size() ? inputs.get(i) : null))
                throw source.error("function " + name + ": input '" + f.getInput(i) + "' is listed twice");

        // The body writes the caller's values directly, but for outputs that are inputs or are listed twice.
        Set<String> produced = new HashSet<>();
        for (NodeProto n : f.getNodeList())
            produced.addAll(n.getOutputList());
        for (int i = 0; i < outputs.size(); i++)
            if (outputs.get(i) != null && produced.contains(f.getOutput(i)) && !body.definesHere(f.getOutput(i)))
                body.define(f.getOutput(i), outputs.get(i));
        Set<String> written = new HashSet<>();
        for (NodeProto n : f.getNodeList())
            for (String o : n.getOutputList()) {
                if (o.isEmpty()) continue;
                if (!written.add(o) || f.getInputList().contains(o))
                    throw source.error("function " + name + ": '" + o + "' is produced twice");
                if (!body.definesHere(o)) body.define(o, new Value(body.prefix() + o, null));
            }
        for (NodeProto n : f.getNodeList())
            node(n, body, into);
        for (int i = 0; i < outputs.size(); i++) {
            if (outputs.get(i) == null) continue;
            String o = f.getOutput(i);
            if (!body.definesHere(o) || body.get(o) == null)
                throw source.error("function " + name + ": output '" + o + "' is produced by nothing");
            if (body.get(o) != outputs.get(i))
                into.add(new Node(body.prefix() + o, "", "Identity", Registry.MAX_OPSET, List.of(body.get(o)), List.of(outputs.get(i)),
                        Attributes.NONE));
        }
        active.remove(f);
        depth--;
    }

    private static String describeOutput(NodeProto n) {
        return n.getOutputList().stream().filter(o -> !o.isEmpty()).findFirst().orElse(n.getOpType());
    }

    private static String describe(NodeProto n) {
        return (n.getDomain().isEmpty() ? "" : n.getDomain() + ".") + n.getOpType() + " node '"
                + (n.getName().isEmpty() ? describeOutput(n) : n.getName()) + "'";
    }
}
