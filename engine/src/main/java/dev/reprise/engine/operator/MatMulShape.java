package dev.reprise.engine.operator;

import dev.reprise.ops.tensor.Shape;
import java.util.Arrays;

/**
 * NumPy's matrix product of two shapes as a list of products of m x k by k x n.
 *
 * @param a element offset of each product's A
 * @param b index of each product's B among the {@code bCount} that the second input holds
 */
record MatMulShape(Shape out, int m, int n, int k, long[] a, int[] b, int bCount) {
    /** @param transB the last two dimensions of {@code y} are (n, k) */
    static MatMulShape of(BindContext c, Shape x, Shape y, boolean transB) {
        c.require(x.rank() >= 1 && y.rank() >= 1, "the inputs must have at least one dimension, found shapes " + x + " and " + y);
        Shape xs = x.rank() == 1 ? Shape.of(1, x.dim(0)) : x,
                ys = y.rank() > 1 ? y : transB ? Shape.of(1, y.dim(0)) : Shape.of(y.dim(0), 1);
        int m = xs.dimInt(-2), k = xs.dimInt(-1), n = ys.dimInt(transB ? -2 : -1);
        c.require(ys.dim(transB ? -1 : -2) == k,
                "shapes " + x + " and " + y + " do not multiply: " + k + " columns meet " + ys.dim(transB ? -1 : -2) + " rows");
        Shape xb = Shape.of(Arrays.copyOf(xs.dims(), xs.rank() - 2)), yb = Shape.of(Arrays.copyOf(ys.dims(), ys.rank() - 2)), batch;
        try {
            batch = Shape.broadcast(xb, yb);
        } catch (IllegalArgumentException e) {
            throw c.error(e.getMessage());
        }
        long[] out = Arrays.copyOf(batch.dims(), batch.rank() + 2);
        out[batch.rank()] = m;
        out[batch.rank() + 1] = n;
        Shape shape = y.rank() == 1 ? drop(out, batch.rank() + 1) : Shape.of(out);
        if (x.rank() == 1) shape = drop(shape.dims(), batch.rank());
        int bCount = Math.toIntExact(yb.size());
        // One B for all: the products are one, with more rows.
        if (bCount == 1 && xb.size() == batch.size())
            return new MatMulShape(shape, Math.toIntExact(m * batch.size()), n, k, new long[1], new int[1], 1);
        int count = Math.toIntExact(batch.size());
        long[] a = new long[count];
        int[] b = new int[count];
        for (int i = 0; i < count; i++) {
            a[i] = index(batch, xb, i) * m * k;
            b[i] = (int) index(batch, yb, i);
        }
        return new MatMulShape(shape, m, n, k, a, b, bCount);
    }

    private static Shape drop(long[] dims, int axis) {
        long[] d = new long[dims.length - 1];
        for (int i = 0, j = 0; i < dims.length; i++)
            if (i != axis) d[j++] = dims[i];
        return Shape.of(d);
    }

    /** Where element {@code i} of {@code whole} is read from in {@code part}, which broadcasts to it. */
    private static long index(Shape whole, Shape part, long i) {
        long r = 0, stride = 1;
        for (int axis = whole.rank() - 1, p = part.rank() - 1; axis >= 0; axis--, p--) {
            long at = i % whole.dim(axis);
            i /= whole.dim(axis);
            if (p < 0) continue;
            if (part.dim(p) != 1) r += at * stride;
            stride *= part.dim(p);
        }
        return r;
    }
}
