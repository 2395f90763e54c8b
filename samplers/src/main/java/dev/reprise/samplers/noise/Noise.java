package dev.reprise.samplers.noise;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;

/** Initial noise for samplers: standard normal float32 numbers of {@link TorchGenerator}. */
public final class Noise {
    private Noise() {}

    /**
     * One generator a seed. Row i is {@code torch.manual_seed(from + i); torch.randn(shape)}; a leading dimension of 1 in
     * PyTorch changes nothing, so it is also the latent that {@code torch.randn(1, C, H, W)} would give. A seed's noise
     * does not depend on the range it is drawn in.
     *
     * @param from  first seed, at least 0
     * @param to    last seed, inclusive
     * @param shape of one sample, for example (3, 32, 32)
     * @return float32 of shape (to − from + 1, shape…)
     */
    public static Tensor perSeed(Arena arena, long from, long to, Shape shape) {
        return NoiseSpec.TORCH.withSeeds(from, to).draw(arena, batch(Math.addExact(to - from, 1), shape), DType.FLOAT32);
    }

    /** One generator for the whole batch: {@code torch.manual_seed(seed); torch.randn(shape)}, float32. */
    public static Tensor whole(Arena arena, long seed, Shape shape) {
        Tensor all = Tensor.allocate(arena, DType.FLOAT32, shape);
        new TorchGenerator(seed).randn(all);
        return all;
    }

    private static Shape batch(long n, Shape shape) {
        long[] d = new long[shape.rank() + 1];
        d[0] = n;
        for (int i = 0; i < shape.rank(); i++)
            d[i + 1] = shape.dim(i);
        return Shape.of(d);
    }
}
