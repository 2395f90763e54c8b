package dev.reprise.engine.operator;

import dev.reprise.engine.graph.ValueType;
import dev.reprise.ops.kernel.StridedCopy;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.util.List;

/** Slices of a tensor along an axis and their inverse: how Loop, Scan and sequences take tensors apart and stack them. */
final class Stack {
    private Stack() {}

    static Tensor tensor(EvalContext c, Datum d) {
        if (d instanceof Tensor t) return t;
        throw c.error("only tensors can be stacked, found " + d);
    }

    /** The slice of {@code count} positions from {@code first} on; the axis stays. */
    static Tensor slice(EvalContext c, Tensor t, int axis, long first, long count) {
        Shape s = t.shape();
        long outer = s.product(0, axis), block = s.product(axis + 1, s.rank()) * t.dtype().bytes();
        Shape shape = s.with(axis, count);
        if (outer == 1) return new Tensor(t.dtype(), shape, t.data().asSlice(first * block, count * block));
        Tensor out = c.allocate(t.dtype(), shape);
        StridedCopy.rows(outer, count * block, s.dim(axis) * block, first * block, count * block, 0).copy(t.data(), out.data(),
                c.workers());
        return out;
    }

    /** {@code shape} without an axis. */
    static Shape without(Shape shape, int axis) {
        long[] d = new long[shape.rank() - 1];
        for (int i = 0; i < d.length; i++)
            d[i] = shape.dim(i < axis ? i : i + 1);
        return Shape.of(d);
    }

    /** {@code shape} with one more axis. */
    static Shape insert(Shape shape, int axis, long n) {
        long[] d = new long[shape.rank() + 1];
        for (int i = 0; i < d.length; i++)
            d[i] = i < axis ? shape.dim(i) : i == axis ? n : shape.dim(i - 1);
        return Shape.of(d);
    }

    /**
     * Stacks tensors of one shape along a new axis.
     *
     * @param axis    in [-rank, rank), where rank counts the new axis
     * @param forward false to put the last first
     * @param type    what is declared of one tensor: gives the shape where there is none
     */
    static Tensor join(EvalContext c, List<Tensor> parts, int axis, boolean forward, ValueType type) {
        if (parts.isEmpty()) return empty(c, axis, type);
        Tensor first = parts.getFirst();
        int at = Shape.axis(axis, first.shape().rank() + 1), n = parts.size();
        Tensor out = c.allocate(first.dtype(), insert(first.shape(), at, n));
        long outer = first.shape().product(0, at), run = outer == 0 ? 0 : first.byteSize() / outer;
        for (int i = 0; i < n; i++) {
            Tensor p = parts.get(i);
            if (p.dtype() != first.dtype() || !p.shape().equals(first.shape())) throw c.error("cannot stack " + p + " on " + first);
            StridedCopy.rows(outer, run, run, 0, n * run, (forward ? i : n - 1 - i) * run).copy(p.data(), out.data(), c.workers());
        }
        return out;
    }

    private static Tensor empty(EvalContext c, int axis, ValueType type) {
        if (!(type instanceof ValueType.TensorType t)) return c.allocate(DType.FLOAT32, Shape.of(0));
        // Dimensions nobody knows are 0, like the number of trips.
        long[] d = t.dims() == null
                ? new long[0]
                : t.dims().stream().mapToLong(x -> x instanceof ValueType.Dim.Known k ? k.size() : 0).toArray();
        return c.allocate(t.dtype(), insert(Shape.of(d), Shape.axis(axis, d.length + 1), 0));
    }
}
