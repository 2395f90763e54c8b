package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Batch normalization of float32 (N, C, pixels) with given statistics: inputs x, scale, bias, mean, variance.
 *
 * @param norm the shape and epsilon; its groups are not used
 */
public record BatchNorm(GroupNorm norm) implements Kernel {
    public BatchNorm(int samples, int channels, int pixels, float epsilon) {
        // Without pixels the channels are neighbours: one sample, channels last.
        this(pixels == 1
                ? new GroupNorm(1, channels, samples, 1, epsilon, 1, true, null)
                : new GroupNorm(samples, channels, pixels, 1, epsilon, 1, false, null));
    }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment memory, Workers workers) {
        long scratch = memory.address();
        for (int c = 0; c < norm.channels(); c++) {
            double scale = in[1].getFloat(c) / Math.sqrt((double) in[4].getFloat(c) + norm.epsilon());
            for (int n = 0; n < norm.samples(); n++)
                norm.set(scratch, n, c, in[3].getFloat(c), scale, in[2].getFloat(c));
        }
        norm.normalize(in[0].address(), out[0].address(), scratch, workers);
    }

    @Override
    public long scratchBytes(int threads) { return norm.paramBytes(); }

    @Override
    public int inPlace() { return 0; }
}
