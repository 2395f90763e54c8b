package dev.reprise.ops.kernel;

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

    private static FloatVector load(long s, long at) { return Memory.load(s + at); }

    static float of(float x, float mean, float rest, float scale, float bias) { return Math.fma(x - mean - rest, scale, bias); }

    /** n floats of one channel: the parameters are the same for all; p is the byte where its four floats start. */
    static void channel(long x, long xb, long y, long yb, int n, long params, long p) {
        float mean = Memory.getFloat(params + p), rest = Memory.getFloat(params + p + 4), scale = Memory.getFloat(params + p + 8),
                bias = Memory.getFloat(params + p + 12);
        FloatVector m = FloatVector.broadcast(S, mean), r = FloatVector.broadcast(S, rest), a = FloatVector.broadcast(S, scale),
                b = FloatVector.broadcast(S, bias);
        int i = 0;
        for (; i <= n - L; i += L)
            load(x, xb + 4L * i).sub(m).sub(r).fma(a, b).intoMemorySegment(Memory.ALL, y + yb + 4L * i, LE);
        for (; i < n; i++)
            Memory.putFloat(y + yb + 4L * i, of(Memory.getFloat(x + xb + 4L * i), mean, rest, scale, bias));
    }

    static void channelSilu(long x, long xb, long y, long yb, int n, long params, long p) {
        float mean = Memory.getFloat(params + p), rest = Memory.getFloat(params + p + 4), scale = Memory.getFloat(params + p + 8),
                bias = Memory.getFloat(params + p + 12);
        FloatVector m = FloatVector.broadcast(S, mean), r = FloatVector.broadcast(S, rest), a = FloatVector.broadcast(S, scale),
                b = FloatVector.broadcast(S, bias);
        int i = 0;
        for (; i <= n - L; i += L)
            VectorMath.silu(load(x, xb + 4L * i).sub(m).sub(r).fma(a, b)).intoMemorySegment(Memory.ALL, y + yb + 4L * i, LE);
        for (; i < n; i++)
            Memory.putFloat(y + yb + 4L * i, FloatMath.silu(of(Memory.getFloat(x + xb + 4L * i), mean, rest, scale, bias)));
    }

    /** n neighbouring channels of one pixel: four rows of parameters from byte p on, {@code row} bytes apart. */
    static void pixel(long x, long xb, long y, long yb, int n, long params, long p, long row) {
        int i = 0;
        for (; i <= n - L; i += L) {
            long at = p + 4L * i;
            load(x, xb + 4L * i).sub(load(params, at)).sub(load(params, at + row))
                    .fma(load(params, at + 2 * row), load(params, at + 3 * row))
                    .intoMemorySegment(Memory.ALL, y + yb + 4L * i, LE);
        }
        for (; i < n; i++)
            Memory.putFloat(y + yb + 4L * i, pixel(x, xb, params, p, row, i));
    }

    static void pixelSilu(long x, long xb, long y, long yb, int n, long params, long p, long row) {
        int i = 0;
        for (; i <= n - L; i += L) {
            long at = p + 4L * i;
            FloatVector v = load(x, xb + 4L * i).sub(load(params, at)).sub(load(params, at + row)).fma(load(params, at + 2 * row),
                    load(params, at + 3 * row));
            VectorMath.silu(v).intoMemorySegment(Memory.ALL, y + yb + 4L * i, LE);
        }
        for (; i < n; i++)
            Memory.putFloat(y + yb + 4L * i, FloatMath.silu(pixel(x, xb, params, p, row, i)));
    }

    private static float pixel(long x, long xb, long params, long p, long row, int i) {
        long at = p + 4L * i;
        return of(Memory.getFloat(x + xb + 4L * i), Memory.getFloat(params + at), Memory.getFloat(params + at + row),
                Memory.getFloat(params + at + 2 * row),
                Memory.getFloat(params + at + 3 * row));
    }
}
