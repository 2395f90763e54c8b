package dev.reprise.ops.kernel;

import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
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
 * <p>Loops call {@link MemorySegment} and {@link FloatVector} themselves, with {@link #ALL}, instead of short methods of this
 * class: the JDK's methods are always inlined, ours only while C2's budget lasts, and one call that is left in a loop boxes every
 * vector in it.
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

    /**
     * All bits of an address: a number masked with them is not negative, and the compiler drops the check of {@link #ALL}'s bounds. Where it cannot, as with the scalars of a product's
     * left side, it copies the loop twice to have the check outside, computes in each call how far that holds, and keeps addresses on the stack for the places where it
     * does not: a tile of 4 x 4 vectors took four times the code, and 2.38 to 3.17 ns a step on Zen 5, from one JVM to the next, where it now takes 2.35 to 2.39.
     */
    static final long ADDRESS = (1L << 56) - 1;
    /** All bits of a loop's counter or of an offset in a row, for the same end; the mask costs nothing, for the compiler learns later that counters are not negative. */
    static final int INDEX = Integer.MAX_VALUE;

    static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

    @SuppressWarnings("restricted")
    static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    /** Two panels' vectors of 0, and of -0, which is the number whose addition changes nothing. */
    static final long ZEROS = Arena.global().allocate(8 * V, 64).address(), NOTHING = nothing();

    private Memory() {}

    private static long nothing() {
        long at = Arena.global().allocate(8 * V, 64).address();
        for (long i = 0; i < 8 * V; i += 4)
            ALL.set(Tensor.F32, at + i, -0f);
        return at;
    }

    /** Copies bytes between places that may overlap. */
    static void copy(long from, long to, long bytes) {
        MemorySegment.copy(ALL, from, ALL, to, bytes);
    }

    /** Without a slice, which would be an object for each call. */
    static void zero(long at, long bytes) {
        FloatVector zero = FloatVector.zero(S);
        long i = 0;
        for (; i <= bytes - V; i += V)
            zero.intoMemorySegment(ALL, at + i, LE);
        for (; i < bytes; i++)
            ALL.set(Tensor.I8, at + i, (byte) 0);
    }

    /**
     * Bytes of scratch for each thread, behind {@code common} bytes for all. A plan gives all kernels the same scratch, and those that networks spend their time in take the same share for a thread, who so finds lines there that
     * it wrote itself: those that another core wrote last, as part of its own share of another size, would have to be fetched from there.
     *
     * @param least whole cache lines ({@link #lines}) that a thread needs: a share is whole lines too, and would otherwise end short of what was asked for
     */
    static long share(MemorySegment scratch, long common, int threads, long least) {
        long share = (scratch.byteSize() - common) / threads & -64L;
        if (share < least)
            throw new IllegalStateException(
                    "scratch of " + scratch.byteSize() + " bytes gives each of " + threads + " threads " + share + ", not " + least);
        return share;
    }

    /** So many bytes in whole cache lines. */
    static long lines(long bytes) { return bytes + 63 & -64L; }

    /** Copies one element, or a block of any size. */
    static void copyElement(long from, long to, int bytes) {
        switch (bytes) {
            case 1 -> ALL.set(Tensor.I8, to, ALL.get(Tensor.I8, from));
            case 2 -> ALL.set(Tensor.I16, to, ALL.get(Tensor.I16, from));
            case 4 -> ALL.set(Tensor.I32, to, ALL.get(Tensor.I32, from));
            case 8 -> ALL.set(Tensor.I64, to, ALL.get(Tensor.I64, from));
            default -> copy(from, to, bytes);
        }
    }
}
