package dev.reprise.samplers.schedule;

/** The variance-exploding kernel (Song et al. 2021, eq. 9 and 30): {@code s = 1}, {@code σ = σmin (σmax/σmin)^t}, t in (0, 1]. */
public record Ve(double sigmaFloor, double sigmaCeiling, double tMin, double tMax) implements Schedule {
    /** CIFAR-10's values: σ from 0.01 to 50, t from 1e-5 to 1. */
    public static final Ve DEFAULT = new Ve(0.01, 50, 1e-5, 1);

    public Ve {
        Checks.increasing("ve", "sigmaMin", sigmaFloor, "sigmaMax", sigmaCeiling);
        Checks.increasing("ve", "tMin", tMin, "tMax", tMax);
    }

    private double logRatio() { return StrictMath.log(sigmaCeiling / sigmaFloor); }

    @Override
    public double s(double t) { return 1; }

    @Override
    public double sigma(double t) { return sigmaFloor * StrictMath.exp(t * logRatio()); }

    @Override
    public double f(double t) { return 0; }

    @Override
    public double g2(double t) {
        double v = sigma(t);
        return 2 * v * v * logRatio();
    }

    @Override
    public double t(double sigma) { return Math.clamp(StrictMath.log(checkSigma(sigma) / sigmaFloor) / logRatio(), tMin, tMax); }

    @Override
    public double priorStd() { return sigmaCeiling; }
}
