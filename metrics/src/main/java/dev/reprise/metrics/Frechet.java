package dev.reprise.metrics;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;

/**
 * The Fréchet distance between two sets of features taken as normal distributions (Heusel et al., "GANs trained by a two
 * time-scale update rule", NeurIPS 2017, equation 6): {@code |μ_a − μ_b|² + tr(Σ_a + Σ_b − 2 (Σ_a Σ_b)^½)}. With the features of
 * Inception-v3's last pooling it is FID; any feature model gives one of its own.
 *
 * <p>In float64 throughout. {@code tr (Σ_a Σ_b)^½} is the sum of the square roots of the eigenvalues of {@code Lᵀ Σ_b L},
 * {@code Σ_a = L Lᵀ}; so no square root of a matrix that is not symmetric is needed, and no offset where a covariance is singular. Every
 * sum has one order: the bits depend on the features alone.
 */
public final class Frechet {
    private Frechet() {}

    /**
     * Mean and covariance.
     *
     * @param n          rows that they come from
     * @param mean       D numbers
     * @param covariance D rows of D, divided by n − 1
     */
    public record Moments(int n, double[] mean, double[][] covariance) {}

    /**
     * Moments of features.
     *
     * @param features float32 (N, D), N at least 2
     * @throws IllegalArgumentException where there are fewer, or one is not finite
     */
    public static Moments moments(Tensor features, Workers workers) { return Covariance.of(features, workers); }

    /** The distance between features, each float32 (N, D). */
    public static double distance(Tensor a, Tensor b, Workers workers) {
        return distance(moments(a, workers), moments(b, workers), workers);
    }

    /**
     * The distance between moments.
     *
     * @throws IllegalArgumentException where they are of different dimensions
     */
    public static double distance(Moments a, Moments b, Workers workers) {
        int d = a.mean.length;
        if (b.mean.length != d)
            throw new IllegalArgumentException("features of " + d + " and of " + b.mean.length + " numbers cannot be compared");
        double means = 0, trace = 0;
        for (int i = 0; i < d; i++) {
            double m = a.mean[i] - b.mean[i];
            means = Math.fma(m, m, means);
            trace += a.covariance[i][i] + b.covariance[i][i];
        }
        double[][] l = Symmetric.factor(a.covariance);
        double cross = 0;
        for (double v : Symmetric.eigenvalues(Symmetric.congruence(l, b.covariance, workers), workers))
            cross += Math.sqrt(Math.max(v, 0));
        return means + trace - 2 * cross;
    }
}
