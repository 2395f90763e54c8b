package uk.ac.manchester.tornado.api.types.arrays;

/** Stands in for TornadoVM's array of the same name: what kernels use of it, on the heap. */
public final class FloatArray {
    private final float[] values;

    public FloatArray(int size) { values = new float[size]; }

    public float get(int i) { return values[i]; }

    public void set(int i, float value) { values[i] = value; }

    public int getSize() { return values.length; }
}
