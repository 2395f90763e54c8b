package dev.reprise.ops.kernel;

import dev.reprise.ops.tensor.Shape;

/**
 * Where GatherElements reads and ScatterElements writes: at the coordinates of an entry of {@code indices}, with the one
 * on {@code axis} replaced by the entry. Entries are visited by rows of the last axis.
 */
final class ElementIndex {
    private final long[] dims, strides;
    private final int axis;
    private final long n, rows, rowLength;
    private final String what;

    ElementIndex(Shape data, Shape indices, int axis) {
        dims = indices.dims();
        strides = data.strides();
        this.axis = axis;
        n = data.dim(axis);
        rowLength = dims[dims.length - 1];
        rows = rowLength == 0 ? 0 : indices.size() / rowLength;
        what = "axis " + axis + " of input 0 " + data;
    }

    long rows() { return rows; }

    long rowLength() { return rowLength; }

    /** The data position that the coordinates of a row give on all axes but the last and the indexed one. */
    long base(long row) {
        long base = 0;
        for (int a = dims.length - 2; a >= 0; a--) {
            long q = row / dims[a];
            if (a != axis) base += (row - q * dims[a]) * strides[a];
            row = q;
        }
        return base;
    }

    /** The data position of entry j of a row. */
    long position(long base, long j, long index) {
        long k = Elements.index(index, n, what);
        return axis == dims.length - 1 ? base + k : base + k * strides[axis] + j;
    }
}
