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
 * The last step of norms: {@code y = ((x - mean) - rest) * scale + bias}, perhaps with SiLU behind. The mean is kept as a
 * float and the rest that the float left out, so that a mean much larger than the deviation costs no accuracy. Parameters
 * lie as four floats or four rows: mean, rest, scale, bias.
 */
final class Normalize {
    private static final VectorSpecies<Float> S = VectorMath.SPECIES;
    private static final int L = S.length();
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

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

    /** n neighbouring channels of one pixel: four rows of parameters from byte p on, {@code row} bytes apart. */
    static void pixel(long x, long xb, long y, long yb, int n, long params, long p, long row) {
        int i = 0;
        for (; i <= n - L; i += L) {
            long at = p + 4L * i;
            fromMemorySegment(S, ALL, x + xb + 4L * i, LE).sub(fromMemorySegment(S, ALL, params + at, LE))
                    .sub(fromMemorySegment(S, ALL, params + at + row, LE))
                    .fma(fromMemorySegment(S, ALL, params + at + 2 * row, LE), fromMemorySegment(S, ALL, params + at + 3 * row, LE))
                    .intoMemorySegment(ALL, y + yb + 4L * i, LE);
        }
        for (; i < n; i++)
            ALL.set(F32, y + yb + 4L * i, pixel(x, xb, params, p, row, i));
    }

    static void pixelSilu(long x, long xb, long y, long yb, int n, long params, long p, long row) {
        int i = 0;
        for (; i <= n - L; i += L) {
            long at = p + 4L * i;
            FloatVector v = fromMemorySegment(S, ALL, x + xb + 4L * i, LE).sub(fromMemorySegment(S, ALL, params + at, LE))
                    .sub(fromMemorySegment(S, ALL, params + at + row, LE)).fma(fromMemorySegment(S, ALL, params + at + 2 * row, LE),
                            fromMemorySegment(S, ALL, params + at + 3 * row, LE));
            VectorMath.silu(v).intoMemorySegment(ALL, y + yb + 4L * i, LE);
        }
        for (; i < n; i++)
            ALL.set(F32, y + yb + 4L * i, FloatMath.silu(pixel(x, xb, params, p, row, i)));
    }

    private static float pixel(long x, long xb, long params, long p, long row, int i) {
        long at = p + 4L * i;
        return of(ALL.get(F32, x + xb + 4L * i), ALL.get(F32, params + at), ALL.get(F32, params + at + row),
                ALL.get(F32, params + at + 2 * row),
                ALL.get(F32, params + at + 3 * row));
    }
}
