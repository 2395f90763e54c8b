package dev.reprise.engine;

import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.graph.ValueType.Dim;
import dev.reprise.engine.operator.OperatorException;
import dev.reprise.engine.plan.Plan;
import dev.reprise.engine.plan.PlanGraph;
import dev.reprise.ops.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Shapes of a model's values in terms of the symbolic dimensions of its inputs.
 *
 * <p>There is one shape inference, the operators' own, and it is concrete. So the symbols are found by asking it: every
 * symbol gets three values in turn while the others stay, and a dimension that moves with one symbol in a straight line
 * through all three is written {@code a*s/b+c}. One that depends on several symbols, or not linearly, is "?": never a
 * guess.
 */
public final class SymbolicShapes {
    /** Tried in turn until the model accepts one: U-Nets want multiples of their total stride, position tables have an end. */
    private static final long[] UNITS = {64, 32, 16, 8, 4, 2, 1};

    private final Model model;
    private final List<String> symbols = new ArrayList<>();
    private final Map<String, Long> base = new LinkedHashMap<>();

    private SymbolicShapes(Model model) {
        this.model = model;
        for (Value in : model.graph().inputs())
            for (int i = 0; i < dims(in).size(); i++)
                if (dims(in).get(i) instanceof Dim.Symbol) {
                    String name = name(in, i);
                    if (!symbols.contains(name)) symbols.add(name);
                }
    }

    /**
     * The dimensions of every value that has static ones, by name, inputs first.
     *
     * @throws OperatorException where no choice of sizes for the symbols gives a legal graph
     */
    public static Map<String, List<String>> of(Model model) { return new SymbolicShapes(model).solve(); }

    private static List<Dim> dims(Value v) { return v.type() instanceof ValueType.TensorType t && t.dims() != null ? t.dims() : List.of(); }

    private static String name(Value in, int i) {
        Dim d = dims(in).get(i);
        return d instanceof Dim.Symbol(String n) && !n.equals("?") ? n : in.name() + "." + i;
    }

    private Map<String, List<String>> solve() {
        OperatorException failure = null;
        for (long unit : UNITS) {
            symbols.forEach(s -> base.put(s, unit));
            // A leading dimension is nearly always a batch.
            for (Value in : model.graph().inputs())
                if (!dims(in).isEmpty() && dims(in).getFirst() instanceof Dim.Symbol) base.put(name(in, 0), 2L);
            try {
                return describe();
            } catch (OperatorException e) {
                failure = e;
            }
        }
        throw failure;
    }

    private Map<String, List<String>> describe() {
        Map<String, Shape> at = shapes(base);
        Map<String, List<Map<String, Shape>>> moved = new LinkedHashMap<>();
        for (String s : symbols) {
            List<Map<String, Shape>> two = new ArrayList<>();
            for (int k = 2; k <= 3; k++) {
                Map<String, Long> sizes = new LinkedHashMap<>(base);
                sizes.put(s, base.get(s) * k);
                two.add(shapes(sizes));
            }
            moved.put(s, two);
        }
        Map<String, List<String>> out = new LinkedHashMap<>();
        at.forEach((value, shape) -> {
            List<String> dims = new ArrayList<>();
            for (int i = 0; i < shape.rank(); i++)
                dims.add(dim(value, i, shape, moved));
            out.put(value, List.copyOf(dims));
        });
        return out;
    }

    private String dim(String value, int i, Shape shape, Map<String, List<Map<String, Shape>>> moved) {
        String found = null;
        for (String s : symbols) {
            Shape second = moved.get(s).get(0).get(value), third = moved.get(s).get(1).get(value);
            if (second == null || third == null || second.rank() != shape.rank() || third.rank() != shape.rank()) return "?";
            long step = second.dim(i) - shape.dim(i);
            if (third.dim(i) - second.dim(i) != step) return "?";
            if (step == 0) continue;
            if (found != null) return "?";
            found = line(s, step, base.get(s), shape.dim(i));
        }
        return found == null ? Long.toString(shape.dim(i)) : found;
    }

    /** The line through (unit, at) that rises by step a unit. */
    private static String line(String symbol, long step, long unit, long at) {
        long rest = at - step;
        long divisor = java.math.BigInteger.valueOf(step).gcd(java.math.BigInteger.valueOf(unit)).longValue();
        long a = step / divisor, b = unit / divisor;
        return (a == 1 ? "" : a + "*") + symbol + (b == 1 ? "" : "/" + b) + (rest == 0 ? "" : rest > 0 ? "+" + rest : Long.toString(rest));
    }

    private Map<String, Shape> shapes(Map<String, Long> sizes) {
        List<Shape> inputs = new ArrayList<>();
        for (Value in : model.graph().inputs()) {
            long[] d = new long[dims(in).size()];
            for (int i = 0; i < d.length; i++)
                d[i] = dims(in).get(i) instanceof Dim.Known(long size) ? size : sizes.get(name(in, i));
            inputs.add(Shape.of(d));
        }
        Map<String, Shape> out = new LinkedHashMap<>();
        Plan.inferShapes(model.graph(), inputs, g -> {
            for (Value v : g.inputs())
                put(out, v);
            for (Node n : g.nodes())
                for (Value v : n.outputs())
                    if (v != null) put(out, v);
            for (int i = 0; i < g.outputs().size(); i++)
                if (PlanGraph.shape(g.outputs().get(i)) != null)
                    out.put(model.graph().outputs().get(i).name(), PlanGraph.shape(g.outputs().get(i)));
        });
        return out;
    }

    private static void put(Map<String, Shape> out, Value v) {
        if (PlanGraph.shape(v) != null) out.putIfAbsent(v.name(), PlanGraph.shape(v));
    }
}
