package dev.reprise.loaders.onnx;

import dev.reprise.loaders.Source;
import dev.reprise.loaders.onnx.proto.Onnx.FunctionProto;
import dev.reprise.loaders.onnx.proto.Onnx.NodeProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The functions that a model brings along, by domain, name and overload. */
final class FunctionLibrary {
    private record Key(String domain, String name, String overload) {}

    private final Map<Key, FunctionProto> functions = new HashMap<>();

    FunctionLibrary(Source source, List<FunctionProto> list) {
        for (FunctionProto f : list) {
            if (f.getName().isEmpty()) throw source.error("a function has no name");
            if (functions.put(new Key(domain(f.getDomain()), f.getName(), f.getOverload()), f) != null)
                throw source.error("function " + describe(f) + " is defined twice");
        }
    }

    /** The function that a node calls, or null where it is an operator. */
    FunctionProto find(NodeProto n) {
        return functions.isEmpty() ? null : functions.get(new Key(domain(n.getDomain()), n.getOpType(), n.getOverload()));
    }

    static String describe(FunctionProto f) {
        return (f.getDomain().isEmpty() ? "" : f.getDomain() + ".") + f.getName()
                + (f.getOverload().isEmpty() ? "" : ":" + f.getOverload());
    }

    /** "" and "ai.onnx" are the same domain. */
    static String domain(String domain) { return domain.equals("ai.onnx") ? "" : domain; }
}
