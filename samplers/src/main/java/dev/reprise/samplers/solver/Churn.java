package dev.reprise.samplers.solver;

/**
 * The stochasticity of Karras et al. 2022, algorithm 2: before a step whose σ is in [tMin, tMax] the noise is raised to
 * {@code σ̂ = σ + γσ}, {@code γ = min(churn/N, √2 − 1)}, with fresh noise of standard deviation {@code noise}.
 */
public record Churn(double churn, double min, double max, double noise) {
    public static final Churn NONE = new Churn(0, 0, Double.POSITIVE_INFINITY, 1);

    public Churn {
        if (!(churn >= 0) || !(min >= 0) || !(max >= min) || !(noise >= 0))
            throw new IllegalArgumentException(
                    "churn needs churn >= 0, 0 <= min <= max and noise >= 0, found " + churn + ", " + min + ", " + max
                            + ", " + noise);
    }

    /** σ̂ of a step at sigma, of n steps; not above {@code limit}, the most that the kernel has. */
    double raised(double sigma, int n, double limit) {
        double gamma = sigma >= min && sigma <= max ? Math.min(churn / n, Math.sqrt(2) - 1) : 0;
        return Math.min(sigma + gamma * sigma, limit);
    }
}
