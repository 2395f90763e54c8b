package dev.reprise.ops.kernel;

import dev.reprise.ops.math.FloatMath;
import dev.reprise.ops.math.VectorMath;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** What {@link Attention} does with a row of scores. Offsets in bytes. */
final class AttentionRows {
    private static final VectorSpecies<Float> S = VectorMath.SPECIES;
    private static final int L = S.length();
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

    private AttentionRows() {}

    private static FloatVector load(MemorySegment s, long at) { return FloatVector.fromMemorySegment(S, s, at, LE); }

    static void cap(MemorySegment s, long row, int n, float cap) {
        int i = 0;
        for (; i <= n - L; i += L)
            VectorMath.tanh(load(s, row + 4L * i).div(cap)).mul(cap).intoMemorySegment(s, row + 4L * i, LE);
        for (; i < n; i++)
            s.set(Tensor.F32, row + 4L * i, FloatMath.tanh(s.get(Tensor.F32, row + 4L * i) / cap) * cap);
    }

    /** @param column 1, or 0 where one value holds for the whole row */
    static void mask(MemorySegment s, long row, int n, MemorySegment mask, long at, long column) {
        if (column == 0) BinaryLoops.addVS(s, row >> 2, mask, at, s, row >> 2, n);
        else BinaryLoops.addVV(s, row >> 2, mask, at, s, row >> 2, n);
    }

    /**
     * Turns the first {@code seen} scores into weights and the rest, up to {@code keys}, into 0; updates the row's maximum and
     * lane sums.
     *
     * @param spare 64 bytes
     * @return by what the outputs so far are to be scaled
     */
    static float weights(MemorySegment s, long row, int seen, int keys, long lanes, long maximum, long spare) {
        float old = s.get(Tensor.F32, maximum), max = Math.max(old, Softmax.max(s, row, seen, s, spare));
        if (seen < keys || max == Float.NEGATIVE_INFINITY) {
            // Nothing seen so far: weights of 0, not e^(-inf + inf).
            int from = max == Float.NEGATIVE_INFINITY ? 0 : seen;
            s.asSlice(row + 4L * from, 4L * (keys - from)).fill((byte) 0);
            if (from == 0) return 1f;
        }
        float factor = FloatMath.expNonPositive(old - max);
        s.set(Tensor.F32, maximum, max);
        if (factor != 1f) scale(s, lanes, Lanes.COUNT, factor);
        int bulk = seen & -Lanes.COUNT;
        for (int b = 0; b < Lanes.COUNT; b += L)
            exponentials(s, row, bulk, b, max, lanes);
        for (int i = bulk; i < seen; i++) {
            float e = FloatMath.expNonPositive(s.get(Tensor.F32, row + 4L * i) - max);
            s.set(Tensor.F32, row + 4L * i, e);
            Lanes.add(s, lanes, i, e);
        }
        return factor;
    }

    private static void exponentials(MemorySegment s, long row, int bulk, int b, float max, long lanes) {
        FloatVector m = FloatVector.broadcast(S, max), sum = load(s, lanes + 4L * b);
        for (int i = b; i < bulk; i += Lanes.COUNT) {
            FloatVector e = VectorMath.expNonPositive(load(s, row + 4L * i).sub(m));
            e.intoMemorySegment(s, row + 4L * i, LE);
            sum = sum.add(e);
        }
        sum.intoMemorySegment(s, lanes + 4L * b, LE);
    }

    static void scale(MemorySegment s, long at, int n, float factor) {
        int i = 0;
        for (; i <= n - L; i += L)
            load(s, at + 4L * i).mul(factor).intoMemorySegment(s, at + 4L * i, LE);
        for (; i < n; i++)
            s.set(Tensor.F32, at + 4L * i, s.get(Tensor.F32, at + 4L * i) * factor);
    }

    static void store(MemorySegment s, long at, MemorySegment o, long to, int n, float factor) {
        int i = 0;
        for (; i <= n - L; i += L)
            load(s, at + 4L * i).mul(factor).intoMemorySegment(o, to + 4L * i, LE);
        for (; i < n; i++)
            o.set(Tensor.F32, to + 4L * i, s.get(Tensor.F32, at + 4L * i) * factor);
    }
}
