package dev.reprise.samplers.schedule;

/**
 * The kernel of Karras et al. 2022 (table 1, "Ours"): {@code s = 1}, {@code σ(t) = t}.
 *
 * @param rho       exponent of the grid that its authors use, see {@link Spacing.Karras}
 * @param sigmaData standard deviation of the data in the preconditioning of networks trained with it
 */
public record Edm(double sigmaMin, double sigmaMax, double rho, double sigmaData) implements Schedule {
    /** The values of the paper: σ from 0.002 to 80, ρ 7, σ_data 0.5. */
    public static final Edm DEFAULT = new Edm(0.002, 80, 7, 0.5);

    public Edm {
        Checks.increasing("edm", "sigmaMin", sigmaMin, "sigmaMax", sigmaMax);
        if (!(rho > 0)) throw new IllegalArgumentException("edm schedule needs rho > 0, found " + rho);
        if (!(sigmaData > 0)) throw new IllegalArgumentException("edm schedule needs sigmaData > 0, found " + sigmaData);
    }

    @Override
    public double tMin() { return sigmaMin; }

    @Override
    public double tMax() { return sigmaMax; }

    @Override
    public double s(double t) { return 1; }

    @Override
    public double sigma(double t) { return t; }

    @Override
    public double f(double t) { return 0; }

    @Override
    public double g2(double t) { return 2 * t; }

    @Override
    public double t(double sigma) { return checkSigma(sigma); }

    @Override
    public double priorStd() { return sigmaMax; }
}
