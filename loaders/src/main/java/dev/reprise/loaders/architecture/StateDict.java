package dev.reprise.loaders.architecture;

import dev.reprise.loaders.Source;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Named weights, taken one after the other; in the end none may be left, or the network is another one. */
final class StateDict {
    private static final int SHOWN = 8;

    private final Map<String, Tensor> weights;
    private final Source source;
    private final Arena arena;
    private final Set<String> used = new HashSet<>();

    /** @param arena owns weights that have to be converted */
    StateDict(Map<String, Tensor> weights, Source source, Arena arena) {
        this.weights = weights;
        this.source = source;
        this.arena = arena;
    }

    boolean has(String name) { return weights.containsKey(name); }

    Set<String> names() { return weights.keySet(); }

    Source source() { return source; }

    /**
     * A weight as float32.
     *
     * @param dims what its shape must be; −1 for any
     */
    Tensor take(String name, long... dims) {
        Tensor t = weights.get(name);
        if (t == null) throw source.error("has no tensor '" + name + "'");
        boolean fits = t.shape().rank() == dims.length;
        for (int i = 0; fits && i < dims.length; i++)
            fits = dims[i] < 0 || dims[i] == t.shape().dim(i);
        if (!fits || !t.dtype().isFloat())
            throw source.error("tensor '" + name + "' must be of a floating-point type and shape " + expected(dims) + ", found " + t);
        used.add(name);
        if (t.dtype() == DType.FLOAT32) return t;
        Tensor f = Tensor.allocate(arena, DType.FLOAT32, t.shape());
        for (long i = 0; i < t.size(); i++)
            f.setFloat(i, (float) t.getDouble(i));
        return f;
    }

    private static String expected(long[] dims) { return java.util.Arrays.toString(dims).replace("-1", "any"); }

    Shape shape(String name) { return has(name) ? weights.get(name).shape() : null; }

    /** @throws dev.reprise.loaders.LoadException where tensors were not asked for, but for {@code ignored} */
    void nothingLeft(List<String> ignored) {
        TreeSet<String> left = new TreeSet<>(weights.keySet());
        left.removeAll(used);
        left.removeIf(n -> ignored.stream().anyMatch(n::endsWith));
        if (!left.isEmpty())
            throw source.unsupported("a network with the " + left.size() + " further tensors "
                    + String.join(", ", left.stream().limit(SHOWN).toList()) + (left.size() > SHOWN ? ", …" : ""));
    }
}
