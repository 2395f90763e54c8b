package dev.reprise.audit.command;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Map;

/** Initial noise from a file. */
final class NoiseFiles {
    private static final String NAME = "noise";

    private NoiseFiles() {}

    /**
     * The array named noise, or the only one.
     *
     * @param sample shape of one sample
     * @return float32 or float64, (N, sample…)
     */
    static Tensor read(Path file, Shape sample, Arena arena) {
        Map<String, Tensor> arrays = ArrayFiles.read(file, arena);
        Tensor t = arrays.containsKey(NAME) ? arrays.get(NAME) : arrays.size() == 1 ? arrays.values().iterator().next() : null;
        if (t == null)
            throw Failure.badInput(file + ": has several arrays (" + String.join(", ", arrays.keySet()) + "), none of them named " + NAME);
        if (!t.dtype().isFloat()) throw Failure.badInput(file + ": noise must be of a floating-point type, found " + t);
        boolean batched = t.shape().rank() == sample.rank() + 1;
        for (int i = 0; batched && i < sample.rank(); i++)
            batched = t.shape().dim(i + 1) == sample.dim(i);
        if (!batched || t.shape().dim(0) == 0)
            throw Failure.badInput(
                    file + ": noise must be of shape (N, " + sample.toString().replaceAll("[\\[\\]]", "") + "), found " + t.shape());
        return t.dtype().isHalf() ? widened(t, arena) : t;
    }

    private static Tensor widened(Tensor t, Arena arena) {
        Tensor wide = Tensor.allocate(arena, DType.FLOAT32, t.shape());
        for (long i = 0; i < t.size(); i++)
            wide.setFloat(i, (float) t.getDouble(i));
        return wide;
    }
}
