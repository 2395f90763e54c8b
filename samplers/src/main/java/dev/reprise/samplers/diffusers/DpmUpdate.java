package dev.reprise.samplers.diffusers;

/**
 * The exponential integrators that the multistep and the singlestep DPM-Solver share: a step from x at s to t along the polynomial
 * {@code D_0 + D_1 … + D_2 …} in λ. {@code algorithm_type} dpmsolver (Lu et al. 2022a, in ε), dpmsolver++ (2022b, in x_0), sde-dpmsolver++;
 * {@code solver_type} midpoint or heun is the weight of D_1.
 *
 * @param kind one of the three
 * @param heun the weight of D_1 with its exact integral; else half of the first-order term
 */
record DpmUpdate(Kind kind, boolean heun) {
    enum Kind {
        DPM, DPM_PLUS, SDE_PLUS
    }

    static DpmUpdate of(SchedulerConfig c, boolean sde) {
        Kind kind = switch (c.choice("algorithm_type", "dpmsolver++", sde
                ? new String[]{"dpmsolver++", "dpmsolver", "sde-dpmsolver++", "deis"}
                : new String[]{"dpmsolver++", "dpmsolver", "deis"})) {
            case "dpmsolver" -> Kind.DPM;
            case "sde-dpmsolver++" -> Kind.SDE_PLUS;
            // Configurations of DEIS and UniPC say deis, logrho, bh1 or bh2, which diffusers reads as dpmsolver++ and midpoint.
            default -> Kind.DPM_PLUS;
        };
        if (kind == Kind.DPM && !"sigma_min".equals(c.choice("final_sigmas_type", "zero", "zero", "sigma_min")))
            throw c.error("final_sigmas_type", "must be sigma_min with an 'algorithm_type' of dpmsolver");
        return new DpmUpdate(kind, "heun".equals(c.choice("solver_type", "midpoint", "midpoint", "heun", "logrho", "bh1", "bh2")));
    }

    boolean ofX0() { return kind != Kind.DPM; }

    /**
     * {@code x = a x + b_0 D_0 + b_1 D_1 + b_2 D_2 + noise}.
     *
     * @param exact whether D_1 has the weight of its integral
     */
    double[] weights(DpmGrid g, int s, int t, boolean exact) {
        double h = g.lambda(t) - g.lambda(s), alpha = g.alpha(t), sigma = g.sigmaT(t);
        return switch (kind) {
            case DPM_PLUS -> {
                double e = StrictMath.exp(-h) - 1;
                yield new double[]{sigma / g.sigmaT(s), -alpha * e, exact ? alpha * (e / h + 1) : -0.5 * alpha * e,
                    -alpha * ((e + h) / (h * h) - 0.5), 0};
            }
            case DPM -> {
                double e = StrictMath.exp(h) - 1;
                yield new double[]{alpha / g.alpha(s), -sigma * e, exact ? -sigma * (e / h - 1) : -0.5 * sigma * e,
                    -sigma * ((e - h) / (h * h) - 0.5), 0};
            }
            case SDE_PLUS -> {
                double f = 1 - StrictMath.exp(-2 * h), u = 2 * h;
                // The sign of the last 0.5 is diffusers'.
                yield new double[]{sigma / g.sigmaT(s) * StrictMath.exp(-h), alpha * f, exact ? alpha * (1 - f / u) : 0.5 * alpha * f,
                    alpha * ((f - u) / (u * u) - 0.5), sigma * Math.sqrt(f)};
            }
        };
    }

    /** What the history holds of a prediction: x_0 or ε, thresholded; out may be the prediction. */
    void convert(DpmGrid g, int i, PredictionType type, Limit limit, double[][] x, double[][] prediction, double[][] out) {
        double alpha = g.alpha(i), sigma = g.sigmaT(i);
        if (ofX0()) {
            type.x0(x, prediction, alpha, sigma, out);
            limit.apply(out);
        } else {
            type.epsilon(x, prediction, alpha, sigma, out);
            if (limit.none()) return;
            PredictionType.EPSILON.x0(x, out, alpha, sigma, out);
            limit.apply(out);
            PredictionType.SAMPLE.epsilon(x, out, alpha, sigma, out);
        }
    }
}
