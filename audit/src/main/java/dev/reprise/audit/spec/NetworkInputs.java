package dev.reprise.audit.spec;

import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.model.ModelSpec;
import java.lang.foreign.Arena;
import java.util.Locale;

/**
 * Times and labels in the form that a model's inputs have: times as float32, float64, int64 or int32, one a sample or one for all;
 * labels as indices (int64 or int32) or one-hot (float32, a row of zeros for "no class").
 */
final class NetworkInputs {
    private final ModelSpec spec;
    private final DType timeType, labelType;
    private final boolean oneTime, oneHot;

    /** @throws IllegalArgumentException where an input has a type that neither a time nor a label can have */
    NetworkInputs(Graph graph, ModelSpec spec) {
        this.spec = spec;
        ValueType.TensorType time = type(graph, spec.inputs().time()), label = type(graph, spec.inputs().label());
        timeType = time == null ? DType.FLOAT32 : time.dtype();
        oneTime = time != null && time.dims() != null && time.dims().isEmpty();
        labelType = label == null ? DType.INT64 : label.dtype();
        oneHot = labelType == DType.FLOAT32;
        if (timeType != DType.FLOAT32 && timeType != DType.FLOAT64 && timeType != DType.INT64 && timeType != DType.INT32)
            throw new IllegalArgumentException(
                    spec.name() + ": the time input '" + spec.inputs().time() + "' must be float32, float64, int64 or int32, found "
                            + name(timeType));
        if (labelType != DType.INT64 && labelType != DType.INT32 && !oneHot)
            throw new IllegalArgumentException(spec.name() + ": the label input '" + spec.inputs().label()
                    + "' must be int64 or int32 (an index) or float32 (one-hot), found " + name(labelType));
    }

    private static String name(DType type) { return type.name().toLowerCase(Locale.ROOT); }

    private static ValueType.TensorType type(Graph graph, String name) {
        for (Value v : graph.inputs())
            if (v.name().equals(name) && v.type() instanceof ValueType.TensorType t) return t;
        return null;
    }

    /** Whether the model takes one time for the whole batch. */
    boolean oneTime() { return oneTime; }

    /** Whether times and labels go in as they are. */
    boolean plain() {
        return timeType == DType.FLOAT32 && !oneTime && labelType == DType.INT64;
    }

    static boolean equal(Tensor time) {
        for (long i = 1; i < time.size(); i++)
            if (time.getFloat(i) != time.getFloat(0)) return false;
        return true;
    }

    /** @param time float32 (n) */
    Tensor time(Tensor time, Arena arena) {
        int n = oneTime ? 1 : time.shape().dimInt(0);
        Tensor t = Tensor.allocate(arena, timeType, oneTime ? Shape.of() : Shape.of(n));
        for (int i = 0; i < n; i++) {
            float v = time.getFloat(i);
            if (!timeType.isFloat()) {
                if (v != Math.rint(v))
                    throw new IllegalArgumentException(spec.name() + ": the time input '" + spec.inputs().time() + "' is "
                            + name(timeType) + ", and the sampler asks at " + v
                            + "; use a grid of whole steps (--set grid=even), or a model whose time is float32");
                t.setLong(i, (long) v);
            } else t.setDouble(i, v);
        }
        return t;
    }

    /** @param label int64 (n) */
    Tensor label(Tensor label, Arena arena) {
        int n = label.shape().dimInt(0), count = spec.classes().count();
        Tensor t = Tensor.allocate(arena, labelType, oneHot ? Shape.of(n, count) : Shape.of(n));
        for (int i = 0; i < n; i++) {
            long c = label.getLong(i);
            if (!oneHot) t.setLong(i, c);
            else
                for (int j = 0; j < count; j++)
                    t.setFloat((long) i * count + j, j == c ? 1 : 0);
        }
        return t;
    }
}
