package dev.reprise.loaders.onnx;

import dev.reprise.engine.graph.Value;
import dev.reprise.loaders.onnx.proto.Onnx.OperatorSetIdProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the names of a graph or of a function's body mean. A subgraph sees the names around it; a name that it defines
 * itself hides an outer one throughout. A function's body sees nothing of its callers but inputs and attributes.
 */
final class Scope {
    private final Scope outer;
    private final Map<String, Value> values = new HashMap<>();
    private final Map<String, Long> opsets;
    private final String prefix;
    private final Map<String, Object> callAttributes;

    private Scope(Scope outer, Map<String, Long> opsets, String prefix, Map<String, Object> callAttributes) {
        this.outer = outer;
        this.opsets = opsets;
        this.prefix = prefix;
        this.callAttributes = callAttributes;
    }

    static Scope ofModel(List<OperatorSetIdProto> imports) { return new Scope(null, opsets(imports), "", null); }

    Scope ofSubgraph() { return new Scope(this, opsets, prefix, callAttributes); }

    /** @param callAttributes what the body's references to attributes mean */
    static Scope ofFunction(List<OperatorSetIdProto> imports, String prefix, Map<String, Object> callAttributes) {
        return new Scope(null, opsets(imports), prefix, callAttributes);
    }

    private static Map<String, Long> opsets(List<OperatorSetIdProto> imports) {
        Map<String, Long> m = new HashMap<>();
        for (OperatorSetIdProto i : imports)
            m.merge(FunctionLibrary.domain(i.getDomain()), i.getVersion(), Math::max);
        return m;
    }

    /** The imported version of a domain, or null. */
    Long opset(String domain) { return opsets.get(domain); }

    /** What nodes and values are named after within a function call; "" in the model's own graphs. */
    String prefix() { return prefix; }

    /** The attributes of the call, or null outside functions. */
    Map<String, Object> callAttributes() { return callAttributes; }

    /** Defines a name. @return false where this very scope has it already */
    boolean define(String name, Value v) {
        if (values.containsKey(name)) return false;
        values.put(name, v);
        return true;
    }

    boolean definesHere(String name) { return values.containsKey(name); }

    boolean knows(String name) {
        for (Scope s = this; s != null; s = s.outer)
            if (s.values.containsKey(name)) return true;
        return false;
    }

    /** What a name means: null for an input of a function that the call leaves out. */
    Value get(String name) {
        for (Scope s = this; s != null; s = s.outer)
            if (s.values.containsKey(name)) return s.values.get(name);
        throw new IllegalStateException(name);
    }
}
