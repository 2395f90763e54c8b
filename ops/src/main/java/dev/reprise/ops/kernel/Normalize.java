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

/**
 * The last step of norms: {@code y = ((x - mean) - rest) * scale + bias}, perhaps with SiLU behind. The mean is kept as a
 * float and the rest that the float left out, so that a mean much larger than the deviation costs no accuracy. Parameters
 * lie as four floats or four rows: mean, rest, scale, bias.
 */
final class Normalize {
    private static final VectorSpecies<Float> S = VectorMath.SPECIES;
    private static final int L = S.length();
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

    /** Channels of a pixel that is short. */
    private static final int SHORT = 64;

    private Normalize() {}

    static float of(float x, float mean, float rest, float scale, float bias) { return Math.fma(x - mean - rest, scale, bias); }

    /** n floats of one channel: the parameters are the same for all; p is the byte where its four floats start. */
    static void channel(long x, long xb, long y, long yb, int n, long params, long p) {
        float mean = ALL.get(F32, params + p), rest = ALL.get(F32, params + p + 4), scale = ALL.get(F32, params + p + 8),
                bias = ALL.get(F32, params + p + 12);
        FloatVector m = FloatVector.broadcast(S, mean), r = FloatVector.broadcast(S, rest), a = FloatVector.broadcast(S, scale),
                b = FloatVector.broadcast(S, bias);
        int i = 0;
        for (; i <= n - L; i += L)
            fromMemorySegment(S, ALL, x + xb + 4L * i, LE).sub(m).sub(r).fma(a, b).intoMemorySegment(ALL, y + yb + 4L * i, LE);
        for (; i < n; i++)
            ALL.set(F32, y + yb + 4L * i, of(ALL.get(F32, x + xb + 4L * i), mean, rest, scale, bias));
    }

    static void channelSilu(long x, long xb, long y, long yb, int n, long params, long p) {
        float mean = ALL.get(F32, params + p), rest = ALL.get(F32, params + p + 4), scale = ALL.get(F32, params + p + 8),
                bias = ALL.get(F32, params + p + 12);
        FloatVector m = FloatVector.broadcast(S, mean), r = FloatVector.broadcast(S, rest), a = FloatVector.broadcast(S, scale),
                b = FloatVector.broadcast(S, bias);
        int i = 0;
        for (; i <= n - L; i += L)
            VectorMath.silu(fromMemorySegment(S, ALL, x + xb + 4L * i, LE).sub(m).sub(r).fma(a, b)).intoMemorySegment(ALL, y + yb + 4L * i,
                    LE);
        for (; i < n; i++)
            ALL.set(F32, y + yb + 4L * i, FloatMath.silu(of(ALL.get(F32, x + xb + 4L * i), mean, rest, scale, bias)));
    }

    /**
     * n neighbouring channels of some pixels, each {@code stride} bytes behind the one before: four rows of parameters from
     * {@code params} on, {@code row} bytes apart. Where pixels are short, a vector of channels is done for all of them before the
     * next, its parameters in registers; long ones one after the other, as memory likes to be read.
     */
    static void pixels(long x, long y, long stride, int pixels, int n, long params, long row) {
        int i = 0;
        if (n <= SHORT)
            for (; i <= n - L; i += L)
                column(x + 4L * i, y + 4L * i, stride, pixels, params + 4L * i, row);
        else {
            for (int k = 0; k < pixels; k++)
                pixel(x + k * stride, y + k * stride, n, params, row);
            i = n & -L;
        }
        for (; i < n; i++)
            for (int k = 0; k < pixels; k++)
                ALL.set(F32, y + 4L * i + k * stride, pixel(x + k * stride, params, row, i));
    }

    /** As {@link #pixels}, and SiLU of it. */
    static void pixelsSilu(long x, long y, long stride, int pixels, int n, long params, long row) {
        int i = 0;
        if (n <= SHORT)
            for (; i <= n - L; i += L)
                columnSilu(x + 4L * i, y + 4L * i, stride, pixels, params + 4L * i, row);
        else {
            for (int k = 0; k < pixels; k++)
                pixelSilu(x + k * stride, y + k * stride, n, params, row);
            i = n & -L;
        }
        for (; i < n; i++)
            for (int k = 0; k < pixels; k++)
                ALL.set(F32, y + 4L * i + k * stride, FloatMath.silu(pixel(x + k * stride, params, row, i)));
    }

    static void pixel(long x, long y, int n, long params, long row) {
        for (int i = 0; i <= n - L; i += L) {
            long at = params + 4L * i;
            fromMemorySegment(S, ALL, x + 4L * i, LE).sub(fromMemorySegment(S, ALL, at, LE)).sub(fromMemorySegment(S, ALL, at + row, LE))
                    .fma(fromMemorySegment(S, ALL, at + 2 * row, LE), fromMemorySegment(S, ALL, at + 3 * row, LE))
                    .intoMemorySegment(ALL, y + 4L * i, LE);
        }
    }

