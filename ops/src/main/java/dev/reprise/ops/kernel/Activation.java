package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.LE;
import static dev.reprise.ops.kernel.Memory.S;
import static dev.reprise.ops.tensor.Tensor.F32;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.reprise.ops.math.FloatMath;
import dev.reprise.ops.math.VectorMath;
import java.util.Arrays;
import java.util.Locale;

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
            case SILU -> silu(at, n);
            case GELU -> gelu(at, n);
            case GELU_TANH -> geluTanh(at, n);
            case QUICK_GELU -> quickGelu(at, n);
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

    private static int silu(long at, int n) {
        int i = 0;
        for (; i <= n - PackedB.LANES; i += PackedB.LANES)
            VectorMath.silu(fromMemorySegment(S, ALL, at + i * 4L, LE)).intoMemorySegment(ALL, at + i * 4L, LE);
        return i;
    }

    private static int gelu(long at, int n) {
        int i = 0;
        for (; i <= n - PackedB.LANES; i += PackedB.LANES)
            VectorMath.geluErf(fromMemorySegment(S, ALL, at + i * 4L, LE)).intoMemorySegment(ALL, at + i * 4L, LE);
        return i;
    }

    private static int geluTanh(long at, int n) {
        int i = 0;
        for (; i <= n - PackedB.LANES; i += PackedB.LANES)
            VectorMath.geluTanh(fromMemorySegment(S, ALL, at + i * 4L, LE)).intoMemorySegment(ALL, at + i * 4L, LE);
        return i;
    }

    private static int quickGelu(long at, int n) {
        int i = 0;
        for (; i <= n - PackedB.LANES; i += PackedB.LANES)
            VectorMath.swish(fromMemorySegment(S, ALL, at + i * 4L, LE), 1.702f).intoMemorySegment(ALL, at + i * 4L, LE);
        return i;
    }

    private static int mish(long at, int n) {
        int i = 0;
        for (; i <= n - PackedB.LANES; i += PackedB.LANES)
            VectorMath.mish(fromMemorySegment(S, ALL, at + i * 4L, LE)).intoMemorySegment(ALL, at + i * 4L, LE);
        return i;
    }
}
