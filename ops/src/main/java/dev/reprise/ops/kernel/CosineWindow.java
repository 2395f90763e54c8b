package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Fills output 0 with a window a0 - a1 cos(2 pi i / n) + a2 cos(4 pi i / n), computed in double.
 *
 * @param n the window's period: its size, or one less for a symmetric window; a symmetric window of one is 1
 */
public record CosineWindow(double a0, double a1, double a2, long n) implements Kernel {
    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        for (long i = 0; i < out[0].size(); i++)
            out[0].setDouble(i, n == 0 ? 1 : at(2 * Math.PI * i / n));
    }

    private double at(double angle) { return a0 - a1 * StrictMath.cos(angle) + a2 * StrictMath.cos(2 * angle); }
}
