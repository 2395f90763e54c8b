package dev.reprise.ops.kernel;

import dev.reprise.ops.tensor.Tensor;

/** A total order over the elements of any numeric type, as signed longs: what TopK and Unique sort by. */
public final class Order {
    private Order() {}

    /** Greater elements have greater keys; zeros of both signs are equal, NaNs are equal and above all numbers. */
    public static long key(Tensor t, long i) {
        return switch (t.dtype()) {
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> {
                // Adding zero turns -0 into +0; doubleToLongBits makes all NaNs the same positive one.
                long b = Double.doubleToLongBits(t.getDouble(i) + 0.0);
                yield b ^ b >> 63 & Long.MAX_VALUE;
            }
            case UINT64 -> t.getLong(i) ^ Long.MIN_VALUE;
            default -> t.getLong(i);
        };
    }
}
