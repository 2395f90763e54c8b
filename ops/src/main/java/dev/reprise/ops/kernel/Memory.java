package dev.reprise.ops.kernel;

import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The memory of tensors by address, for the loops of kernels. Everything goes through one constant segment that spans all memory,
 * because C2 compiles an access by the classes of segments that it has seen anywhere in the process: where heap, native and mapped
 * segments were seen, no check leaves the loop, and a matrix product runs at a third of its speed in one JVM and in full in the
 * next. Of a constant segment everything is known.
 *
 * <p>Nothing is checked here. A kernel takes the address of a tensor once ({@link Tensor#address}) and stays within its shape; who
 * runs the kernel keeps the tensor's memory alive.
 */
final class Memory {
    /** The widest vectors of this machine. */
    static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    /** Floats in a vector. */
    static final int LANES = S.length();
    /** Bytes of a vector. */
    static final long V = S.vectorByteSize();

    static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

    @SuppressWarnings("restricted")
    static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private Memory() {}

    static FloatVector load(long at) { return FloatVector.fromMemorySegment(S, ALL, at, LE); }

    static void store(FloatVector v, long at) { v.intoMemorySegment(ALL, at, LE); }

    /** A vector of which every lane is the float at {@code at}. */
    static FloatVector broadcast(long at) {
        return FloatVector.broadcast(S, ALL.get(Tensor.F32, at));
    }

    static float getFloat(long at) { return ALL.get(Tensor.F32, at); }

    static void putFloat(long at, float x) { ALL.set(Tensor.F32, at, x); }

    static double getDouble(long at) { return ALL.get(Tensor.F64, at); }

    static void putDouble(long at, double x) { ALL.set(Tensor.F64, at, x); }

    static int getInt(long at) { return ALL.get(Tensor.I32, at); }

    static void putInt(long at, int x) { ALL.set(Tensor.I32, at, x); }

    static long getLong(long at) { return ALL.get(Tensor.I64, at); }

    static void putLong(long at, long x) { ALL.set(Tensor.I64, at, x); }

    static short getShort(long at) { return ALL.get(Tensor.I16, at); }

    static void putShort(long at, short x) { ALL.set(Tensor.I16, at, x); }

    static byte getByte(long at) { return ALL.get(Tensor.I8, at); }

    static void putByte(long at, byte x) { ALL.set(Tensor.I8, at, x); }

    /** Copies bytes between places that may overlap. */
    static void copy(long from, long to, long bytes) {
        MemorySegment.copy(ALL, from, ALL, to, bytes);
    }

    static void zero(long at, long bytes) { ALL.asSlice(at, bytes).fill((byte) 0); }

    /** Copies one element, or a block of any size. */
    static void copyElement(long from, long to, int bytes) {
        switch (bytes) {
            case 1 -> putByte(to, getByte(from));
            case 2 -> putShort(to, getShort(from));
            case 4 -> putInt(to, getInt(from));
            case 8 -> putLong(to, getLong(from));
            default -> copy(from, to, bytes);
        }
    }
}
