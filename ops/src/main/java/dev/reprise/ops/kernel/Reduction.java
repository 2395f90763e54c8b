package dev.reprise.ops.kernel;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;

/** How a scatter combines what is there with an update. Applied one element after the other in the order of the updates. */
public enum Reduction {
    NONE, ADD, MUL, MIN, MAX;

    /** {@code to[i + k] = to[i + k] ∘ from[j + k]} for k in [0, n). Half types are the caller's to widen. */
    void apply(Tensor to, long i, Tensor from, long j, long n) {
        int bytes = to.dtype().bytes();
        if (this == NONE) Elements.copy(from.data(), j * bytes, to.data(), i * bytes, n * bytes);
        else
            if (to.dtype() == DType.FLOAT32)
                for (long k = 0; k < n; k++)
                    to.setFloat(i + k, of(to.getFloat(i + k), from.getFloat(j + k)));
            else
                if (to.dtype() == DType.FLOAT64)
                    for (long k = 0; k < n; k++)
                        to.setDouble(i + k, of(to.getDouble(i + k), from.getDouble(j + k)));
                else
                    for (long k = 0; k < n; k++)
                        to.setLong(i + k, of(to.getLong(i + k), from.getLong(j + k), to.dtype() == DType.UINT64));
    }

    private float of(float a, float b) {
        return switch (this) {
            case ADD -> a + b;
            case MUL -> a * b;
            case MIN -> Math.min(a, b);
            case MAX -> Math.max(a, b);
            case NONE -> b;
        };
    }

    private double of(double a, double b) {
        return switch (this) {
            case ADD -> a + b;
            case MUL -> a * b;
            case MIN -> Math.min(a, b);
            case MAX -> Math.max(a, b);
            case NONE -> b;
        };
    }

    private long of(long a, long b, boolean unsigned) {
        boolean less = unsigned ? Long.compareUnsigned(a, b) < 0 : a < b;
        return switch (this) {
            case ADD -> a + b;
            case MUL -> a * b;
            case MIN -> less ? a : b;
            case MAX -> less ? b : a;
            case NONE -> b;
        };
    }
}
