package dev.reprise.samplers.schedule;

/**
 * The continuous variance-preserving kernel with linear β (Song et al. 2021, eq. 11 and 33):
 * {@code β(t) = βmin + t (βmax − βmin)}, {@code ln s = −¼ t² (βmax − βmin) − ½ t βmin}, {@code σ = √(1 − s²)/s}.
 */
public record Vp(double betaMin, double betaMax, double tMin, double tMax) implements Schedule {
    /** The values of the paper: β from 0.1 to 20, t from 1e-3 to 1. */
    public static final Vp DEFAULT = new Vp(0.1, 20, 1e-3, 1);

    public Vp { Checks.betas("vp", betaMin, betaMax, tMin, tMax); }

    /** ∫β from 0 to t, which is −2 ln s. */
    static double integral(double betaMin, double betaMax, double t) {
        return t * (betaMin + 0.5 * t * (betaMax - betaMin));
    }

    /** The t whose {@link #integral} is b; written so that small b does not cancel. */
    static double inverse(double betaMin, double betaMax, double b) {
        return 2 * b / (betaMin + Math.sqrt(betaMin * betaMin + 2 * (betaMax - betaMin) * b));
    }

    public double beta(double t) { return betaMin + t * (betaMax - betaMin); }

    @Override
    public double s(double t) { return StrictMath.exp(-0.5 * integral(betaMin, betaMax, t)); }

    @Override
    public double sigma(double t) { return Math.sqrt(StrictMath.expm1(integral(betaMin, betaMax, t))); }

    @Override
    public double f(double t) { return -0.5 * beta(t); }

    @Override
    public double g2(double t) { return beta(t); }

    @Override
    public double t(double sigma) {
        double v = checkSigma(sigma);
        return Math.clamp(inverse(betaMin, betaMax, StrictMath.log1p(v * v)), tMin, tMax);
    }

    @Override
    public double priorStd() { return 1; }
}
