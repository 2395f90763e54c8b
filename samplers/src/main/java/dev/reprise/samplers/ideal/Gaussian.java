package dev.reprise.samplers.ideal;

import dev.reprise.samplers.model.Denoiser;

/**
 * The denoiser of {@code N(μ, C)}: {@code D(x; σ) = μ + C (C + σ² I)⁻¹ (x − μ)}. The probability-flow ODE of a Gaussian has a
 * closed solution, {@link #flow}, against which solvers are measured. For small dimensions: dense arithmetic.
 */
public final class Gaussian implements Denoiser {
    private final double[] mean, variance;
    private final double[][] axes;

    /**
     * @param mean       μ
     * @param covariance C, symmetric and positive semidefinite
     */
    public Gaussian(double[] mean, double[][] covariance) {
        Eigen e = Eigen.of(covariance);
        if (covariance.length != mean.length)
            throw new IllegalArgumentException("mean has " + mean.length + " elements, covariance " + covariance.length + " rows");
        for (double v : e.values())
            if (v < -1e-12 * Math.abs(e.values()[0]))
                throw new IllegalArgumentException("covariance must be positive semidefinite, found eigenvalue " + v);
        this.mean = mean.clone();
        variance = e.values().clone();
        axes = e.vectors();
    }

    @Override
    public void denoise(double[][] x, double[] sigma, double[][] x0) {
        for (int r = 0; r < x.length; r++) {
            double v2 = sigma[r] * sigma[r];
            double[] factor = new double[mean.length];
            for (int a = 0; a < factor.length; a++)
                factor[a] = variance[a] / (variance[a] + v2);
            scale(x[r], factor, x0[r]);
        }
    }

    /**
     * The exact solution of {@code dx/dσ = (x − D(x; σ))/σ} from one noise level to another:
     * along each axis x − μ shrinks as {@code √(λ + σ²)}.
     */
    public double[] flow(double[] x, double from, double to) {
        double[] factor = new double[mean.length], out = new double[mean.length];
        for (int a = 0; a < factor.length; a++)
            factor[a] = Math.sqrt((variance[a] + to * to) / (variance[a] + from * from));
        scale(x, factor, out);
        return out;
    }

    /** {@code μ + Q diag(factor) Qᵀ (x − μ)}. */
    private void scale(double[] x, double[] factor, double[] out) {
        double[] along = new double[factor.length];
        for (int a = 0; a < along.length; a++) {
            for (int e = 0; e < mean.length; e++)
                along[a] += axes[a][e] * (x[e] - mean[e]);
            along[a] *= factor[a];
        }
        for (int e = 0; e < mean.length; e++) {
            double sum = 0;
            for (int a = 0; a < along.length; a++)
                sum += axes[a][e] * along[a];
            out[e] = mean[e] + sum;
        }
    }
}
