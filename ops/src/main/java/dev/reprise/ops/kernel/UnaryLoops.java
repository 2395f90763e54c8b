package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.tensor.Tensor.F32;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.reprise.ops.math.FloatMath;
import dev.reprise.ops.math.Power;
import dev.reprise.ops.math.VectorMath;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loops over n consecutive float32 values from byte {@code ab} of {@code a} to byte {@code ob} of {@code o}; p and q are
 * the function's parameters. The scalar tail has the bits of the vector body. One loop a function, since a vector that
 * crossed a call that is not inlined would be boxed.
 */
final class UnaryLoops {
    private static final VectorSpecies<Float> S = VectorMath.SPECIES;
    private static final int L = S.length();
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

    private UnaryLoops() {}

    private static FloatVector all(float v) { return FloatVector.broadcast(S, v); }

    static float unit(float x) { return x < 0f ? 0f : x > 1f ? 1f : x; }

    private static FloatVector unit(FloatVector x) {
        return x.blend(0f, x.compare(VectorOperators.LT, 0f)).blend(1f, x.compare(VectorOperators.GT, 1f));
    }

    /** NumPy's clip: a NaN stays, and where the bounds cross the upper one wins. */
    static float between(float x, float low, float high) {
        float y = x < low ? low : x;
        return y > high ? high : y;
    }

    private static FloatVector between(FloatVector x, FloatVector low, FloatVector high) {
        FloatVector y = x.blend(low, x.compare(VectorOperators.LT, low));
        return y.blend(high, y.compare(VectorOperators.GT, high));
    }

    static void copy(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            x.intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, x);
        }
    }

    static void abs(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            x.abs().intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, Math.abs(x));
        }
    }

    static void neg(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            x.neg().intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, -x);
        }
    }

    static void sqrt(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            x.sqrt().intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, (float) Math.sqrt(x));
        }
    }

    static void reciprocal(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            all(1f).div(x).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, 1f / x);
        }
    }

    static void exp(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            VectorMath.exp(x).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, FloatMath.exp(x));
        }
    }

    static void log(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            VectorMath.log(x).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, FloatMath.log(x));
        }
    }

    static void tanh(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            VectorMath.tanh(x).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, FloatMath.tanh(x));
        }
    }

    static void erf(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            VectorMath.erf(x).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, FloatMath.erf(x));
        }
    }

    static void sigmoid(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            VectorMath.sigmoid(x).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, FloatMath.sigmoid(x));
        }
    }

    static void silu(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            VectorMath.silu(x).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, FloatMath.silu(x));
        }
    }

    static void swish(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            VectorMath.swish(x, p).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, FloatMath.swish(x, p));
        }
    }

    static void geluErf(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            VectorMath.geluErf(x).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, FloatMath.geluErf(x));
        }
    }

    static void geluTanh(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            VectorMath.geluTanh(x).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, FloatMath.geluTanh(x));
        }
    }

    static void softplus(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            VectorMath.softplus(x).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, FloatMath.softplus(x));
        }
    }

    static void mish(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            VectorMath.mish(x).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, FloatMath.mish(x));
        }
    }

    static void relu(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            x.blend(0f, x.compare(VectorOperators.LE, 0f)).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, x <= 0f ? 0f : x);
        }
    }

    static void leakyRelu(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            x.blend(x.mul(p), x.compare(VectorOperators.LT, 0f)).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, x < 0f ? x * p : x);
        }
    }

    static void thresholdedRelu(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            all(0f).blend(x, x.compare(VectorOperators.GT, p)).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, x > p ? x : 0f);
        }
    }

    static void elu(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            VectorMath.elu(x, p).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, FloatMath.elu(x, p));
        }
    }

    static void selu(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            VectorMath.elu(x, p).mul(q).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, FloatMath.elu(x, p) * q);
        }
    }

    static void celu(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            VectorMath.expm1NonPositive(x.div(p)).mul(p).blend(x, x.compare(VectorOperators.GT, 0f)).intoMemorySegment(ALL,
                    o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, x > 0f ? x : FloatMath.expm1NonPositive(x / p) * p);
        }
    }

    static void hardSigmoid(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            unit(x.fma(all(p), all(q))).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, unit(Math.fma(x, p, q)));
        }
    }

    static void hardSwish(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            x.mul(unit(x.fma(all(p), all(q)))).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, x * unit(Math.fma(x, p, q)));
        }
    }

    static void softsign(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            x.div(x.abs().add(1f)).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, x / (Math.abs(x) + 1f));
        }
    }

    static void shrink(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            all(0f).blend(x.add(q), x.compare(VectorOperators.LT, -p)).blend(x.sub(q), x.compare(VectorOperators.GT, p))
                    .intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, x < -p ? x + q : x > p ? x - q : 0f);
        }
    }

    static void clip(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            between(x, all(p), all(q)).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, between(x, p, q));
        }
    }

    static void square(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            x.mul(x).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, x * x);
        }
    }

    static void cube(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            x.mul(x).mul(x).intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, x * x * x);
        }
    }

    static void root(long a, long ab, long o, long ob, int n, float p, float q) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector x = fromMemorySegment(S, ALL, a + ab + 4L * i, LE);
            x.add(0f).sqrt().blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY))
                    .intoMemorySegment(ALL, o + ob + 4L * i, LE);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, a + ab + 4L * i);
            ALL.set(F32, o + ob + 4L * i, Power.root(x));
        }
    }
}
