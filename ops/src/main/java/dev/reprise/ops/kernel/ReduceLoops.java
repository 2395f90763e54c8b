package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.tensor.Tensor.F32;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.reprise.ops.math.FloatMath;
import dev.reprise.ops.math.VectorMath;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector loops of {@link Reduce} over 16 lanes (see {@link Lanes}). {@code along}: the values are neighbours, and a vector
 * holds lanes. {@code across}: the values of an output lie a row apart, and a vector holds outputs. One loop a step, since a
 * vector that crossed a call that is not inlined would be boxed.
 */
final class ReduceLoops {
    /** At most 8 lanes, so that two vectors, whose additions overlap, fit the 16 lanes. */
    private static final VectorSpecies<Float> S = VectorMath.SPECIES.length() > 8 ? FloatVector.SPECIES_256 : VectorMath.SPECIES;
    private static final int L = S.length();
    /** For exponentials, which keep more than one chain busy by themselves. */
    private static final VectorSpecies<Float> E = VectorMath.SPECIES;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

    private ReduceLoops() {}

    /** Takes n neighbours (a multiple of 16) from byte {@code at} into the 16 lanes at byte {@code lb}. */
    static void along(ReduceStep step, long x, long at, int n, long lanes, long lb, float shift) {
        switch (step) {
            case ADD -> addAlong(x, at, n, lanes, lb);
            case ABS -> absAlong(x, at, n, lanes, lb);
            case SQUARE -> squareAlong(x, at, n, lanes, lb);
            case EXP -> expAlong(x, at, n, lanes, lb, shift);
            case MAX -> maxAlong(x, at, n, lanes, lb);
            case MIN -> minAlong(x, at, n, lanes, lb);
            case MUL -> mulAlong(x, at, n, lanes, lb);
        }
    }

    /** Takes the n floats at byte {@code at} into one lane of n accumulators at byte {@code lb}; EXP has its shifts at {@code sb}. */
    static void across(ReduceStep step, long x, long at, int n, long lanes, long lb, long sb) {
        switch (step) {
            case ADD -> BinaryLoops.addVV(lanes, lb >> 2, x, at >> 2, lanes, lb >> 2, n);
            case ABS -> absAcross(x, at, n, lanes, lb);
            case SQUARE -> squareAcross(x, at, n, lanes, lb);
            case EXP -> expAcross(x, at, n, lanes, lb, sb);
            case MAX -> BinaryLoops.maxVV(lanes, lb >> 2, x, at >> 2, lanes, lb >> 2, n);
            case MIN -> BinaryLoops.minVV(lanes, lb >> 2, x, at >> 2, lanes, lb >> 2, n);
            case MUL -> BinaryLoops.mulVV(lanes, lb >> 2, x, at >> 2, lanes, lb >> 2, n);
        }
    }

    private static void addAlong(long x, long at, int n, long lanes, long lb) {
        for (int b = 0; b < Lanes.COUNT; b += 2 * L) {
            FloatVector s = fromMemorySegment(S, ALL, lanes + lb + 4L * b, LE),
                    t = fromMemorySegment(S, ALL, lanes + lb + 4L * (b + L), LE);
            for (int i = b; i < n; i += Lanes.COUNT) {
                s = fromMemorySegment(S, ALL, x + at + 4L * i, LE).add(s);
                t = fromMemorySegment(S, ALL, x + at + 4L * (i + L), LE).add(t);
            }
            s.intoMemorySegment(ALL, lanes + lb + 4L * b, LE);
            t.intoMemorySegment(ALL, lanes + lb + 4L * (b + L), LE);
        }
    }

    private static void absAlong(long x, long at, int n, long lanes, long lb) {
        for (int b = 0; b < Lanes.COUNT; b += 2 * L) {
            FloatVector s = fromMemorySegment(S, ALL, lanes + lb + 4L * b, LE),
                    t = fromMemorySegment(S, ALL, lanes + lb + 4L * (b + L), LE);
            for (int i = b; i < n; i += Lanes.COUNT) {
                s = fromMemorySegment(S, ALL, x + at + 4L * i, LE).abs().add(s);
                t = fromMemorySegment(S, ALL, x + at + 4L * (i + L), LE).abs().add(t);
            }
            s.intoMemorySegment(ALL, lanes + lb + 4L * b, LE);
            t.intoMemorySegment(ALL, lanes + lb + 4L * (b + L), LE);
        }
    }

    private static void squareAlong(long x, long at, int n, long lanes, long lb) {
        for (int b = 0; b < Lanes.COUNT; b += 2 * L) {
            FloatVector s = fromMemorySegment(S, ALL, lanes + lb + 4L * b, LE),
                    t = fromMemorySegment(S, ALL, lanes + lb + 4L * (b + L), LE);
            for (int i = b; i < n; i += Lanes.COUNT) {
                FloatVector v = fromMemorySegment(S, ALL, x + at + 4L * i, LE), w = fromMemorySegment(S, ALL, x + at + 4L * (i + L), LE);
                s = v.fma(v, s);
                t = w.fma(w, t);
            }
            s.intoMemorySegment(ALL, lanes + lb + 4L * b, LE);
            t.intoMemorySegment(ALL, lanes + lb + 4L * (b + L), LE);
        }
    }

