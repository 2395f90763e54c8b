package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Another resizing whose outputs from outside the input are then overwritten by a value (ONNX {@code extrapolation_value}). */
public record ResizeExtrapolate(Kernel kernel, ResizeAxis[] axes, long outer, long inner, double value) implements Kernel {
    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        kernel.run(in, out, scratch, workers);
        long pixels = outer;
        for (ResizeAxis a : axes)
            pixels *= a.out;
        workers.run(pixels, 4096, (begin, end, _) -> {
            for (long p = begin; p < end; p++)
                if (outside(p))
                    for (long k = 0; k < inner; k++)
                        out[0].setDouble(p * inner + k, value);
        });
    }

    private boolean outside(long p) {
        for (int a = axes.length - 1; a >= 0; a--) {
            if (axes[a].outside != null && axes[a].outside[(int) (p % axes[a].out)]) return true;
            p /= axes[a].out;
        }
        return false;
    }

    /** {@code kernel} itself where nothing lies outside. */
    public static Kernel around(Kernel kernel, ResizeAxis[] axes, long outer, long inner, double value) {
        for (ResizeAxis a : axes)
            if (a.outside != null) return new ResizeExtrapolate(kernel, axes.clone(), outer, inner, value);
        return kernel;
    }

    @Override
    public long scratchBytes(int threads) { return kernel.scratchBytes(threads); }

    @Override
    public long flops() { return kernel.flops(); }
}
