package dev.reprise.samplers.model;

/**
 * {@code D(x; σ) = E[x_0 | x_0 + σ ε = x]}, the function every deterministic sampler is made of (Karras et al. 2022, eq. 2).
 * It knows neither time nor scale: for a kernel {@code x_t = s x_0 + s σ ε} ask for {@code x_t / s}.
 */
@FunctionalInterface
public interface Denoiser {
    /**
     * Denoises a batch. The result of a row depends on that row alone, to the bit: not on its place, its neighbours or
     * the size of the batch.
     *
     * @param x     one row a sample, each of the sample's size; not changed
     * @param sigma noise level of each row, above 0
     * @param x0    receives the estimates; rows that are not those of x
     */
    void denoise(double[][] x, double[] sigma, double[][] x0);

    /**
     * The denoiser of some rows of the batch that this one is for. Only a denoiser whose rows differ, by class label for
     * example, needs to do something here.
     */
    default Denoiser rows(int... rows) { return this; }
}
