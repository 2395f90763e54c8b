package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.LE;
import static dev.reprise.ops.math.Power.*;
import static dev.reprise.ops.tensor.Tensor.F32;
import static dev.reprise.ops.tensor.Tensor.F64;
import static dev.reprise.ops.tensor.Tensor.I32;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.reprise.ops.math.Power;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** {@link Power#of} on vectors, in three loops: in one, C2's budget would not last. Addresses in bytes, n in elements. */
final class PowLoops {
    private static final VectorSpecies<Double> D = DoubleVector.SPECIES_PREFERRED;
    /** Half as wide as {@link #D}: as many floats as a vector has doubles. */
    private static final VectorShape HALF = VectorShape.forBitSize(D.vectorBitSize() / 2);
    private static final VectorSpecies<Float> F = VectorSpecies.of(float.class, HALF);
    private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, HALF);
    private static final int L = D.length();
    private static final int INFINITY_BITS = 0x7f800000;

    private PowLoops() {}

    /** Bytes of scratch memory that {@link #run} needs for an element. */
    static final int SCRATCH = 12;

    /** x^y; the result may lie where x or y is. */
    static void run(long x, long y, long out, int n, long scratch) {
        long p = scratch + 8L * n;
        log2(x, scratch, n);
        exp2(scratch, y, p, n);
        finish(x, y, p, out, n);
    }

    /** The same for exponents that are finite, not 0 and none with a form of its own: there most bases need no more care. */
    static void plain(long x, long y, long out, int n, long scratch) {
        if (!positive(x, n)) {
            run(x, y, out, n, scratch);
            return;
        }
        log2(x, scratch, n);
        exp2(scratch, y, out, n);
    }

    /** True where no base is negative, -0 or NaN. */
    private static boolean positive(long x, int n) {
        int i = 0;
        for (; i <= n - L; i += L)
            if (fromMemorySegment(F, ALL, x + 4L * i, LE).reinterpretAsInts().compare(VectorOperators.UGT, INFINITY_BITS).anyTrue())
                return false;
        for (; i < n; i++)
            if (Integer.compareUnsigned(ALL.get(I32, x + 4L * i), INFINITY_BITS) > 0) return false;
        return true;
    }

    private static void log2(long x, long to, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector a = fromMemorySegment(F, ALL, x + 4L * i, LE).abs();
            VectorMask<Float> tiny = a.compare(VectorOperators.LT, Float.MIN_NORMAL);
            IntVector bits = a.blend(a.mul(INTEGERS), tiny).reinterpretAsInts();
            IntVector e = bits.sub(SQRT_HALF_BITS).lanewise(VectorOperators.ASHR, 23);
            DoubleVector m = (DoubleVector) bits.sub(e.lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats()
                    .convertShape(VectorOperators.F2D, D, 0);
            FloatVector whole = (FloatVector) e.sub(23, tiny.cast(I)).convertShape(VectorOperators.I2F, F, 0);
            whole = whole.blend(Float.NEGATIVE_INFINITY, a.compare(VectorOperators.EQ, 0f)).blend(Float.POSITIVE_INFINITY,
                    a.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
            DoubleVector s = m.sub(1).div(m.add(1)), z = s.mul(s);
            DoubleVector p = DoubleVector.broadcast(D, L19).fma(z, all(L17)).fma(z, all(L15)).fma(z, all(L13)).fma(z, all(L11))
                    .fma(z, all(L9)).fma(z, all(L7)).fma(z, all(L5)).fma(z, all(L3)).fma(z, all(L1));
            s.fma(p, (DoubleVector) whole.convertShape(VectorOperators.F2D, D, 0)).intoMemorySegment(ALL, to + 8L * i, LE);
        }
        for (; i < n; i++)
            ALL.set(F64, to + 8L * i, Power.log2(ALL.get(F32, x + 4L * i)));
    }

    private static void exp2(long logs, long y, long to, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            DoubleVector t = DoubleVector.fromMemorySegment(D, ALL, logs + 8L * i, LE)
                    .mul(fromMemorySegment(F, ALL, y + 4L * i, LE).convertShape(VectorOperators.F2D, D, 0));
            t = t.blend(LARGE, t.compare(VectorOperators.GT, LARGE));
            t = t.blend(-LARGE, t.compare(VectorOperators.LT, -LARGE));
            DoubleVector biased = t.add(ROUND_BIASED), r = t.sub(biased.sub(ROUND_BIASED));
            DoubleVector p = DoubleVector.broadcast(D, E12).fma(r, all(E11)).fma(r, all(E10)).fma(r, all(E9)).fma(r, all(E8))
                    .fma(r, all(E7)).fma(r, all(E6)).fma(r, all(E5)).fma(r, all(E4)).fma(r, all(E3)).fma(r, all(E2)).fma(r, all(E1))
                    .fma(r, all(1));
            DoubleVector scale = biased.reinterpretAsLongs().lanewise(VectorOperators.LSHL, 52).reinterpretAsDoubles();
            ((FloatVector) p.mul(scale).convertShape(VectorOperators.D2F, F, 0)).intoMemorySegment(ALL, to + 4L * i, LE);
        }
        for (; i < n; i++)
            ALL.set(F32, to + 4L * i, Power.exp2(ALL.get(F32, y + 4L * i) * ALL.get(F64, logs + 8L * i)));
    }

    /** From |x|^y. */
    private static void finish(long x, long y, long p, long out, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector a = fromMemorySegment(F, ALL, x + 4L * i, LE), b = fromMemorySegment(F, ALL, y + 4L * i, LE);
            FloatVector r = fromMemorySegment(F, ALL, p + 4L * i, LE);
            VectorMask<Float> whole = isInteger(b);
            VectorMask<Float> odd = whole.andNot(isInteger(b.mul(0.5f)));
            VectorMask<Float> negative = a.reinterpretAsInts().compare(VectorOperators.LT, 0).cast(F);
            r = r.blend(r.neg(), odd.and(negative));
            r = r.blend(Float.NaN,
                    a.compare(VectorOperators.LT, 0f).and(a.compare(VectorOperators.GT, Float.NEGATIVE_INFINITY)).andNot(whole));
            r = r.blend(1f, a.compare(VectorOperators.EQ, -1f).and(b.abs().compare(VectorOperators.EQ, Float.POSITIVE_INFINITY)));
            r = r.blend(Float.NaN, a.compare(VectorOperators.NE, a).or(b.compare(VectorOperators.NE, b)));
            r = r.blend(1f, b.compare(VectorOperators.EQ, 0f).or(a.compare(VectorOperators.EQ, 1f)));
            r.intoMemorySegment(ALL, p + 4L * i, LE);
        }
        shortcuts(x, y, p, out, i);
        for (; i < n; i++)
            ALL.set(F32, out + 4L * i, Power.finish(ALL.get(F32, x + 4L * i), ALL.get(F32, y + 4L * i), ALL.get(F32, p + 4L * i)));
    }

    /** The exponents that are a float operation or two. */
    private static void shortcuts(long x, long y, long p, long out, int n) {
        for (int i = 0; i < n; i += L) {
            FloatVector a = fromMemorySegment(F, ALL, x + 4L * i, LE), b = fromMemorySegment(F, ALL, y + 4L * i, LE);
            FloatVector r = fromMemorySegment(F, ALL, p + 4L * i, LE), square = a.mul(a);
            r = r.blend(FloatVector.broadcast(F, 1f).div(a), b.compare(VectorOperators.EQ, -1f));
            r = r.blend(a.add(0f).sqrt().blend(Float.POSITIVE_INFINITY, a.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY)),
                    b.compare(VectorOperators.EQ, 0.5f));
            r = r.blend(a, b.compare(VectorOperators.EQ, 1f)).blend(square, b.compare(VectorOperators.EQ, 2f));
            r.blend(square.mul(a), b.compare(VectorOperators.EQ, 3f)).intoMemorySegment(ALL, out + 4L * i, LE);
        }
    }

    private static VectorMask<Float> isInteger(FloatVector y) {
        FloatVector a = y.abs();
        return a.compare(VectorOperators.GE, INTEGERS).or(a.add(INTEGERS).sub(INTEGERS).compare(VectorOperators.EQ, a));
    }

    private static DoubleVector all(double v) { return DoubleVector.broadcast(D, v); }
}
