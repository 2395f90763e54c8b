package dev.reprise.engine;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.operator.WeightCache;
import dev.reprise.engine.plan.Interpreter;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/** Runs one operator on tensors: what the tests of operators are written with. */
public final class SingleNode {
    private SingleNode() {}

    /** The first output of an operator of the default domain. */
    public static Tensor run(Arena arena, String opType, int opset, Attributes attributes, Tensor... inputs) {
        return (Tensor) run(arena, opType, opset, attributes, 1, inputs).getFirst();
    }

    public static List<Datum> run(Arena arena, String opType, int opset, Attributes attributes, int outputs, Datum... inputs) {
        try (Workers workers = new Workers(2)) {
            Interpreter interpreter = new Interpreter(arena, workers, WeightCache.none(arena));
            List<Value> in = new ArrayList<>(), out = new ArrayList<>();
            for (int i = 0; i < inputs.length; i++) {
                Value v = inputs[i] == null ? null : new Value("in" + i, null);
                in.add(v);
                if (v != null) interpreter.put(v, inputs[i]);
            }
            for (int i = 0; i < outputs; i++)
                out.add(new Value("out" + i, null));
            interpreter.run(new Node("", "", opType, opset, in, out, attributes));
            return out.stream().map(interpreter::get).toList();
        }
    }
}
