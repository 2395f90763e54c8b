package dev.reprise.loaders.weights;

import dev.reprise.loaders.LoadException;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** How a file's names follow from a graph's: {@code strip} is taken off, {@code prefix} is put before. */
final class Names {
    final String prefix, strip;

    private Names(String prefix, String strip) {
        this.prefix = prefix;
        this.strip = strip;
    }

    /** The name in the file, or null where the initializer's name does not begin with what is taken off. */
    String inFile(String initializer) {
        return initializer.startsWith(strip) ? prefix + initializer.substring(strip.length()) : null;
    }

    static Names of(WeightBinding b, Collection<String> initializers, WeightFile file) {
        Collection<String> tensors = file.entries().keySet();
        if (b.prefix() != null || b.strip() != null)
            return new Names(b.prefix() == null ? "" : b.prefix(), b.strip() == null ? "" : b.strip());
        Map<String, Integer> prefixes = heads(tensors, new java.util.HashSet<>(initializers)::contains);
        Map<String, Integer> strips = heads(initializers, file.entries()::containsKey);
        String prefix = best(prefixes, file), strip = best(strips, file);
        return prefixes.getOrDefault(prefix, 0) >= strips.getOrDefault(strip, 0) ? new Names(prefix, "") : new Names("", strip);
    }

    /** For how many names each beginning, taken off, leaves a known name. */
    private static Map<String, Integer> heads(Collection<String> names, Predicate<String> known) {
        Map<String, Integer> count = new TreeMap<>();
        for (String n : names)
            for (int at = 0; at >= 0; at = n.indexOf('.', at) + 1 == 0 ? -1 : n.indexOf('.', at) + 1)
                if (known.test(n.substring(at))) count.merge(n.substring(0, at), 1, Integer::sum);
        return count;
    }

    private static String best(Map<String, Integer> heads, WeightFile file) {
        String best = "";
        int most = 0;
        boolean tie = false;
        for (Map.Entry<String, Integer> h : heads.entrySet()) {
            tie = h.getValue() == most || tie && h.getValue() < most;
            if (h.getValue() > most) {
                most = h.getValue();
                best = h.getKey();
            }
        }
        // Names that are there as they are come first: the empty beginning sorts first and wins its ties.
        if (!tie || best.isEmpty()) return best;
        int n = most;
        throw new LoadException(file.name(), "has the initializers' names " + n + " times under each of "
                + WeightBinding.some(heads.entrySet().stream().filter(h -> h.getValue() == n).map(Map.Entry::getKey).toList())
                + "; tell which prefix to take");
    }
}
