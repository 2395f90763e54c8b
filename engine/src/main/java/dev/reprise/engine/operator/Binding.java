package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Kernel;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.List;

/**
 * What {@link Operator.Static#bind} answers: the types of the outputs and the kernel that fills them.
 *
 * @param alias the input whose bytes output 0 has, unchanged and in the same order (Reshape, Identity …), so that a plan
 *              may share its memory and run nothing; or -1. The kernel must still do the copy for when it is not shared.
 * @param batched bit i is set where input i has one part for each element of output 0's dimension 0, along its own dimension 0, and the
 *                parts do not meet: bound for some of them, the operator gives the same bits. 0 where that is not so
 */
public record Binding(List<Output> outputs, Kernel kernel, int alias, long batched) {
    /** The concrete type of one output. */
    public record Output(DType dtype, Shape shape) {}

    public static Binding of(DType dtype, Shape shape, Kernel kernel) {
        return new Binding(List.of(new Output(dtype, shape)), kernel, -1, 0);
    }

    public static Binding of(List<Output> outputs, Kernel kernel) { return new Binding(outputs, kernel, -1, 0); }

    /** Output 0 is input {@code i} under another shape. */
    public static Binding alias(int i, DType dtype, Shape shape) {
        return new Binding(List.of(new Output(dtype, shape)), (in, out, scratch, workers) -> out[0].data().copyFrom(in[i].data()), i, 0);
    }

    /** This binding, with {@link #batched} for these inputs. */
    public Binding withBatched(int... inputs) {
        long bits = 0;
        for (int i : inputs)
            bits |= 1L << i;
        return new Binding(outputs, kernel, alias, bits);
    }

    /** Whether input i is {@link #batched()}. */
    public boolean batched(int i) { return (batched >> i & 1) != 0; }
}
