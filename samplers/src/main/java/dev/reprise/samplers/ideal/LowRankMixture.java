package dev.reprise.samplers.ideal;

import dev.reprise.samplers.model.Denoiser;
import java.util.Arrays;

/**
 * The denoiser of a mixture of low-rank Gaussians {@code Σ_k π_k N(0, U_k U_kᵀ)} (proposition 2 of the paper):
 * {@code D(x; σ) = (1/(1+σ²)) Σ_k w_k U_k U_kᵀ x}, {@code w = softmax_k(ln π_k + |U_kᵀ x|² / (2σ²(1+σ²)))}.
 */
public final class LowRankMixture implements Denoiser {
    private final double[] logWeights;
    private final double[][][] bases;

    /**
     * @param weights π, positive; normalized here
     * @param bases   for each component d orthonormal vectors of the sample's size, the same d for all
     */
    public LowRankMixture(double[] weights, double[][][] bases) {
        if (weights.length != bases.length || weights.length == 0)
            throw new IllegalArgumentException(
                    "as many weights as bases are needed, at least 1; found " + weights.length + " and " + bases.length);
        double sum = 0;
        for (double w : weights)
            sum += w;
        logWeights = new double[weights.length];
        for (int k = 0; k < weights.length; k++) {
            if (!(weights[k] > 0))
                throw new IllegalArgumentException("weights must be positive, found " + weights[k] + " for component " + k);
            if (bases[k].length != bases[0].length)
                throw new IllegalArgumentException(
                        "all components need rank " + bases[0].length + ", found " + bases[k].length + " for component " + k);
            orthonormal(bases[k], k);
            logWeights[k] = StrictMath.log(weights[k] / sum);
        }
        this.bases = bases.clone();
    }

    private static void orthonormal(double[][] u, int k) {
        for (int i = 0; i < u.length; i++)
            for (int j = 0; j <= i; j++)
                if (Math.abs(dot(u[i], u[j]) - (i == j ? 1 : 0)) > 1e-8)
                    throw new IllegalArgumentException("the basis of component " + k + " is not orthonormal at vectors " + i + " and " + j);
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int e = 0; e < a.length; e++)
            sum += a[e] * b[e];
        return sum;
    }

    @Override
    public void denoise(double[][] x, double[] sigma, double[][] x0) {
        for (int r = 0; r < x.length; r++)
            denoise(x[r], sigma[r] * sigma[r], x0[r]);
    }

    private void denoise(double[] x, double v2, double[] out) {
        int n = bases.length, d = bases[0].length;
        double[][] along = new double[n][d];
        double[] w = new double[n];
        double most = Double.NEGATIVE_INFINITY, sum = 0;
        for (int k = 0; k < n; k++) {
            double square = 0;
            for (int j = 0; j < d; j++) {
                along[k][j] = dot(bases[k][j], x);
                square += along[k][j] * along[k][j];
            }
            w[k] = logWeights[k] + square / (2 * v2 * (1 + v2));
            most = Math.max(most, w[k]);
        }
        for (int k = 0; k < n; k++) {
            w[k] = StrictMath.exp(w[k] - most);
            sum += w[k];
        }
        Arrays.fill(out, 0);
        for (int k = 0; k < n; k++)
            for (int j = 0; j < d; j++) {
                double c = w[k] / sum * along[k][j] / (1 + v2);
                for (int e = 0; e < out.length; e++)
                    out[e] += c * bases[k][j][e];
            }
    }
}
