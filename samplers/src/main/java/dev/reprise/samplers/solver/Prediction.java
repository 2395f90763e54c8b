package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.rows.Rows;

/**
 * What an exponential integrator takes for slowly changing: the noise ε (DPM-Solver, Lu et al. 2022a) or the data x_0
 * (DPM-Solver++, Lu et al. 2022b). With α = 1, λ = −ln σ and h = λ_t − λ_s both read
 * {@code x_t = keep x_s − weight (φ_1(H) m + φ_2(H) D_1 + φ_3(H) D_2)}, where for ε H = h, keep = 1, weight = σ_t, and for x_0 H = −h,
 * keep = σ_t/σ_s, weight = 1.
 */
public enum Prediction {
    NOISE, DATA;

    /** m = ε or x_0 at (x, σ). */
    void model(Denoiser d, double[][] x, double sigma, double[][] m) {
        Estimates.denoise(d, x, sigma, m);
        if (this == NOISE) Rows.set(m, 1 / sigma, x, -1 / sigma, m);
    }

    /** Turns m at (x, σ) into x_0. */
    void clean(double[][] x, double sigma, double[][] m, double[][] x0) {
        if (this == NOISE) Rows.set(x0, 1, x, -sigma, m);
        else Rows.copy(m, x0);
    }

    /** H of a step between two noise ratios. */
    double h(double from, double to) {
        double h = StrictMath.log(from / to);
        return this == NOISE ? h : -h;
    }

    double keep(double from, double to) { return this == NOISE ? 1 : to / from; }

    double weight(double to) { return this == NOISE ? to : 1; }

    /** {@code e^H − 1}. */
    static double phi1(double h) { return StrictMath.expm1(h); }

    /** {@code (e^H − 1)/H − 1}. */
    static double phi2(double h) { return phi1(h) / h - 1; }

    /** {@code ((e^H − 1)/H − 1)/H − ½}. */
    static double phi3(double h) { return phi2(h) / h - 0.5; }

    /** out = first-order step of x from one noise ratio to another (eq. 3.7), m at the start. */
    void first(double[][] x, double from, double to, double[][] m, double[][] out) {
        Rows.set(out, keep(from, to), x, -weight(to) * phi1(h(from, to)), m);
    }
}
