package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * The grid of points that an affine map theta (N, r, r+1) sends the pixels of an image of {@code spatial} (r numbers)
 * to: (N, spatial…, r), the innermost axis first, as {@link GridSample} takes it. Computed in double, rounded once.
 */
public record AffineGrid(long batch, long[] spatial, boolean alignCorners) implements Kernel {
    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        int r = spatial.length;
        long pixels = 1;
        for (long s : spatial)
            pixels *= s;
        long plane = pixels;
        workers.run(batch * plane, 1024, (begin, end, _) -> {
            for (long p = begin; p < end; p++)
                for (int i = 0; i < r; i++) {
                    long row = (p / plane * r + i) * (r + 1), rest = p % plane;
                    double v = in[0].getDouble(row + r);
                    for (int j = 0; j < r; j++) {
                        long size = spatial[r - 1 - j];
                        v += in[0].getDouble(row + j) * position(rest % size, size);
                        rest /= size;
                    }
                    out[0].setDouble(p * r + i, v);
                }
        });
    }

    /** Pixel i of n in [-1, 1]. */
    private double position(long i, long n) {
        if (!alignCorners) return (2.0 * i + 1) / n - 1;
        return n == 1 ? 0 : 2.0 * i / (n - 1) - 1;
    }
}
