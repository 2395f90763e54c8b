package uk.ac.manchester.tornado.api.types.arrays;

/** Stands in for TornadoVM's array of the same name: what kernels use of it, on the heap. */
public final class IntArray {
    private final int[] values;

    public IntArray(int size) { values = new int[size]; }

    public int get(int i) { return values[i]; }

    public void set(int i, int value) { values[i] = value; }

    public int getSize() { return values.length; }
}
