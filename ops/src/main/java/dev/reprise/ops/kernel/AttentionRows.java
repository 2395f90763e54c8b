package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.math.FloatMath.*;
import static dev.reprise.ops.tensor.Tensor.F32;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.reprise.ops.math.FloatMath;
import dev.reprise.ops.math.VectorMath;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** What {@link Attention} does with a row of scores. Offsets in bytes. */
final class AttentionRows {
    private static final VectorSpecies<Float> S = VectorMath.SPECIES;
    private static final int L = S.length();
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

    private AttentionRows() {}

    static void cap(long s, long row, int n, float cap) {
        int i = 0;
        for (; i <= n - L; i += L)
            VectorMath.tanh(fromMemorySegment(S, ALL, s + row + 4L * i, LE).div(cap)).mul(cap).intoMemorySegment(ALL, s + row + 4L * i, LE);
        for (; i < n; i++)
            ALL.set(F32, s + row + 4L * i, FloatMath.tanh(ALL.get(F32, s + row + 4L * i) / cap) * cap);
    }

    /** @param column 1, or 0 where one value holds for the whole row */
    static void mask(long s, long row, int n, long mask, long at, long column) {
        if (column == 0) BinaryLoops.addVS(s, row >> 2, mask, at, s, row >> 2, n);
        else BinaryLoops.addVV(s, row >> 2, mask, at, s, row >> 2, n);
    }

    /**
     * Turns the first {@code seen} scores into weights and the rest, up to {@code keys}, into 0; updates the row's maximum and
     * lane sums.
     *
     * @return by what the outputs so far are to be scaled
     */
    static float weights(long s, long row, int seen, int keys, long lanes, long maximum) {
        float old = ALL.get(F32, s + maximum), max = Math.max(old, Softmax.max(s + row, seen));
        if (max == Float.NEGATIVE_INFINITY && anyNaN(s + row, seen)) max = Float.NaN;
        if (seen < keys || max == Float.NEGATIVE_INFINITY) {
            // Nothing seen so far: weights of 0, not e^(-inf + inf).
            int from = max == Float.NEGATIVE_INFINITY ? 0 : seen;
            Memory.zero(s + row + 4L * from, 4L * (keys - from));
            if (from == 0) return 1f;
        }
        float factor = FloatMath.expNonPositive(old - max);
        ALL.set(F32, s + maximum, max);
        if (factor != 1f) scale(s, lanes, Lanes.COUNT, factor);
        int bulk = seen & -Lanes.COUNT;
        for (int b = 0; b < Lanes.COUNT; b += L)
            exponentials(s + row, bulk, b, max, s + lanes);
        for (int i = bulk; i < seen; i++) {
            float e = FloatMath.expNonPositive(ALL.get(F32, s + row + 4L * i) - max);
            ALL.set(F32, s + row + 4L * i, e);
            Lanes.add(s, lanes, i, e);
        }
        return factor;
    }

    private static boolean anyNaN(long at, int n) {
        for (int i = 0; i < n; i++)
            if (Float.isNaN(ALL.get(F32, at + 4L * i))) return true;
        return false;
    }

    /**
     * e^(x - max) in place, and lane sums from lane b on. {@link VectorMath#expNonPositive} written out: this loop is the busiest after the
     * products', and where C2 has no room left for the call every vector is boxed.
     */
    static void exponentials(long row, int bulk, int b, float max, long lanes) {
        FloatVector m = FloatVector.broadcast(S, max), sum = fromMemorySegment(S, ALL, lanes + 4L * b, LE);
        FloatVector scale = FloatVector.broadcast(S, LOG2_E), round = FloatVector.broadcast(S, ROUND_BIASED);
        FloatVector high = FloatVector.broadcast(S, -LN2_HIGH), low = FloatVector.broadcast(S, -LN2_LOW),
                one = FloatVector.broadcast(S, 1f);
        FloatVector e2 = FloatVector.broadcast(S, E2), e3 = FloatVector.broadcast(S, E3), e4 = FloatVector.broadcast(S, E4),
                e5 = FloatVector.broadcast(S, E5), e6 = FloatVector.broadcast(S, E6), zero = FloatVector.zero(S);
        for (int i = b; i < bulk; i += Lanes.COUNT) {
            FloatVector x = fromMemorySegment(S, ALL, row + 4L * i, LE).sub(m), t = x.fma(scale, round), n = t.sub(round);
            FloatVector r = n.fma(low, n.fma(high, x));
            FloatVector p = e6.fma(r, e5).fma(r, e4).fma(r, e3).fma(r, e2).fma(r, one).fma(r, one);
            FloatVector y = p.mul(t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats())
                    .blend(zero, x.compare(VectorOperators.LT, EXP_NORMAL));
            y.intoMemorySegment(ALL, row + 4L * i, LE);
            sum = y.add(sum);
        }
        sum.intoMemorySegment(ALL, lanes + 4L * b, LE);
    }

    static void scale(long s, long at, int n, float factor) {
        int i = 0;
        for (; i <= n - L; i += L)
            fromMemorySegment(S, ALL, s + at + 4L * i, LE).mul(factor).intoMemorySegment(ALL, s + at + 4L * i, LE);
        for (; i < n; i++)
            ALL.set(F32, s + at + 4L * i, ALL.get(F32, s + at + 4L * i) * factor);
    }

    static void store(long s, long at, long o, long to, int n, float factor) {
        int i = 0;
        for (; i <= n - L; i += L)
            fromMemorySegment(S, ALL, s + at + 4L * i, LE).mul(factor).intoMemorySegment(ALL, o + to + 4L * i, LE);
        for (; i < n; i++)
            ALL.set(F32, o + to + 4L * i, ALL.get(F32, s + at + 4L * i) * factor);
    }
}
