package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.StridedCopy;
import dev.reprise.ops.tensor.Shape;

/** Expand (since 8, 13) and Tile (1 with tiles and axis; 6, 13 with repeats). */
final class Expands {
    private Expands() {}

    static void register(Registry r) {
        r.add("Expand", 8, Expands::expand);
        r.add("Tile", 1, Expands::tileAxis);
        r.add("Tile", 6, c -> tile(c, c.longs(1, null)));
    }

    private static Binding expand(BindContext c) {
        Shape in = c.shape(0), out = Shape.broadcast(in, Shape.of(c.longs(1, null)));
        long[] own = in.strides(), strides = new long[out.rank()];
        int skip = out.rank() - in.rank();
        for (int i = 0; i < in.rank(); i++)
            strides[skip + i] = in.dim(i) == 1 ? 0 : own[i];
        if (in.size() == out.size()) return Binding.alias(0, c.dtype(0), out);
        return Binding.of(c.dtype(0), out, StridedCopy.toContiguous(c.dtype(0).bytes(), out.dims(), strides, 0));
    }

    private static Binding tileAxis(BindContext c) {
        long[] repeats = new long[c.rank(0)];
        java.util.Arrays.fill(repeats, 1);
        c.require(c.constant(1).size() == 1 && c.constant(2).size() == 1, "tiles and axis must have one element");
        repeats[Shape.axis((long) c.constant(2).getDouble(0), repeats.length)] = (long) c.constant(1).getDouble(0);
        return tile(c, repeats);
    }

    private static Binding tile(BindContext c, long[] repeats) {
        Shape in = c.shape(0);
        c.require(repeats.length == in.rank(), "repeats has " + repeats.length + " entries, the input has shape " + in);
        long[] own = in.strides(), out = new long[in.rank()], dims = new long[2 * in.rank()], strides = new long[2 * in.rank()];
        for (int i = 0; i < in.rank(); i++) {
            c.require(repeats[i] >= 0, "repeats must not be negative, found " + repeats[i]);
            out[i] = Math.multiplyExact(repeats[i], in.dim(i));
            dims[2 * i] = repeats[i];
            dims[2 * i + 1] = in.dim(i);
            strides[2 * i + 1] = own[i];
        }
        Shape shape = Shape.of(out);
        if (in.size() == shape.size()) return Binding.alias(0, c.dtype(0), shape);
        return Binding.of(c.dtype(0), shape, StridedCopy.toContiguous(c.dtype(0).bytes(), dims, strides, 0));
    }
}
