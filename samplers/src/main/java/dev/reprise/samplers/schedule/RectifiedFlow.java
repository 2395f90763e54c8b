package dev.reprise.samplers.schedule;

/**
 * The straight path of flow matching (Lipman et al. 2023; Liu et al. 2023): {@code x_t = (1 − t) x_0 + t ε}, so {@code s = 1 − t},
 * {@code σ = t/(1 − t)}. At t = 1 nothing of the image is left and σ is infinite; {@code tMax} stays just below.
 */
public record RectifiedFlow(double tMin, double tMax) implements Schedule {
    /** t from 1e-3 to a billionth below 1, which float32 networks are told as 1. */
    public static final RectifiedFlow DEFAULT = new RectifiedFlow(1e-3, 1 - 1e-9);

    public RectifiedFlow {
        Checks.increasing("flow", "tMin", tMin, "tMax", tMax);
        if (!(tMax < 1)) throw new IllegalArgumentException("flow schedule needs tMax < 1, found " + tMax);
    }

    @Override
    public double s(double t) { return 1 - t; }

    @Override
    public double sigma(double t) { return t / (1 - t); }

    @Override
    public double f(double t) { return -1 / (1 - t); }

    @Override
    public double g2(double t) { return 2 * t / (1 - t); }

    @Override
    public double t(double sigma) {
        double v = checkSigma(sigma);
        return Math.clamp(v / (1 + v), tMin, tMax);
    }

    @Override
    public double priorStd() { return 1; }
}
