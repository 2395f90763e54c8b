package dev.reprise.ops.tensor;

import java.util.Arrays;

/**
 * The concrete dimensions of a tensor, outermost first. Every dimension is at least 0; the product fits a long.
 * A scalar has rank 0. Immutable.
 */
public final class Shape {
    public static final Shape SCALAR = new Shape(new long[0]);

    private final long[] dims;
    private final long size;

    private Shape(long[] dims) {
        this.dims = dims;
        long n = 1;
        for (long d : dims) {
            if (d < 0) throw new IllegalArgumentException("negative dimension in shape " + Arrays.toString(dims));
            if (d == 0) {
                n = 0;
                break;
            }
            n = Math.multiplyExact(n, d);
        }
        this.size = n;
    }

    /** @throws IllegalArgumentException where a dimension is negative; ArithmeticException where the product overflows */
    public static Shape of(long... dims) {
        return dims.length == 0 ? SCALAR : new Shape(dims.clone());
    }

    public int rank() { return dims.length; }

    /** Dimension {@code axis}; negative axes count from the end. */
    public long dim(int axis) {
        return dims[axis < 0 ? axis + dims.length : axis];
    }

    /** Dimension {@code axis} as an int. @throws ArithmeticException where it does not fit */
    public int dimInt(int axis) {
        return Math.toIntExact(dim(axis));
    }

    /** Number of elements. */
    public long size() { return size; }

    public long[] dims() { return dims.clone(); }

    /** Row-major strides, in elements. */
    public long[] strides() {
        long[] s = new long[dims.length];
        long n = 1;
        for (int i = dims.length - 1; i >= 0; i--) {
            s[i] = n;
            n *= dims[i];
        }
        return s;
    }

    /** Product of the dimensions in [from, to). */
    public long product(int from, int to) {
        long n = 1;
        for (int i = from; i < to; i++)
            n *= dims[i];
        return n;
    }

    /** This shape with dimension {@code axis} replaced (negative axes count from the end). */
    public Shape with(int axis, long dim) {
        long[] d = dims.clone();
        d[axis < 0 ? axis + d.length : axis] = dim;
        return new Shape(d);
    }

    /** Result dimension i is this shape's dimension {@code perm[i]}. */
    public Shape permute(int... perm) {
        long[] d = new long[dims.length];
        for (int i = 0; i < d.length; i++)
            d[i] = dims[perm[i]];
        return new Shape(d);
    }

    /**
     * ONNX (NumPy) multidirectional broadcasting.
     *
     * @throws IllegalArgumentException naming both shapes where they do not broadcast
     */
    public static Shape broadcast(Shape a, Shape b) {
        if (a.equals(b)) return a;
        int r = Math.max(a.rank(), b.rank());
        long[] d = new long[r];
        for (int i = 0; i < r; i++) {
            long x = i < r - a.rank() ? 1 : a.dims[i - (r - a.rank())];
            long y = i < r - b.rank() ? 1 : b.dims[i - (r - b.rank())];
            if (x != y && x != 1 && y != 1) throw new IllegalArgumentException("shapes " + a + " and " + b + " do not broadcast");
            d[i] = x == 1 ? y : x;
        }
        return new Shape(d);
    }

    /**
     * A non-negative axis from one in [-rank, rank).
     *
     * @throws IllegalArgumentException where it is out of range
     */
    public static int axis(long axis, int rank) {
        if (axis < -rank || axis >= Math.max(rank, 1))
            throw new IllegalArgumentException("axis " + axis + " is outside [-" + rank + ", " + (rank - 1) + "]");
        return (int) (axis < 0 ? axis + rank : axis);
    }

    @Override
    public boolean equals(Object o) { return o instanceof Shape s && Arrays.equals(dims, s.dims); }

    @Override
    public int hashCode() { return Arrays.hashCode(dims); }

    @Override
    public String toString() { return Arrays.toString(dims); }
}
