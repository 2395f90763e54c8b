package dev.reprise.samplers.schedule;

/**
 * A Gaussian perturbation kernel {@code x_t = s(t) x_0 + s(t) σ(t) ε} with {@code ε ~ N(0, I)}: the marginals of the SDE
 * {@code dx = f(t) x dt + g(t) dw}, where {@code s = exp ∫f} and {@code σ² = ∫ g²/s²} (Karras et al. 2022, appendix B).
 * All in float64; t rises with noise. Immutable.
 */
public sealed interface Schedule permits Vp, VpCosine, VpDiscrete, SubVp, Ve, Edm, RectifiedFlow {
    /** The time nearest to the data at which a network may be asked. */
    double tMin();

    /** The time of the prior. */
    double tMax();

    /** Scale of the clean image in x_t. */
    double s(double t);

    /** Ratio of noise to signal, strictly rising in t. */
    double sigma(double t);

    /** Drift factor of the SDE, {@code d ln s/dt}. */
    double f(double t);

    /** Squared diffusion of the SDE, {@code s² dσ²/dt}. */
    double g2(double t);

    /**
     * The time of a noise ratio, the inverse of {@link #sigma}.
     *
     * @throws IllegalArgumentException where sigma is outside [sigma(tMin), sigma(tMax)] by more than rounding
     */
    double t(double sigma);

    /** What a standard normal draw is multiplied with to give x at tMax, as the kernel's authors do: 1, or σ_max. */
    double priorStd();

    /**
     * As {@link #priorStd()}, for a run that begins at another noise ratio: kernels that scale the image begin with standard
     * noise wherever they begin, the others with noise of that ratio.
     */
    default double priorStd(double sigma) {
        return this instanceof Ve || this instanceof Edm ? Math.min(sigma, priorStd()) : priorStd();
    }

    /** Standard deviation of the noise in x_t: σ_t of the papers on variance-preserving models. */
    default double std(double t) {
        return s(t) * sigma(t);
    }

    /** Half the logarithm of the signal-to-noise ratio, λ of DPM-Solver: −ln σ(t). */
    default double lambda(double t) {
        return -StrictMath.log(sigma(t));
    }

    /** Logarithm of the signal-to-noise ratio, 2λ. */
    default double logSnr(double t) { return 2 * lambda(t); }

    /** t of a given λ. */
    default double tOfLambda(double lambda) { return t(StrictMath.exp(-lambda)); }

    default double sigmaMin() { return sigma(tMin()); }

    default double sigmaMax() { return sigma(tMax()); }

    /** Brings a sigma that only rounding put outside the range back to its end. */
    default double checkSigma(double sigma) {
        double lo = sigmaMin(), hi = sigmaMax();
        if (!(sigma >= lo * (1 - 1e-9) && sigma <= hi * (1 + 1e-9)))
            throw new IllegalArgumentException(
                    "sigma " + sigma + " is outside [" + lo + ", " + hi + "], the range of " + this + "; sample within it");
        return Math.clamp(sigma, lo, hi);
    }
}
