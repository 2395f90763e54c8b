package dev.reprise.loaders.weights;

import dev.reprise.loaders.Source;
import dev.reprise.loaders.weights.Py.Dict;
import dev.reprise.loaders.weights.Py.Instance;
import dev.reprise.loaders.weights.Py.Items;
import dev.reprise.loaders.weights.Py.Tuple;
import dev.reprise.loaders.weights.Py.View;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tensors of a nest of containers, named by the path to them with points between: {@code model.conv1.weight}. Texts and numbers on
 * the way are kept as facts, tensors reached twice get both names. What a memo makes cyclic or exponential is cut off.
 */
final class Tree {
    private static final int MAX_DEPTH = 100;
    private static final int MAX_VISITS = 2_000_000;
    private static final int MAX_FACTS = 1000, MAX_FACT = 1000;

    private final Source source;
    private final Map<String, View> tensors = new LinkedHashMap<>();
    private final Map<String, String> facts = new LinkedHashMap<>();
    private int visits;

    private Tree(Source source) { this.source = source; }

    /** @param facts texts and numbers beside the tensors, by path */
    record Leaves(Map<String, View> tensors, Map<String, String> facts) {}

    static Leaves of(Object root, Source source) {
        Tree t = new Tree(source);
        t.visit("", root, 0);
        return new Leaves(t.tensors, t.facts);
    }

    private void visit(String path, Object o, int depth) {
        if (++visits > MAX_VISITS) throw source.error("has more than " + MAX_VISITS + " values when its references are followed: refused");
        if (depth > MAX_DEPTH) throw source.error("is nested more than " + MAX_DEPTH + " deep at '" + brief(path) + "': refused");
        switch (o) {
            case View v -> {
                if (tensors.put(path, v) != null) throw source.error("has two tensors named '" + path + "'");
            }
            case Dict d -> entries(path, d, depth);
            case Instance i -> entries(path, i.attributes(), depth);
            case Items l -> elements(path, l.items(), depth);
            case Tuple t -> elements(path, t.items(), depth);
            case String s -> fact(path, s);
            case Long _,Double _,Boolean _,BigInteger _ -> fact(path, o.toString());
            default -> {
            }
        }
    }

    private void entries(String path, Dict d, int depth) {
        for (int i = 0; i < d.keys().size(); i++)
            switch (d.keys().get(i)) {
            case String k -> visit(join(path, k), d.values().get(i), depth + 1);
            case Long k -> visit(join(path, k.toString()), d.values().get(i), depth + 1);
            case Object k -> {
                if (holdsTensors(d.values().get(i)))
                    throw source.unsupported("a tensor under a key that is neither text nor a number (" + Py.describe(k) + ")");
            }
            }
    }

    private static boolean holdsTensors(Object o) {
        return o instanceof View || o instanceof Dict || o instanceof Items || o instanceof Tuple;
    }

    private void elements(String path, List<Object> items, int depth) {
        for (int i = 0; i < items.size(); i++)
            visit(join(path, Integer.toString(i)), items.get(i), depth + 1);
    }

    private String join(String path, String key) {
        if (key.length() > MAX_FACT) throw source.error("has a name of " + key.length() + " characters: refused");
        return path.isEmpty() ? key : path + "." + key;
    }

    private void fact(String path, String value) { if (facts.size() < MAX_FACTS && value.length() <= MAX_FACT) facts.put(path, value); }

    private static String brief(String path) { return path.length() > 60 ? path.substring(0, 60) + "…" : path; }
}
