package dev.reprise.samplers.noise;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * A generator of standard normal numbers with a state: every call goes on where the last one ended, and what a call draws
 * may depend on its size, as it does in the libraries whose numbers these are. Not thread-safe.
 */
public interface NormalGenerator {
    /** The next n numbers, as float32. */
    float[] randn(int n);

    /** The next n numbers, as float64. */
    double[] randnDouble(int n);

    /** The name and version of the arithmetic that the bits follow, for reports. */
    String profile();

    /**
     * Fills a tensor in row-major order.
     *
     * @throws IllegalArgumentException where the tensor is neither float32 nor float64
     */
    default void randn(Tensor out) {
        int n = Math.toIntExact(out.size());
        if (n == 0) return;
        if (out.dtype() == DType.FLOAT32) MemorySegment.copy(randn(n), 0, out.data(), Tensor.F32, 0, n);
        else if (out.dtype() == DType.FLOAT64) MemorySegment.copy(randnDouble(n), 0, out.data(), Tensor.F64, 0, n);
        else throw new IllegalArgumentException("randn fills float32 and float64 tensors, found " + out);
    }
}
