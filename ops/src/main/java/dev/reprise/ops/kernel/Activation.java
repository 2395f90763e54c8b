package dev.reprise.ops.kernel;

import dev.reprise.ops.math.FloatMath;
import dev.reprise.ops.math.VectorMath;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Locale;
import jdk.incubator.vector.FloatVector;

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

    /** Applies the function in place to n floats that begin {@code at} bytes into {@code data}. */
    void apply(MemorySegment data, long at, int n) {
        if (this == NONE) return;
        int done = switch (this) {
            case NONE -> n;
            case RELU -> relu(data, at, n);
            case SIGMOID -> sigmoid(data, at, n);
            case TANH -> tanh(data, at, n);
            case SILU -> silu(data, at, n);
            case GELU -> gelu(data, at, n);
            case GELU_TANH -> geluTanh(data, at, n);
            case QUICK_GELU -> quickGelu(data, at, n);
            case MISH -> mish(data, at, n);
        };
        for (int i = done; i < n; i++)
            data.set(Tensor.F32, at + i * 4L, apply(data.get(Tensor.F32, at + i * 4L)));
    }

    private static FloatVector load(MemorySegment d, long at) { return FloatVector.fromMemorySegment(WideTiles.S, d, at, WideTiles.LE); }

    // One loop a function, because C2 has no room for two polynomials in one method. Each answers how many elements it did.

    private static int relu(MemorySegment d, long at, int n) {
        int i = 0;
        for (; i <= n - PackedB.LANES; i += PackedB.LANES)
            load(d, at + i * 4L).max(0f).intoMemorySegment(d, at + i * 4L, WideTiles.LE);
        return i;
    }

    private static int sigmoid(MemorySegment d, long at, int n) {
        int i = 0;
        for (; i <= n - PackedB.LANES; i += PackedB.LANES)
            VectorMath.sigmoid(load(d, at + i * 4L)).intoMemorySegment(d, at + i * 4L, WideTiles.LE);
        return i;
    }

    private static int tanh(MemorySegment d, long at, int n) {
        int i = 0;
        for (; i <= n - PackedB.LANES; i += PackedB.LANES)
            VectorMath.tanh(load(d, at + i * 4L)).intoMemorySegment(d, at + i * 4L, WideTiles.LE);
        return i;
    }

    private static int silu(MemorySegment d, long at, int n) {
        int i = 0;
        for (; i <= n - PackedB.LANES; i += PackedB.LANES)
            VectorMath.silu(load(d, at + i * 4L)).intoMemorySegment(d, at + i * 4L, WideTiles.LE);
        return i;
    }

    private static int gelu(MemorySegment d, long at, int n) {
        int i = 0;
        for (; i <= n - PackedB.LANES; i += PackedB.LANES)
            VectorMath.geluErf(load(d, at + i * 4L)).intoMemorySegment(d, at + i * 4L, WideTiles.LE);
        return i;
    }

    private static int geluTanh(MemorySegment d, long at, int n) {
        int i = 0;
        for (; i <= n - PackedB.LANES; i += PackedB.LANES)
            VectorMath.geluTanh(load(d, at + i * 4L)).intoMemorySegment(d, at + i * 4L, WideTiles.LE);
        return i;
    }

    private static int quickGelu(MemorySegment d, long at, int n) {
        int i = 0;
        for (; i <= n - PackedB.LANES; i += PackedB.LANES)
            VectorMath.swish(load(d, at + i * 4L), 1.702f).intoMemorySegment(d, at + i * 4L, WideTiles.LE);
        return i;
    }

    private static int mish(MemorySegment d, long at, int n) {
        int i = 0;
        for (; i <= n - PackedB.LANES; i += PackedB.LANES)
            VectorMath.mish(load(d, at + i * 4L)).intoMemorySegment(d, at + i * 4L, WideTiles.LE);
        return i;
    }
}
