package dev.reprise.audit.spec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The entries of a mapping in a document, read with checks; messages name file, line, column and entry. */
final class Fields {
    private final String file;
    private final String path;
    private final Tree.Mapping mapping;

    Fields(String file, Tree tree) { this(file, "", tree); }

    private Fields(String file, String path, Tree tree) {
        if (!(tree instanceof Tree.Mapping m))
            throw new SpecException(file, tree.mark(),
                    (path.isEmpty() ? "the document" : "'" + path + "'") + " must be a mapping of names to values");
        this.file = file;
        this.path = path;
        this.mapping = m;
    }

    /** Refuses entries that are not known, so that a slip of the pen is not passed over. */
    Fields only(String... names) {
        for (Map.Entry<String, Tree> e : mapping.entries().entrySet())
            if (!Set.of(names).contains(e.getKey()))
                throw new SpecException(file, mapping.key(e.getKey()),
                        "'" + path(e.getKey()) + "' is not known; known are " + String.join(", ", new TreeSet<>(Set.of(names))));
        return this;
    }

    /** True where the entry is there and not null. */
    boolean has(String name) {
        return mapping.entries().get(name) instanceof Tree t && !(t instanceof Tree.Scalar s && s.value() == null);
    }

    SpecException error(String name, String message) {
        Tree t = mapping.entries().get(name);
        return new SpecException(file, t == null ? mapping.mark() : t.mark(), "'" + path(name) + "' " + message);
    }

    String text(String name) {
        Object v = scalar(name);
        if (v instanceof String s) return s;
        throw error(name, "must be a text, found " + v);
    }

    String text(String name, String otherwise) { return has(name) ? text(name) : otherwise; }

    /** A text or a number, as written. */
    String plain(String name) { return String.valueOf(scalar(name)); }

    double number(String name) {
        Object v = scalar(name);
        if (v instanceof Number n) return n.doubleValue();
        // YAML reads 1e-4 as a text.
        if (v instanceof String s) try {
            return Double.parseDouble(s);
        } catch (NumberFormatException e) {
            throw error(name, "must be a number, found '" + s + "'");
        }
        throw error(name, "must be a number, found " + v);
    }

    double number(String name, double otherwise) { return has(name) ? number(name) : otherwise; }

    long integer(String name, long min, long max) {
        Object v = scalar(name);
        if (v instanceof Long n && n >= min && n <= max) return n;
        throw error(name, "must be an integer from " + min + " to " + max + ", found " + v);
    }

    long integer(String name, long min, long max, long otherwise) { return has(name) ? integer(name, min, max) : otherwise; }

    boolean flag(String name, boolean otherwise) {
        if (!has(name)) return otherwise;
        if (scalar(name) instanceof Boolean b) return b;
        throw error(name, "must be true or false, found " + scalar(name));
    }

    boolean isList(String name) { return mapping.entries().get(name) instanceof Tree.Sequence; }

    Fields object(String name) { return new Fields(file, path(name), entry(name)); }

    List<Fields> objects(String name) {
        List<Fields> all = new ArrayList<>();
        List<Tree> items = items(name);
        for (int i = 0; i < items.size(); i++)
            all.add(new Fields(file, path(name) + "[" + i + "]", items.get(i)));
        return all;
    }

    long[] integers(String name) {
        return items(name).stream().mapToLong(t -> {
            if (t instanceof Tree.Scalar s && s.value() instanceof Long n) return n;
            throw error(name, "must be a list of integers");
        }).toArray();
    }

    double[] numbers(String name) {
        return items(name).stream().mapToDouble(t -> {
            if (t instanceof Tree.Scalar s && s.value() instanceof Number n) return n.doubleValue();
            throw error(name, "must be a list of numbers");
        }).toArray();
    }

    List<String> texts(String name) {
        return items(name).stream().map(t -> {
            if (t instanceof Tree.Scalar s && s.value() instanceof String x) return x;
            throw error(name, "must be a list of texts");
        }).toList();
    }

    /** A list of texts or numbers, as written. */
    List<String> plainList(String name) {
        return items(name).stream().map(t -> {
            if (t instanceof Tree.Scalar s && s.value() != null) return s.value().toString();
            throw error(name, "must be a list of texts or numbers");
        }).toList();
    }

    /** Every entry as written, for options that somebody else checks. */
    Map<String, String> plains(String name) {
        Fields f = object(name);
        Map<String, String> all = new LinkedHashMap<>();
        for (String key : f.mapping.entries().keySet())
            all.put(key, f.plain(key));
        return all;
    }

    /** All entries but some as one line, sorted by name: the same for documents that say the same. */
    String canonical(String... without) {
        Map<String, Tree> some = new LinkedHashMap<>(mapping.entries());
        some.keySet().removeAll(Set.of(without));
        return canonical(new Tree.Mapping(some, mapping.mark()));
    }

    private static String canonical(Tree tree) {
        return switch (tree) {
            case Tree.Scalar s -> s.value() instanceof String t ? "\"" + t.replace("\"", "\\\"") + "\"" : String.valueOf(s.value());
            case Tree.Sequence s -> s.items().stream().map(Fields::canonical).collect(Collectors.joining(",", "[", "]"));
            case Tree.Mapping m -> m.entries().keySet().stream().sorted().map(k -> k + ":" + canonical(m.entries().get(k)))
                    .collect(Collectors.joining(",", "{", "}"));
        };
    }

    private List<Tree> items(String name) {
        if (entry(name) instanceof Tree.Sequence s) return s.items();
        throw error(name, "must be a list");
    }

    private Object scalar(String name) {
        if (entry(name) instanceof Tree.Scalar s) return s.value();
        throw error(name, "must be a single value");
    }

    private Tree entry(String name) {
        if (!has(name)) throw error(name, "is missing");
        return mapping.entries().get(name);
    }

    private String path(String name) { return path.isEmpty() ? name : path + "." + name; }
}
