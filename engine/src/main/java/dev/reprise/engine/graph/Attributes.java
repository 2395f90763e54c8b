package dev.reprise.engine.graph;

import dev.reprise.ops.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The attributes of a node, by name. Values are Long, Float, String, Tensor, {@link Graph}, long[], float[], String[],
 * Tensor[] or Graph[]. Immutable. Getters throw {@link IllegalArgumentException} where the kind is another.
 */
public final class Attributes {
    public static final Attributes NONE = new Attributes(Map.of());

    private final Map<String, Object> map;

    private Attributes(Map<String, Object> map) { this.map = map; }

    public static Attributes of(Map<String, Object> map) { return map.isEmpty() ? NONE : new Attributes(new LinkedHashMap<>(map)); }

    /** {@code of("axis", 1L, "mode", "linear")}; an Integer is taken as a Long. */
    public static Attributes of(Object... namesAndValues) {
        Map<String, Object> m = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2)
            m.put((String) namesAndValues[i], namesAndValues[i + 1] instanceof Integer n ? (Object) n.longValue() : namesAndValues[i + 1]);
        return of(m);
    }

    /** These attributes and one more (or another value for one). */
    public Attributes with(String name, Object value) {
        Map<String, Object> m = new LinkedHashMap<>(map);
        m.put(name, value instanceof Integer n ? (Object) n.longValue() : value);
        return new Attributes(m);
    }

    public boolean has(String name) { return map.containsKey(name); }

    public Set<String> names() { return map.keySet(); }

    /** The raw value, or null. */
    public Object get(String name) { return map.get(name); }

    public long integer(String name, long otherwise) { return get(name, Long.class, otherwise); }

    public long integer(String name) { return need(name, Long.class); }

    public boolean flag(String name, boolean otherwise) { return integer(name, otherwise ? 1 : 0) != 0; }

    public float real(String name, float otherwise) { return get(name, Float.class, otherwise); }

    public float real(String name) { return need(name, Float.class); }

    public String string(String name, String otherwise) { return get(name, String.class, otherwise); }

    public String string(String name) { return need(name, String.class); }

    /** An integer list, or {@code otherwise} (which may be null). */
    public long[] integers(String name, long[] otherwise) {
        return get(name, long[].class, otherwise);
    }

    public float[] reals(String name, float[] otherwise) { return get(name, float[].class, otherwise); }

    public String[] strings(String name, String[] otherwise) { return get(name, String[].class, otherwise); }

    public Tensor tensor(String name) { return get(name, Tensor.class, null); }

    public Graph graph(String name) { return need(name, Graph.class); }

    private <T> T need(String name, Class<T> type) {
        T v = get(name, type, null);
        if (v == null) throw new IllegalArgumentException("attribute '" + name + "' is required");
        return v;
    }

    private <T> T get(String name, Class<T> type, T otherwise) {
        Object v = map.get(name);
        if (v == null) return otherwise;
        if (!type.isInstance(v)) {
            // An empty list carries no kind in some exporters' files.
            if (type.isArray() && v.getClass().isArray() && java.lang.reflect.Array.getLength(v) == 0) return otherwise;
            throw new IllegalArgumentException(
                    "attribute '" + name + "' is a " + v.getClass().getSimpleName() + ", expected " + type.getSimpleName());
        }
        return type.cast(v);
    }

    @Override
    public String toString() { return map.keySet().toString(); }
}
