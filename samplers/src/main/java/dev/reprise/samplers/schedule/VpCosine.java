package dev.reprise.samplers.schedule;

/**
 * Continuous variance-preserving kernels of a cosine: {@code s(t) = cos(a t + b)}, or that over its value at 0, {@code σ = √(1 − s²)/s}.
 *
 * @param a    radians a unit of time
 * @param b    radians at t = 0
 * @param unit whether s is divided by its value at t = 0, so that s(0) = 1
 */
public record VpCosine(double a, double b, boolean unit, double tMin, double tMax) implements Schedule {
    public VpCosine {
        Checks.increasing("vp-cosine", "tMin", tMin, "tMax", tMax);
        if (!(a > 0 && b >= 0 && a * tMax + b < Math.PI / 2))
            throw new IllegalArgumentException(
                    "vp-cosine schedule needs a > 0, b >= 0 and a tMax + b < π/2, found a " + a + ", b " + b + ", tMax " + tMax);
    }

    /**
     * Nichol and Dhariwal 2021, eq. 17, for continuous t as DPM-Solver has it: {@code s = cos((t + 0.008)/1.008 π/2)/cos(0.008/1.008 π/2)},
     * t from 1e-3 to 0.9946, where β would pass its limit.
     */
    public static VpCosine nichol(double offset, double tMin, double tMax) {
        double a = Math.PI / 2 / (1 + offset);
        return new VpCosine(a, a * offset, true, tMin, tMax);
    }

    /**
     * Salimans and Ho 2022 (progressive distillation): {@code ln(s²/(s²σ²)) = −2 ln tan(a t + b)}, which falls from
     * {@code logSnrMax} at t = 0 to {@code logSnrMin} at t = 1; 20 and −20 there.
     */
    public static VpCosine logSnr(double logSnrMin, double logSnrMax, double tMin) {
        double b = StrictMath.atan(StrictMath.exp(-0.5 * logSnrMax)), a = StrictMath.atan(StrictMath.exp(-0.5 * logSnrMin)) - b;
        return new VpCosine(a, b, false, tMin, 1);
    }

    private double scale() { return unit ? StrictMath.cos(b) : 1; }

    @Override
    public double s(double t) { return StrictMath.cos(a * t + b) / scale(); }

    @Override
    public double sigma(double t) {
        double angle = a * t + b;
        if (!unit) return StrictMath.tan(angle);
        // 1 − s² = (cos² b − cos² angle)/cos² b = sin(angle − b) sin(angle + b)/cos² b
        return Math.sqrt(StrictMath.sin(angle - b) * StrictMath.sin(angle + b)) / StrictMath.cos(angle);
    }

    @Override
    public double f(double t) { return -a * StrictMath.tan(a * t + b); }

    @Override
    public double g2(double t) { return -2 * f(t); }

    @Override
    public double t(double sigma) {
        double v = checkSigma(sigma);
        // 1 + σ² = 1/s² = c² (1 + tan² angle), and 1 − c² = sin² b.
        double c = scale(), sin = unit ? StrictMath.sin(b) : 0, tan2 = (v * v + sin * sin) / (c * c);
        return Math.clamp((StrictMath.atan(Math.sqrt(Math.max(0, tan2))) - b) / a, tMin, tMax);
    }

    @Override
    public double priorStd() { return 1; }
}
