package dev.reprise.ops.kernel;

import dev.reprise.ops.math.VectorMath;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@code C += A B} on tiles of six rows and one, two or four vectors: one accumulator an element, k ascending, one fma a
 * step. Everything in one segment; offsets and strides in bytes; B's rows are contiguous vectors. Four vectors want 32
 * registers, so only machines with 512-bit vectors use them.
 */
final class AttentionTiles {
    static final int ROWS = 6;
    private static final VectorSpecies<Float> S = VectorMath.SPECIES;
    private static final int L = S.length();
    /** The widest tile, in vectors. */
    static final int WIDE = L >= 16 ? 4 : 2;
    private static final long V = 4L * L;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

    private AttentionTiles() {}

    private static FloatVector load(MemorySegment s, long at) { return FloatVector.fromMemorySegment(S, s, at, LE); }

    private static FloatVector all(MemorySegment s, long at) { return FloatVector.broadcast(S, s.get(Tensor.F32, at)); }

    /** The widest tile that has at most {@code vectors} vectors. */
    static int width(int vectors) {
        return vectors >= WIDE ? WIDE : vectors >= 2 ? 2 : 1;
    }

    static void add(int vectors, MemorySegment s, long a, long as, long b, long bs, long c, long cs, int k) {
        switch (vectors) {
            case 1 -> add1(s, a, as, b, bs, c, cs, k);
            case 2 -> add2(s, a, as, b, bs, c, cs, k);
            default -> add4(s, a, as, b, bs, c, cs, k);
        }
    }

    private static void add1(MemorySegment s, long a, long as, long b, long bs, long c, long cs, int k) {
        FloatVector c00 = load(s, c);
        FloatVector c10 = load(s, c + cs);
        FloatVector c20 = load(s, c + 2 * cs);
        FloatVector c30 = load(s, c + 3 * cs);
        FloatVector c40 = load(s, c + 4 * cs);
        FloatVector c50 = load(s, c + 5 * cs);
        long a1 = a + as, a2 = a1 + as, a3 = a2 + as, a4 = a3 + as, a5 = a4 + as;
        for (int i = 0; i < k; i++) {
            long j = 4L * i, at = b + i * bs;
            FloatVector b0 = load(s, at);
            FloatVector x0 = all(s, a + j);
            c00 = x0.fma(b0, c00);
            FloatVector x1 = all(s, a1 + j);
            c10 = x1.fma(b0, c10);
            FloatVector x2 = all(s, a2 + j);
            c20 = x2.fma(b0, c20);
            FloatVector x3 = all(s, a3 + j);
            c30 = x3.fma(b0, c30);
            FloatVector x4 = all(s, a4 + j);
            c40 = x4.fma(b0, c40);
            FloatVector x5 = all(s, a5 + j);
            c50 = x5.fma(b0, c50);
        }
        c00.intoMemorySegment(s, c, LE);
        c10.intoMemorySegment(s, c + cs, LE);
        c20.intoMemorySegment(s, c + 2 * cs, LE);
        c30.intoMemorySegment(s, c + 3 * cs, LE);
        c40.intoMemorySegment(s, c + 4 * cs, LE);
        c50.intoMemorySegment(s, c + 5 * cs, LE);
    }

    private static void add2(MemorySegment s, long a, long as, long b, long bs, long c, long cs, int k) {
        FloatVector c00 = load(s, c), c01 = load(s, c + V);
        FloatVector c10 = load(s, c + cs), c11 = load(s, c + cs + V);
        FloatVector c20 = load(s, c + 2 * cs), c21 = load(s, c + 2 * cs + V);
        FloatVector c30 = load(s, c + 3 * cs), c31 = load(s, c + 3 * cs + V);
        FloatVector c40 = load(s, c + 4 * cs), c41 = load(s, c + 4 * cs + V);
        FloatVector c50 = load(s, c + 5 * cs), c51 = load(s, c + 5 * cs + V);
        long a1 = a + as, a2 = a1 + as, a3 = a2 + as, a4 = a3 + as, a5 = a4 + as;
        for (int i = 0; i < k; i++) {
            long j = 4L * i, at = b + i * bs;
            FloatVector b0 = load(s, at), b1 = load(s, at + V);
            FloatVector x0 = all(s, a + j);
            c00 = x0.fma(b0, c00);
            c01 = x0.fma(b1, c01);
            FloatVector x1 = all(s, a1 + j);
            c10 = x1.fma(b0, c10);
            c11 = x1.fma(b1, c11);
            FloatVector x2 = all(s, a2 + j);
            c20 = x2.fma(b0, c20);
            c21 = x2.fma(b1, c21);
            FloatVector x3 = all(s, a3 + j);
            c30 = x3.fma(b0, c30);
            c31 = x3.fma(b1, c31);
            FloatVector x4 = all(s, a4 + j);
            c40 = x4.fma(b0, c40);
            c41 = x4.fma(b1, c41);
            FloatVector x5 = all(s, a5 + j);
            c50 = x5.fma(b0, c50);
            c51 = x5.fma(b1, c51);
        }
        c00.intoMemorySegment(s, c, LE);
        c01.intoMemorySegment(s, c + V, LE);
        c10.intoMemorySegment(s, c + cs, LE);
        c11.intoMemorySegment(s, c + cs + V, LE);
        c20.intoMemorySegment(s, c + 2 * cs, LE);
        c21.intoMemorySegment(s, c + 2 * cs + V, LE);
        c30.intoMemorySegment(s, c + 3 * cs, LE);
        c31.intoMemorySegment(s, c + 3 * cs + V, LE);
        c40.intoMemorySegment(s, c + 4 * cs, LE);
        c41.intoMemorySegment(s, c + 4 * cs + V, LE);
        c50.intoMemorySegment(s, c + 5 * cs, LE);
        c51.intoMemorySegment(s, c + 5 * cs + V, LE);
    }

