package dev.reprise.samplers.noise;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * PyTorch's CPU generator: the standard normal numbers that {@code torch.manual_seed(seed); torch.randn(...)} draws.
 *
 * <p>float32 is bit-equal to PyTorch's x86-64 Linux builds on machines with AVX2 (profile {@link #PROFILE}). float64, and
 * tensors of fewer than 16 elements, go through the C library's double-precision {@code log}, {@code sin} and {@code cos} in
 * PyTorch and through {@link StrictMath} here: rounded to float32 the numbers are the same, as float64 they differ in the last
 * bit now and then. Like PyTorch's, the generator keeps its state from call to call, the second normal of a pair that a
 * small draw left over included. Not thread-safe.
 */
public final class TorchGenerator {
    /** The name of the arithmetic that the bits of float32 numbers follow. */
    public static final String PROFILE = "torch-cpu-f32-avx2-v1";

    /** From this size on PyTorch fills whole blocks of as many numbers. */
    private static final int BLOCK = 16;

    private static final double U53 = 0x1p-53;

    private final Mt19937 engine;
    private boolean cached;
    private double cache;

    /** {@code torch.manual_seed(seed)}: as in PyTorch only the low 32 bits count. */
    public TorchGenerator(long seed) {
        engine = new Mt19937(seed);
    }

    /**
     * Fills a tensor as {@code torch.randn(shape, dtype=...)} would.
     *
     * @throws IllegalArgumentException where the tensor is neither FLOAT32 nor FLOAT64
     */
    public void randn(Tensor out) {
        int n = Math.toIntExact(out.size());
        if (n == 0) return;
        if (out.dtype() == DType.FLOAT32) MemorySegment.copy(randn(n), 0, out.data(), Tensor.F32, 0, n);
        else if (out.dtype() == DType.FLOAT64) MemorySegment.copy(randnDouble(n), 0, out.data(), Tensor.F64, 0, n);
        else throw new IllegalArgumentException("randn fills float32 and float64 tensors, found " + out);
    }

    /** {@code torch.randn(n)}. */
    public float[] randn(int n) {
        float[] d = new float[n];
        if (n < BLOCK) {
            for (int i = 0; i < n; i++)
                d[i] = (float) normal();
            return d;
        }
        for (int i = 0; i < n; i++)
            d[i] = uniform();
        for (int i = 0; i + BLOCK <= n; i += BLOCK)
            BoxMuller.block(d, i);
        if (n % BLOCK != 0) {
            // PyTorch draws the last 16 anew, over numbers that are already normal.
            for (int i = n - BLOCK; i < n; i++)
                d[i] = uniform();
            BoxMuller.block(d, n - BLOCK);
        }
        return d;
    }

    /** {@code torch.randn(n, dtype=torch.float64)}. */
    public double[] randnDouble(int n) {
        double[] d = new double[n];
        if (n < BLOCK) {
            for (int i = 0; i < n; i++)
                d[i] = normal();
            return d;
        }
        for (int i = 0; i < n; i++)
            d[i] = uniformDouble();
        for (int i = 0; i + BLOCK <= n; i += BLOCK)
            BoxMuller.block(d, i);
        if (n % BLOCK != 0) {
            for (int i = n - BLOCK; i < n; i++)
                d[i] = uniformDouble();
            BoxMuller.block(d, n - BLOCK);
        }
        return d;
    }

    private float uniform() { return (engine.next32() & 0xffffff) * 0x1p-24f; }

    private double uniformDouble() { return (engine.next64() & (1L << 53) - 1) * U53; }

    private double normal() {
        if (cached) {
            cached = false;
            return cache;
        }
        double u1 = uniformDouble(), u2 = uniformDouble();
        double r = Math.sqrt(-2 * StrictMath.log1p(-u2)), theta = 2 * Math.PI * u1;
        cache = r * StrictMath.sin(theta);
        cached = true;
        return r * StrictMath.cos(theta);
    }
}
