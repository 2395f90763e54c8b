package dev.reprise.samplers.schedule;

/**
 * The sub-VP kernel (Song et al. 2021, eq. 12 and 37): the mean of {@link Vp}, noise of standard deviation
 * {@code 1 − s²}, hence {@code σ = 1/s − s = 2 sinh(−ln s)}.
 */
public record SubVp(double betaMin, double betaMax, double tMin, double tMax) implements Schedule {
    /** The values of the paper: β from 0.1 to 20, t from 1e-3 to 1. */
    public static final SubVp DEFAULT = new SubVp(0.1, 20, 1e-3, 1);

    public SubVp { Checks.betas("sub-vp", betaMin, betaMax, tMin, tMax); }

    public double beta(double t) { return betaMin + t * (betaMax - betaMin); }

    @Override
    public double s(double t) { return StrictMath.exp(-0.5 * Vp.integral(betaMin, betaMax, t)); }

    @Override
    public double sigma(double t) { return 2 * StrictMath.sinh(0.5 * Vp.integral(betaMin, betaMax, t)); }

    @Override
    public double f(double t) { return -0.5 * beta(t); }

    @Override
    public double g2(double t) { return beta(t) * -StrictMath.expm1(-2 * Vp.integral(betaMin, betaMax, t)); }

    @Override
    public double t(double sigma) {
        double z = 0.5 * checkSigma(sigma);
        double asinh = StrictMath.log1p(z + z * z / (1 + Math.sqrt(1 + z * z)));
        return Math.clamp(Vp.inverse(betaMin, betaMax, 2 * asinh), tMin, tMax);
    }

    @Override
    public double priorStd() { return 1; }
}
