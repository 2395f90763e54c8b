package dev.reprise.audit.spec;

import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** The constants of a graph that are numbers of a network. */
final class Weights {
    private Weights() {}

    /** Every floating-point constant once, those of subgraphs too. */
    private static Set<Value> of(Graph graph) {
        Set<Value> all = Collections.newSetFromMap(new IdentityHashMap<>());
        add(graph, all);
        return all;
    }

    private static void add(Graph graph, Set<Value> all) {
        for (Node n : graph.nodes()) {
            for (Value v : n.inputs())
                if (v != null && v.isConstant() && v.constant().dtype().isFloat()) all.add(v);
            for (String name : n.attributes().names())
                if (n.attributes().get(name) instanceof Graph inner) add(inner, all);
        }
    }

    /** How many numbers they hold together. */
    static long count(Graph graph) {
        Set<Tensor> tensors = Collections.newSetFromMap(new IdentityHashMap<>());
        of(graph).forEach(v -> tensors.add(v.constant()));
        return tensors.stream().mapToLong(Tensor::size).sum();
    }

    /**
     * Rounds every float32 constant to the nearest float16, ties to even, and keeps it as float32: what a model saved in half
     * precision and computed in single is.
     *
     * @throws IllegalArgumentException where a number is beyond float16's greatest, 65504
     */
    static void roundToHalf(Graph graph, String model, Arena arena) {
        for (Value v : of(graph)) {
            Tensor t = v.constant();
            if (t.dtype() != DType.FLOAT32) continue;
            Tensor rounded = Tensor.allocate(arena, DType.FLOAT32, t.shape());
            for (long i = 0; i < t.size(); i++) {
                float x = t.getFloat(i), half = Float.float16ToFloat(Float.floatToFloat16(x));
                if (Float.isInfinite(half) && !Float.isInfinite(x))
                    throw new IllegalArgumentException(model + ": the weight '" + v.name() + "' holds " + x
                            + ", which float16 cannot; leave this model out of mode float16");
                rounded.setFloat(i, half);
            }
            v.constant(rounded);
        }
    }
}
