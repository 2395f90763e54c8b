package dev.reprise.bench;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What both engines are given: the same numbers for the same input name and shape, in any process. */
final class Inputs {
    /** One input of a model. @param dims negative where the model leaves a dimension open */
    record Spec(String name, DType dtype, long[] dims) {}

    private static final int SMALL = 5;

    private Inputs() {}

    /** Floats are normal, integers from 0 to 4 (labels, tokens), masks all ones, token types 0; open dimensions become the batch. */
    static Map<String, Tensor> of(List<Spec> specs, int batch, Arena arena) {
        Map<String, Tensor> in = new LinkedHashMap<>();
        for (Spec s : specs) {
            Random random = new Random(31L * s.name.hashCode() + batch);
            Tensor x = Tensor.allocate(arena, s.dtype, Shape.of(Arrays.stream(s.dims).map(d -> d < 0 ? batch : d).toArray()));
            boolean mask = s.name.contains("mask");
            int kinds = s.name.contains("type") ? 1 : SMALL;
            for (long i = 0; i < x.size(); i++)
                x.setDouble(i, mask ? 1 : s.dtype.isFloat() ? random.nextGaussian() : random.nextInt(kinds));
            in.put(s.name, x);
        }
        return in;
    }
}
