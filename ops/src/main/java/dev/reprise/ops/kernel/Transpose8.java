package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;

import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * An 8 × 8 block of 4-byte elements, transposed in eight 256-bit registers: halves, then quarters, then neighbours
 * change places between pairs of rows.
 */
final class Transpose8 {
    static final int SIDE = 8;

    /** Narrower machines would run 256-bit vectors without registers for them. */
    static final boolean WORTHWHILE = IntVector.SPECIES_PREFERRED.length() >= SIDE;

    private static final VectorSpecies<Integer> S = IntVector.SPECIES_256;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final VectorShuffle<Integer> SWAP4 = VectorShuffle.fromOp(S, i -> i ^ 4);
    private static final VectorShuffle<Integer> SWAP2 = VectorShuffle.fromOp(S, i -> i ^ 2);
    private static final VectorShuffle<Integer> SWAP1 = VectorShuffle.fromOp(S, i -> i ^ 1);
    private static final VectorMask<Integer> HIGH4 = VectorMask.fromLong(S, 0b1111_0000);
    private static final VectorMask<Integer> HIGH2 = VectorMask.fromLong(S, 0b1100_1100);
    private static final VectorMask<Integer> HIGH1 = VectorMask.fromLong(S, 0b1010_1010);

    private Transpose8() {}

    /** Input row i starts at {@code s + i * step}, output row i at {@code d + i * pitch}; all in bytes. */
    static void block(long in, long s, long step, long out, long d, long pitch) {
        IntVector a0 = IntVector.fromMemorySegment(S, ALL, in + s, ORDER),
                a1 = IntVector.fromMemorySegment(S, ALL, in + s + step, ORDER);
        IntVector a2 = IntVector.fromMemorySegment(S, ALL, in + s + 2 * step, ORDER),
                a3 = IntVector.fromMemorySegment(S, ALL, in + s + 3 * step, ORDER);
        IntVector a4 = IntVector.fromMemorySegment(S, ALL, in + s + 4 * step, ORDER),
                a5 = IntVector.fromMemorySegment(S, ALL, in + s + 5 * step, ORDER);
        IntVector a6 = IntVector.fromMemorySegment(S, ALL, in + s + 6 * step, ORDER),
                a7 = IntVector.fromMemorySegment(S, ALL, in + s + 7 * step, ORDER);

        IntVector b0 = a0.blend(a4.rearrange(SWAP4), HIGH4), b4 = a0.rearrange(SWAP4).blend(a4, HIGH4);
        IntVector b1 = a1.blend(a5.rearrange(SWAP4), HIGH4), b5 = a1.rearrange(SWAP4).blend(a5, HIGH4);
        IntVector b2 = a2.blend(a6.rearrange(SWAP4), HIGH4), b6 = a2.rearrange(SWAP4).blend(a6, HIGH4);
        IntVector b3 = a3.blend(a7.rearrange(SWAP4), HIGH4), b7 = a3.rearrange(SWAP4).blend(a7, HIGH4);

        a0 = b0.blend(b2.rearrange(SWAP2), HIGH2);
        a2 = b0.rearrange(SWAP2).blend(b2, HIGH2);
        a1 = b1.blend(b3.rearrange(SWAP2), HIGH2);
        a3 = b1.rearrange(SWAP2).blend(b3, HIGH2);
        a4 = b4.blend(b6.rearrange(SWAP2), HIGH2);
        a6 = b4.rearrange(SWAP2).blend(b6, HIGH2);
        a5 = b5.blend(b7.rearrange(SWAP2), HIGH2);
        a7 = b5.rearrange(SWAP2).blend(b7, HIGH2);

        a0.blend(a1.rearrange(SWAP1), HIGH1).intoMemorySegment(ALL, out + d, ORDER);
        a0.rearrange(SWAP1).blend(a1, HIGH1).intoMemorySegment(ALL, out + d + pitch, ORDER);
        a2.blend(a3.rearrange(SWAP1), HIGH1).intoMemorySegment(ALL, out + d + 2 * pitch, ORDER);
        a2.rearrange(SWAP1).blend(a3, HIGH1).intoMemorySegment(ALL, out + d + 3 * pitch, ORDER);
        a4.blend(a5.rearrange(SWAP1), HIGH1).intoMemorySegment(ALL, out + d + 4 * pitch, ORDER);
        a4.rearrange(SWAP1).blend(a5, HIGH1).intoMemorySegment(ALL, out + d + 5 * pitch, ORDER);
        a6.blend(a7.rearrange(SWAP1), HIGH1).intoMemorySegment(ALL, out + d + 6 * pitch, ORDER);
        a6.rearrange(SWAP1).blend(a7, HIGH1).intoMemorySegment(ALL, out + d + 7 * pitch, ORDER);
    }
}
