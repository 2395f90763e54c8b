package dev.reprise.engine.operator;

import dev.reprise.ops.tensor.Shape;
import java.util.Arrays;

/**
 * The operators that only rename dimensions: Reshape (since 1; 5 shape as input; 14 allowzero), Flatten (1, 9, 11, 13),
 * Squeeze and Unsqueeze (1, 11; 13 axes as input).
 */
final class Reshapes {
    private Reshapes() {}

    static void register(Registry r) {
        r.add("Flatten", 1, Reshapes::flatten, "axis");
        r.add("Reshape", 1, c -> reshape(c, c.attributes().integers("shape", new long[0])), "shape", "consumed_inputs");
        r.add("Reshape", 5, c -> reshape(c, c.longs(1, null)));
        r.add("Reshape", 14, c -> reshape(c, c.longs(1, null)), "allowzero");
        r.add("Squeeze", 1, c -> squeeze(c, c.attributes().integers("axes", null)), "axes");
        r.add("Squeeze", 13, c -> squeeze(c, c.longs(1, null)));
        r.add("Unsqueeze", 1, c -> unsqueeze(c, c.attributes().integers("axes", null)), "axes");
        r.add("Unsqueeze", 13, c -> unsqueeze(c, c.longs(1, null)));
    }

    private static Binding alias(BindContext c, Shape shape) { return Binding.alias(0, c.dtype(0), shape); }

    private static Binding flatten(BindContext c) {
        long axis = c.attributes().integer("axis", 1);
        int rank = c.rank(0);
        c.require(axis >= -rank && axis <= rank, "attribute 'axis' is " + axis + ", expected one in [-" + rank + ", " + rank + "]");
        int at = (int) (axis < 0 ? axis + rank : axis);
        return alias(c, Shape.of(c.shape(0).product(0, at), c.shape(0).product(at, rank)));
    }

    private static Binding reshape(BindContext c, long[] wanted) {
        c.require(wanted != null, "input 1 (the shape) is required");
        Shape from = c.shape(0);
        boolean zeroMeansZero = c.attributes().flag("allowzero", false);
        long[] dims = wanted.clone();
        int open = -1;
        long known = 1;
        for (int i = 0; i < dims.length; i++) {
            if (dims[i] == 0 && !zeroMeansZero) {
                c.require(i < from.rank(), "0 at position " + i + " of shape " + Arrays.toString(wanted) + " copies a dimension that input "
                        + from + " lacks");
                dims[i] = from.dim(i);
            }
            c.require(dims[i] >= -1, "negative dimension in shape " + Arrays.toString(wanted));
            if (dims[i] >= 0) known = Math.multiplyExact(known, dims[i]);
            else {
                c.require(open < 0, "shape " + Arrays.toString(wanted) + " has more than one -1");
                open = i;
            }
        }
        if (open >= 0) {
            c.require(known != 0 && from.size() % known == 0, "input of shape " + from + " does not fill shape " + Arrays.toString(wanted));
            dims[open] = from.size() / known;
        }
        Shape to = Shape.of(dims);
        c.require(to.size() == from.size(), "input of shape " + from + " does not fill shape " + Arrays.toString(wanted));
        return alias(c, to);
    }

    private static Binding squeeze(BindContext c, long[] axes) {
        Shape from = c.shape(0);
        boolean[] drop = new boolean[from.rank()];
        if (axes == null)
            for (int i = 0; i < drop.length; i++)
                drop[i] = from.dim(i) == 1;
        else
            for (long a : axes) {
                int axis = Shape.axis(a, from.rank());
                c.require(axis < drop.length && from.dim(axis) == 1,
                        "axis " + a + " of shape " + from + " is not 1 and cannot be squeezed");
                drop[axis] = true;
            }
        long[] dims = new long[drop.length];
        int n = 0;
        for (int i = 0; i < drop.length; i++)
            if (!drop[i]) dims[n++] = from.dim(i);
        return alias(c, Shape.of(Arrays.copyOf(dims, n)));
    }

    private static Binding unsqueeze(BindContext c, long[] axes) {
        c.require(axes != null, "axes are required");
        Shape from = c.shape(0);
        long[] dims = new long[from.rank() + axes.length];
        for (long a : axes) {
            int axis = Shape.axis(a, dims.length);
            c.require(dims[axis] == 0, "axis " + a + " is given twice in " + Arrays.toString(axes));
            dims[axis] = -1;
        }
        for (int i = 0, k = 0; i < dims.length; i++)
            dims[i] = dims[i] == -1 ? 1 : from.dim(k++);
        return alias(c, Shape.of(dims));
    }
}