    private static void add4(MemorySegment s, long a, long as, long b, long bs, long c, long cs, int k) {
        FloatVector c00 = load(s, c), c01 = load(s, c + V), c02 = load(s, c + 2 * V), c03 = load(s, c + 3 * V);
        FloatVector c10 = load(s, c + cs), c11 = load(s, c + cs + V), c12 = load(s, c + cs + 2 * V), c13 = load(s, c + cs + 3 * V);
        FloatVector c20 = load(s, c + 2 * cs), c21 = load(s, c + 2 * cs + V), c22 = load(s, c + 2 * cs + 2 * V),
                c23 = load(s, c + 2 * cs + 3 * V);
        FloatVector c30 = load(s, c + 3 * cs), c31 = load(s, c + 3 * cs + V), c32 = load(s, c + 3 * cs + 2 * V),
                c33 = load(s, c + 3 * cs + 3 * V);
        FloatVector c40 = load(s, c + 4 * cs), c41 = load(s, c + 4 * cs + V), c42 = load(s, c + 4 * cs + 2 * V),
                c43 = load(s, c + 4 * cs + 3 * V);
        FloatVector c50 = load(s, c + 5 * cs), c51 = load(s, c + 5 * cs + V), c52 = load(s, c + 5 * cs + 2 * V),
                c53 = load(s, c + 5 * cs + 3 * V);
        long a1 = a + as, a2 = a1 + as, a3 = a2 + as, a4 = a3 + as, a5 = a4 + as;
        for (int i = 0; i < k; i++) {
            long j = 4L * i, at = b + i * bs;
            FloatVector b0 = load(s, at), b1 = load(s, at + V), b2 = load(s, at + 2 * V), b3 = load(s, at + 3 * V);
            FloatVector x0 = all(s, a + j);
            c00 = x0.fma(b0, c00);
            c01 = x0.fma(b1, c01);
            c02 = x0.fma(b2, c02);
            c03 = x0.fma(b3, c03);
            FloatVector x1 = all(s, a1 + j);
            c10 = x1.fma(b0, c10);
            c11 = x1.fma(b1, c11);
            c12 = x1.fma(b2, c12);
            c13 = x1.fma(b3, c13);
            FloatVector x2 = all(s, a2 + j);
            c20 = x2.fma(b0, c20);
            c21 = x2.fma(b1, c21);
            c22 = x2.fma(b2, c22);
            c23 = x2.fma(b3, c23);
            FloatVector x3 = all(s, a3 + j);
            c30 = x3.fma(b0, c30);
            c31 = x3.fma(b1, c31);
            c32 = x3.fma(b2, c32);
            c33 = x3.fma(b3, c33);
            FloatVector x4 = all(s, a4 + j);
            c40 = x4.fma(b0, c40);
            c41 = x4.fma(b1, c41);
            c42 = x4.fma(b2, c42);
            c43 = x4.fma(b3, c43);
            FloatVector x5 = all(s, a5 + j);
            c50 = x5.fma(b0, c50);
            c51 = x5.fma(b1, c51);
            c52 = x5.fma(b2, c52);
            c53 = x5.fma(b3, c53);
        }
        c00.intoMemorySegment(s, c, LE);
        c01.intoMemorySegment(s, c + V, LE);
        c02.intoMemorySegment(s, c + 2 * V, LE);
        c03.intoMemorySegment(s, c + 3 * V, LE);
        c10.intoMemorySegment(s, c + cs, LE);
        c11.intoMemorySegment(s, c + cs + V, LE);
        c12.intoMemorySegment(s, c + cs + 2 * V, LE);
        c13.intoMemorySegment(s, c + cs + 3 * V, LE);
        c20.intoMemorySegment(s, c + 2 * cs, LE);
        c21.intoMemorySegment(s, c + 2 * cs + V, LE);
        c22.intoMemorySegment(s, c + 2 * cs + 2 * V, LE);
        c23.intoMemorySegment(s, c + 2 * cs + 3 * V, LE);
        c30.intoMemorySegment(s, c + 3 * cs, LE);
        c31.intoMemorySegment(s, c + 3 * cs + V, LE);
        c32.intoMemorySegment(s, c + 3 * cs + 2 * V, LE);
        c33.intoMemorySegment(s, c + 3 * cs + 3 * V, LE);
        c40.intoMemorySegment(s, c + 4 * cs, LE);
        c41.intoMemorySegment(s, c + 4 * cs + V, LE);
        c42.intoMemorySegment(s, c + 4 * cs + 2 * V, LE);
        c43.intoMemorySegment(s, c + 4 * cs + 3 * V, LE);
        c50.intoMemorySegment(s, c + 5 * cs, LE);
        c51.intoMemorySegment(s, c + 5 * cs + V, LE);
        c52.intoMemorySegment(s, c + 5 * cs + 2 * V, LE);
        c53.intoMemorySegment(s, c + 5 * cs + 3 * V, LE);
    }
}