    private static void maxAlong(long x, long at, int n, long lanes, long lb) {
        for (int b = 0; b < Lanes.COUNT; b += 2 * L) {
            FloatVector s = fromMemorySegment(S, ALL, lanes + lb + 4L * b, LE),
                    t = fromMemorySegment(S, ALL, lanes + lb + 4L * (b + L), LE);
            for (int i = b; i < n; i += Lanes.COUNT) {
                s = fromMemorySegment(S, ALL, x + at + 4L * i, LE).max(s);
                t = fromMemorySegment(S, ALL, x + at + 4L * (i + L), LE).max(t);
            }
            s.intoMemorySegment(ALL, lanes + lb + 4L * b, LE);
            t.intoMemorySegment(ALL, lanes + lb + 4L * (b + L), LE);
        }
    }

    private static void minAlong(long x, long at, int n, long lanes, long lb) {
        for (int b = 0; b < Lanes.COUNT; b += 2 * L) {
            FloatVector s = fromMemorySegment(S, ALL, lanes + lb + 4L * b, LE),
                    t = fromMemorySegment(S, ALL, lanes + lb + 4L * (b + L), LE);
            for (int i = b; i < n; i += Lanes.COUNT) {
                s = fromMemorySegment(S, ALL, x + at + 4L * i, LE).min(s);
                t = fromMemorySegment(S, ALL, x + at + 4L * (i + L), LE).min(t);
            }
            s.intoMemorySegment(ALL, lanes + lb + 4L * b, LE);
            t.intoMemorySegment(ALL, lanes + lb + 4L * (b + L), LE);
        }
    }

    private static void mulAlong(long x, long at, int n, long lanes, long lb) {
        for (int b = 0; b < Lanes.COUNT; b += 2 * L) {
            FloatVector s = fromMemorySegment(S, ALL, lanes + lb + 4L * b, LE),
                    t = fromMemorySegment(S, ALL, lanes + lb + 4L * (b + L), LE);
            for (int i = b; i < n; i += Lanes.COUNT) {
                s = fromMemorySegment(S, ALL, x + at + 4L * i, LE).mul(s);
                t = fromMemorySegment(S, ALL, x + at + 4L * (i + L), LE).mul(t);
            }
            s.intoMemorySegment(ALL, lanes + lb + 4L * b, LE);
            t.intoMemorySegment(ALL, lanes + lb + 4L * (b + L), LE);
        }
    }

    private static void expAlong(long x, long at, int n, long lanes, long lb, float shift) {
        FloatVector m = FloatVector.broadcast(E, shift);
        for (int b = 0; b < Lanes.COUNT; b += E.length()) {
            FloatVector s = FloatVector.fromMemorySegment(E, ALL, lanes + lb + 4L * b, LE);
            for (int i = b; i < n; i += Lanes.COUNT)
                s = VectorMath.expNonPositive(FloatVector.fromMemorySegment(E, ALL, x + at + 4L * i, LE).sub(m)).add(s);
            s.intoMemorySegment(ALL, lanes + lb + 4L * b, LE);
        }
    }

    private static void absAcross(long x, long at, int n, long lanes, long lb) {
        int i = 0;
        for (; i <= n - L; i += L)
            fromMemorySegment(S, ALL, lanes + lb + 4L * i, LE).add(fromMemorySegment(S, ALL, x + at + 4L * i, LE).abs())
                    .intoMemorySegment(ALL, lanes + lb + 4L * i, LE);
        for (; i < n; i++)
            ALL.set(F32, lanes + lb + 4L * i, ALL.get(F32, lanes + lb + 4L * i) + Math.abs(ALL.get(F32, x + at + 4L * i)));
    }

    private static void squareAcross(long x, long at, int n, long lanes, long lb) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector v = fromMemorySegment(S, ALL, x + at + 4L * i, LE);
            v.fma(v, fromMemorySegment(S, ALL, lanes + lb + 4L * i, LE)).intoMemorySegment(ALL, lanes + lb + 4L * i, LE);
        }
        for (; i < n; i++) {
            float v = ALL.get(F32, x + at + 4L * i);
            ALL.set(F32, lanes + lb + 4L * i, Math.fma(v, v, ALL.get(F32, lanes + lb + 4L * i)));
        }
    }

    private static void expAcross(long x, long at, int n, long lanes, long lb, long sb) {
        int i = 0;
        for (; i <= n - E.length(); i += E.length()) {
            FloatVector v = FloatVector.fromMemorySegment(E, ALL, x + at + 4L * i, LE);
            FloatVector e = VectorMath.expNonPositive(v.sub(FloatVector.fromMemorySegment(E, ALL, lanes + sb + 4L * i, LE)));
            FloatVector.fromMemorySegment(E, ALL, lanes + lb + 4L * i, LE).add(e).intoMemorySegment(ALL, lanes + lb + 4L * i,
                    LE);
        }
        for (; i < n; i++) {
            float e = FloatMath.expNonPositive(ALL.get(F32, x + at + 4L * i) - ALL.get(F32, lanes + sb + 4L * i));
            ALL.set(F32, lanes + lb + 4L * i, ALL.get(F32, lanes + lb + 4L * i) + e);
        }
    }
}
