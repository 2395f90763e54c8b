package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.rows.Rows;

/**
 * The singlestep updates of DPM-Solver (Lu et al. 2022a, algorithms 1 and 2) and DPM-Solver++ (2022b, algorithm 1) for α = 1, over
 * one set of buffers; {@link Prediction} tells how the two are one formula. Points within a step are given by their noise ratios.
 */
final class DpmStep {
    private final Denoiser d;
    private final Prediction p;
    private final boolean taylor;
    private final double[][] u, d1, d2;
    /** m at the start of the last step; and what a step of one order less would have given, after {@link #take}. */
    final double[][] m, lower;

    DpmStep(Denoiser d, Prediction p, boolean taylor, double[][] x) {
        this.d = d;
        this.p = p;
        this.taylor = taylor;
        u = Rows.like(x);
        d1 = Rows.like(x);
        d2 = Rows.like(x);
        m = Rows.like(x);
        lower = Rows.like(x);
    }

    /** One step over the given noise ratios: 2 of them for order 1, 3 for order 2, 4 for order 3. */
    void take(double[][] x, double... sigma) {
        p.model(d, x, sigma[0], m);
        advance(x, sigma);
    }

    /** As {@link #take}, with m already there. */
    void advance(double[][] x, double... sigma) {
        switch (sigma.length) {
            case 2 -> p.first(x, sigma[0], sigma[1], m, x);
            case 3 -> second(x, sigma[0], sigma[1], sigma[2]);
            default -> third(x, sigma[0], sigma[1], sigma[2], sigma[3]);
        }
    }

    /** {@code out = m(u, σ) − m}. */
    private void difference(double sigma, double[][] out) {
        p.model(d, u, sigma, out);
        Rows.set(out, 1, out, -1, m);
    }

    /** Algorithm 1, with r1 from where s1 lies. */
    private void second(double[][] x, double s, double s1, double t) {
        double h = p.h(s, t), r1 = p.h(s, s1) / h;
        p.first(x, s, s1, m, u);
        difference(s1, d1);
        p.first(x, s, t, m, lower);
        Rows.set(x, 1, lower, -p.weight(t) / r1 * last(h), d1);
    }

    private double last(double h) { return taylor ? Prediction.phi2(h) : 0.5 * Prediction.phi1(h); }

    /** Algorithm 2, with r1 and r2 from where s1 and s2 lie. */
    private void third(double[][] x, double s, double s1, double s2, double t) {
        double h = p.h(s, t), h2 = p.h(s, s2), r1 = p.h(s, s1) / h, r2 = h2 / h;
        p.first(x, s, s1, m, u);
        difference(s1, d1);
        p.first(x, s, t, m, lower);
        p.first(x, s, s2, m, u);
        Rows.set(u, 1, u, -p.weight(s2) * r2 / r1 * Prediction.phi2(h2), d1);
        difference(s2, d2);
        double w = p.weight(t), phi2 = Prediction.phi2(h);
        if (taylor) {
            double phi3 = Prediction.phi3(h), c = r2 - r1;
            // D_1 = (r2 d1/r1 − r1 d2/r2)/(r2 − r1), D_2 = 2 (d2/r2 − d1/r1)/(r2 − r1)
            Rows.set(x, 1, lower, -w * (phi2 * r2 - 2 * phi3) / (c * r1), d1, -w * (2 * phi3 - phi2 * r1) / (c * r2), d2);
        } else Rows.set(x, 1, lower, -w / r2 * phi2, d2);
        Rows.set(lower, 1, lower, -w / r1 * last(h), d1);
    }
}
