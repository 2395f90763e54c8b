package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Elements;
import dev.reprise.ops.kernel.OneHot;
import dev.reprise.ops.kernel.Trilu;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;

/** Tensors made from little: EyeLike (since 9), OneHot (9, 11), Range (11) and Trilu (14). */
final class Generators {
    private Generators() {}

    static void register(Registry r) {
        r.add("EyeLike", 9, Generators::eyeLike, "dtype", "k");
        r.add("OneHot", 9, Generators::oneHot, "axis");
        r.add("Range", 11, Generators::range);
        r.add("Trilu", 14, Generators::trilu, "upper");
    }

    private static Binding eyeLike(BindContext c) {
        Shape s = c.shape(0);
        c.require(s.rank() == 2, "input 0 must be a matrix, found " + s);
        DType t = c.attributes().has("dtype") ? DType.ofCode(Math.toIntExact(c.attributes().integer("dtype"))) : c.dtype(0);
        long k = Math.clamp(c.attributes().integer("k", 0), -s.dim(0), s.dim(1));
        return Binding.of(t, s, (_, out, _, workers) -> {
            Elements.fill(out[0], 0, workers);
            for (long i = Math.max(0, -k); i < Math.min(s.dim(0), s.dim(1) - k); i++)
                out[0].setDouble(i * s.dim(1) + i + k, 1);
        });
    }

    private static Binding oneHot(BindContext c) {
        Shape indices = c.shape(0);
        c.require(c.shape(1).size() == 1 && c.shape(2).size() == 2, "depth must have one element and values two");
        long depth = c.dtype(1).isFloat() ? (long) c.constant(1).getDouble(0) : c.constant(1).getLong(0);
        int axis = Shape.axis(c.attributes().integer("axis", -1), indices.rank() + 1);
        long[] dims = new long[indices.rank() + 1];
        for (int i = 0; i < dims.length; i++)
            dims[i] = i < axis ? indices.dim(i) : i == axis ? depth : indices.dim(i - 1);
        return Binding.of(c.dtype(2), Shape.of(dims), new OneHot(indices.product(0, axis), depth, indices.product(axis, indices.rank())));
    }

    private static Binding range(BindContext c) {
        Tensor start = c.constant(0), limit = c.constant(1), delta = c.constant(2);
        DType t = start.dtype();
        c.require(start.size() == 1 && limit.size() == 1 && delta.size() == 1 && limit.dtype() == t && delta.dtype() == t,
                "start, limit and delta must be scalars of one type, found " + start + ", " + limit + ", " + delta);
        if (!t.isFloat()) {
            long from = start.getLong(0), to = limit.getLong(0), step = delta.getLong(0);
            c.require(step != 0, "delta must not be 0");
            long distance = Math.subtractExact(to, from), n = Math.max(0, Math.ceilDiv(distance, step));
            return Binding.of(t, Shape.of(n), (_, out, _, _) -> {
                for (long i = 0; i < n; i++)
                    out[0].setLong(i, from + i * step);
            });
        }
        double from = start.getDouble(0), step = delta.getDouble(0), n = Math.max(0, Math.ceil((limit.getDouble(0) - from) / step));
        c.require(step != 0 && n < Long.MAX_VALUE, "a range from " + from + " to " + limit.getDouble(0) + " by " + step + " has no length");
        // Each element is rounded once, so that an error does not build up along the range.
        return Binding.of(t, Shape.of((long) n), (_, out, _, _) -> {
            for (long i = 0; i < out[0].size(); i++)
                out[0].setDouble(i, Math.fma(i, step, from));
        });
    }

    private static Binding trilu(BindContext c) {
        Shape s = c.shape(0);
        c.require(s.rank() >= 2, "input 0 must have at least 2 dimensions, found " + s);
        c.require(!c.has(1) || c.dtype(1) == DType.INT64 && c.shape(1).size() == 1, "input 1 (k) must be one int64");
        return Binding.of(c.dtype(0), s, new Trilu(s.dim(-2), s.dim(-1), c.attributes().flag("upper", true)));
    }
}