    /** {@link VectorMath#silu} written out, as in {@link #columnSilu}. */
    static void pixelSilu(long x, long y, int count, long params, long row) {
        FloatVector log2 = FloatVector.broadcast(S, LOG2_E), round = FloatVector.broadcast(S, ROUND_BIASED);
        FloatVector high = FloatVector.broadcast(S, -LN2_HIGH), low = FloatVector.broadcast(S, -LN2_LOW),
                one = FloatVector.broadcast(S, 1f);
        FloatVector e2 = FloatVector.broadcast(S, E2), e3 = FloatVector.broadcast(S, E3), e4 = FloatVector.broadcast(S, E4),
                e5 = FloatVector.broadcast(S, E5), e6 = FloatVector.broadcast(S, E6), zero = FloatVector.zero(S);
        for (int i = 0; i <= count - L; i += L) {
            long at = params + 4L * i;
            FloatVector v = fromMemorySegment(S, ALL, x + 4L * i, LE).sub(fromMemorySegment(S, ALL, at, LE))
                    .sub(fromMemorySegment(S, ALL, at + row, LE))
                    .fma(fromMemorySegment(S, ALL, at + 2 * row, LE), fromMemorySegment(S, ALL, at + 3 * row, LE)), w = v.abs().neg();
            FloatVector t = w.fma(log2, round), n = t.sub(round), f = n.fma(low, n.fma(high, w));
            FloatVector p = e6.fma(f, e5).fma(f, e4).fma(f, e3).fma(f, e2).fma(f, one).fma(f, one);
            FloatVector e = p.mul(t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats())
                    .blend(zero, w.compare(VectorOperators.LT, EXP_NORMAL));
            v.blend(v.mul(e), v.compare(VectorOperators.LT, 0f)).div(e.add(one)).intoMemorySegment(ALL, y + 4L * i, LE);
        }
    }

    private static void column(long x, long y, long stride, int pixels, long params, long row) {
        FloatVector m = fromMemorySegment(S, ALL, params, LE), r = fromMemorySegment(S, ALL, params + row, LE),
                a = fromMemorySegment(S, ALL, params + 2 * row, LE), b = fromMemorySegment(S, ALL, params + 3 * row, LE);
        for (int k = 0; k < pixels; k++)
            fromMemorySegment(S, ALL, x + k * stride, LE).sub(m).sub(r).fma(a, b).intoMemorySegment(ALL, y + k * stride, LE);
    }

    /**
     * {@link VectorMath#silu} written out: in a compiled method that holds {@link #pixelSilu} too there is not always room for the
     * calls, and then every vector is boxed.
     */
    private static void columnSilu(long x, long y, long stride, int pixels, long params, long row) {
        FloatVector m = fromMemorySegment(S, ALL, params, LE), r = fromMemorySegment(S, ALL, params + row, LE),
                a = fromMemorySegment(S, ALL, params + 2 * row, LE), b = fromMemorySegment(S, ALL, params + 3 * row, LE);
        FloatVector log2 = FloatVector.broadcast(S, LOG2_E), round = FloatVector.broadcast(S, ROUND_BIASED);
        FloatVector high = FloatVector.broadcast(S, -LN2_HIGH), low = FloatVector.broadcast(S, -LN2_LOW),
                one = FloatVector.broadcast(S, 1f);
        FloatVector e2 = FloatVector.broadcast(S, E2), e3 = FloatVector.broadcast(S, E3), e4 = FloatVector.broadcast(S, E4),
                e5 = FloatVector.broadcast(S, E5), e6 = FloatVector.broadcast(S, E6), zero = FloatVector.zero(S);
        for (int k = 0; k < pixels; k++) {
            FloatVector v = fromMemorySegment(S, ALL, x + k * stride, LE).sub(m).sub(r).fma(a, b), w = v.abs().neg();
            FloatVector t = w.fma(log2, round), n = t.sub(round), f = n.fma(low, n.fma(high, w));
            FloatVector p = e6.fma(f, e5).fma(f, e4).fma(f, e3).fma(f, e2).fma(f, one).fma(f, one);
            FloatVector e = p.mul(t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats())
                    .blend(zero, w.compare(VectorOperators.LT, EXP_NORMAL));
            v.blend(v.mul(e), v.compare(VectorOperators.LT, 0f)).div(e.add(one)).intoMemorySegment(ALL, y + k * stride, LE);
        }
    }

    private static float pixel(long x, long params, long row, int i) {
        long at = params + 4L * i;
        return of(ALL.get(F32, x + 4L * i), ALL.get(F32, at), ALL.get(F32, at + row), ALL.get(F32, at + 2 * row),
                ALL.get(F32, at + 3 * row));
    }
}
