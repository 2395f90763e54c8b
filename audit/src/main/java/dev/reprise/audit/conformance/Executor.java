package dev.reprise.audit.conformance;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.operator.WeightCache;
import dev.reprise.engine.plan.Interpreter;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The two ways in which a model can run. */
public enum Executor {
    /** Node by node, unoptimized: the meaning of the graph. */
    INTERPRETER {
        @Override
        List<Datum> run(Model model, List<Datum> inputs, Arena arena) {
            try (Workers workers = new Workers(THREADS)) {
                return new Interpreter(arena, workers, WeightCache.none(arena)).run(model.graph(), inputs);
            }
        }
    },
    /**
     * The way of applications: compiled and optimized. What sessions refuse is interpreted: inputs that are no tensors, and
     * those of another shape than the model declares, which a few cases have.
     */
    SESSION {
        @Override
        List<Datum> run(Model model, List<Datum> inputs, Arena arena) {
            Map<String, Tensor> named = new LinkedHashMap<>();
            for (int i = 0; i < inputs.size(); i++) {
                Value v = model.graph().inputs().get(i);
                if (!(inputs.get(i) instanceof Tensor t) || contradicts(t, v)) return INTERPRETER.run(model, inputs, arena);
                named.put(v.name(), t);
            }
            try (Session session = model.session(SessionOptions.DEFAULT.threads(THREADS))) {
                return new ArrayList<>(session.runAny(named, arena, null).values());
            }
        }
    };

    private static boolean contradicts(Tensor t, Value v) {
        return v.type() instanceof ValueType.TensorType d && d.shape() != null && !d.shape().equals(t.shape());
    }

    private static final int THREADS = 2;

    /** The outputs, in the graph's order, in memory of {@code arena}. */
    abstract List<Datum> run(Model model, List<Datum> inputs, Arena arena);
}
