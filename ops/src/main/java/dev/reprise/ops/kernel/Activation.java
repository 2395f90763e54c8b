package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.LE;
import static dev.reprise.ops.kernel.Memory.S;
import static dev.reprise.ops.math.FloatMath.*;
import static dev.reprise.ops.tensor.Tensor.F32;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.reprise.ops.math.FloatMath;
import dev.reprise.ops.math.VectorMath;
import java.util.Arrays;
import java.util.Locale;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Elementwise functions that float32 kernels can apply to their result while it is in the cache. */
public enum Activation {
    NONE, RELU, SIGMOID, TANH,
    /** x * sigmoid(x). */
    SILU,
    /** With erf. */
    GELU,
    /** Its approximation with tanh. */
    GELU_TANH,
    /** x * sigmoid(1.702 x). */
    QUICK_GELU, MISH;

    /** The name in attributes of internal operators: lower case, such as "gelu_tanh". */
    public String attribute() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The inverse of {@link #attribute}. @throws IllegalArgumentException for unknown names */
    public static Activation of(String attribute) {
        for (Activation a : values())
            if (a.attribute().equals(attribute)) return a;
        throw new IllegalArgumentException(
                "activation '" + attribute + "' is not one of " + Arrays.stream(values()).map(Activation::attribute).toList());
    }

    /** The function itself, as the vector code computes it, bit for bit. */
    public float apply(float x) {
        return switch (this) {
            case NONE -> x;
            case RELU -> Math.max(x, 0f);
            case SIGMOID -> FloatMath.sigmoid(x);
            case TANH -> FloatMath.tanh(x);
            case SILU -> FloatMath.silu(x);
            case GELU -> FloatMath.geluErf(x);
            case GELU_TANH -> FloatMath.geluTanh(x);
            case QUICK_GELU -> FloatMath.swish(x, 1.702f);
            case MISH -> FloatMath.mish(x);
        };
    }

    /** Applies the function in place to n floats at an address. */
    void apply(long at, int n) {
        if (this == NONE) return;
        int done = switch (this) {
            case NONE -> n;
            case RELU -> relu(at, n);
            case SIGMOID -> sigmoid(at, n);
            case TANH -> tanh(at, n);
            case SILU -> swish(at, n, 1f);
            case GELU -> gelu(at, n);
            case GELU_TANH -> geluTanh(at, n);
            case QUICK_GELU -> swish(at, n, 1.702f);
            case MISH -> mish(at, n);
        };
        for (int i = done; i < n; i++)
            ALL.set(F32, at + i * 4L, apply(ALL.get(F32, at + i * 4L)));
    }

    // One loop a function, because C2 has no room for two polynomials in one method. Each answers how many elements it did.

    private static int relu(long at, int n) {
        int i = 0;
        for (; i <= n - PackedB.LANES; i += PackedB.LANES)
            fromMemorySegment(S, ALL, at + i * 4L, LE).max(0f).intoMemorySegment(ALL, at + i * 4L, LE);
        return i;
    }

    private static int sigmoid(long at, int n) {
        int i = 0;
        for (; i <= n - PackedB.LANES; i += PackedB.LANES)
            VectorMath.sigmoid(fromMemorySegment(S, ALL, at + i * 4L, LE)).intoMemorySegment(ALL, at + i * 4L, LE);
        return i;
    }

    private static int tanh(long at, int n) {
        int i = 0;
        for (; i <= n - PackedB.LANES; i += PackedB.LANES)
            VectorMath.tanh(fromMemorySegment(S, ALL, at + i * 4L, LE)).intoMemorySegment(ALL, at + i * 4L, LE);
        return i;
    }

    /**
     * x * sigmoid(alpha x): {@link VectorMath#swish} written out. So are the two GELUs. A method as long as that is compiled on its own; short ones
     * were inlined into {@link Epilogue}, which then had more nodes than C2 inlines the JDK's methods for, and every vector was boxed.
     */
    private static int swish(long at, int count, float alpha) {
        FloatVector log2 = FloatVector.broadcast(S, LOG2_E), round = FloatVector.broadcast(S, ROUND_BIASED);
        FloatVector high = FloatVector.broadcast(S, -LN2_HIGH), low = FloatVector.broadcast(S, -LN2_LOW),
                one = FloatVector.broadcast(S, 1f), by = FloatVector.broadcast(S, alpha);
        FloatVector e2 = FloatVector.broadcast(S, E2), e3 = FloatVector.broadcast(S, E3), e4 = FloatVector.broadcast(S, E4),
                e5 = FloatVector.broadcast(S, E5), e6 = FloatVector.broadcast(S, E6), zero = FloatVector.zero(S);
        int i = 0;
        for (; i <= count - PackedB.LANES; i += PackedB.LANES) {
            FloatVector x = fromMemorySegment(S, ALL, at + i * 4L, LE), v = x.mul(by), w = v.abs().neg();
            FloatVector t = w.fma(log2, round), n = t.sub(round), f = n.fma(low, n.fma(high, w));
            FloatVector p = e6.fma(f, e5).fma(f, e4).fma(f, e3).fma(f, e2).fma(f, one).fma(f, one);
            FloatVector e = p.mul(t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats())
                    .blend(zero, w.compare(VectorOperators.LT, EXP_NORMAL));
            x.blend(x.mul(e), v.compare(VectorOperators.LT, 0f)).div(e.add(one)).intoMemorySegment(ALL, at + i * 4L, LE);
        }
        return i;
    }

    /** {@link VectorMath#geluTanh} written out. */
    private static int geluTanh(long at, int count) {
        FloatVector log2 = FloatVector.broadcast(S, LOG2_E), round = FloatVector.broadcast(S, ROUND_BIASED);
        FloatVector high = FloatVector.broadcast(S, -LN2_HIGH), low = FloatVector.broadcast(S, -LN2_LOW),
                one = FloatVector.broadcast(S, 1f), g1 = FloatVector.broadcast(S, GELU_1), g3 = FloatVector.broadcast(S, GELU_3);
        FloatVector e2 = FloatVector.broadcast(S, E2), e3 = FloatVector.broadcast(S, E3), e4 = FloatVector.broadcast(S, E4),
                e5 = FloatVector.broadcast(S, E5), e6 = FloatVector.broadcast(S, E6), zero = FloatVector.zero(S);
        int i = 0;
        for (; i <= count - PackedB.LANES; i += PackedB.LANES) {
            FloatVector x = fromMemorySegment(S, ALL, at + i * 4L, LE), v = x.mul(x.mul(x).fma(g3, g1)), w = v.abs().neg();
            FloatVector t = w.fma(log2, round), n = t.sub(round), f = n.fma(low, n.fma(high, w));
            FloatVector p = e6.fma(f, e5).fma(f, e4).fma(f, e3).fma(f, e2).fma(f, one).fma(f, one);
            FloatVector e = p.mul(t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats())
                    .blend(zero, w.compare(VectorOperators.LT, EXP_NORMAL));
            x.blend(x.mul(e), v.compare(VectorOperators.LT, 0f)).div(e.add(one)).intoMemorySegment(ALL, at + i * 4L, LE);
        }
        return i;
    }

    /** {@link VectorMath#geluErf} written out. */
    private static int gelu(long at, int count) {
        FloatVector p0 = FloatVector.broadcast(S, RP0), p1 = FloatVector.broadcast(S, RP1), p2 = FloatVector.broadcast(S, RP2),
                p3 = FloatVector.broadcast(S, RP3), p4 = FloatVector.broadcast(S, RP4), p5 = FloatVector.broadcast(S, RP5);
        FloatVector q1 = FloatVector.broadcast(S, RQ1), q2 = FloatVector.broadcast(S, RQ2), q3 = FloatVector.broadcast(S, RQ3),
                q4 = FloatVector.broadcast(S, RQ4), q5 = FloatVector.broadcast(S, RQ5);
        FloatVector one = FloatVector.broadcast(S, 1f), minus = FloatVector.broadcast(S, -1f), half = FloatVector.broadcast(S, 0.5f),
                root = FloatVector.broadcast(S, SQRT_HALF);
        int i = 0;
        for (; i <= count - PackedB.LANES; i += PackedB.LANES) {
            FloatVector v = fromMemorySegment(S, ALL, at + i * 4L, LE), h = v.mul(half), x = v.mul(root), z = x.mul(x);
            FloatVector p = p5.fma(z, p4).fma(z, p3).fma(z, p2).fma(z, p1).fma(z, p0);
            FloatVector q = q5.fma(z, q4).fma(z, q3).fma(z, q2).fma(z, q1).fma(z, one);
            FloatVector y = x.mul(p).div(q).blend(one, x.compare(VectorOperators.GT, ERF_ONE))
                    .blend(minus, x.compare(VectorOperators.LT, -ERF_ONE));
            h.fma(y, h).intoMemorySegment(ALL, at + i * 4L, LE);
        }
        return i;
    }

    private static int mish(long at, int n) {
        int i = 0;
        for (; i <= n - PackedB.LANES; i += PackedB.LANES)
            VectorMath.mish(fromMemorySegment(S, ALL, at + i * 4L, LE)).intoMemorySegment(ALL, at + i * 4L, LE);
        return i;
    }
}
