package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.schedule.Schedule;
import dev.reprise.samplers.schedule.Ve;
import dev.reprise.samplers.schedule.VpDiscrete;

/**
 * The probability-flow ODE of a kernel (Song et al. 2021, eq. 13; Karras et al. 2022, eq. 4) over some time:
 * {@code dx/dt = a(t) x + b(t) D(x/s; σ)}, t falling from {@link #start} to {@link #end}. With Tweedie's score
 * {@code (s D − x)/(s²σ²)}: {@code a = f + g²/(2 s²σ²) = s'/s + σ'/σ}, {@code b = −g²/(2 s σ²) = −σ' s/σ}.
 */
public sealed interface Flow {
    double s(double t);

    double sigma(double t);

    double a(double t);

    double b(double t);

    /** The time of a noise ratio. */
    double t(double sigma);

    /** The time of σ = 0, where s is 1; NaN where it is at minus infinity. */
    double zero();

    Schedule k();

    default double start() { return t(k().sigmaMax()); }

    default double end() { return t(k().sigmaMin()); }

    /** out = dx/dt at (t, x), one t for all rows; out is not x. */
    default void slope(Denoiser d, double[][] x, double t, double[][] out) {
        double s = s(t);
        if (s == 1) Estimates.denoise(d, x, sigma(t), out);
        else {
            double[][] scaled = Rows.like(x);
            Rows.set(scaled, 1 / s, x);
            Estimates.denoise(d, scaled, sigma(t), out);
        }
        Rows.set(out, a(t), x, b(t), out);
    }

    /**
     * In the kernel's own time; but a table of steps, between which the drift jumps, in ln σ, where it is smooth: an
     * adaptive method would otherwise crawl over every step of the table.
     */
    static Flow of(Schedule k) { return k instanceof VpDiscrete v ? new InLogSigma(v, true) : new InTime(k); }

    /** The kernel's own time and scale. */
    record InTime(Schedule k) implements Flow {
        @Override
        public double s(double t) { return k.s(t); }

        @Override
        public double sigma(double t) { return k.sigma(t); }

        @Override
        public double t(double sigma) { return k.t(sigma); }

        @Override
        public double zero() { return k instanceof Ve ? Double.NaN : 0; }

        @Override
        public double a(double t) { return k.f(t) + half(t); }

        @Override
        public double b(double t) { return -half(t) * k.s(t); }

        /** {@code ½ g²/(s²σ²) = σ'/σ}. */
        private double half(double t) {
            double std = k.std(t);
            return 0.5 * k.g2(t) / (std * std);
        }
    }

    /** Over ln σ: {@code dx/d ln σ = s² x − s D} with {@code s² = 1/(1 + σ²)}, or {@code x − D} with s = 1. */
    record InLogSigma(Schedule k, boolean preserving) implements Flow {
        @Override
        public double s(double t) {
            if (!preserving) return 1;
            double v = sigma(t);
            return 1 / Math.sqrt(1 + v * v);
        }

        @Override
        public double sigma(double t) { return StrictMath.exp(t); }

        @Override
        public double t(double sigma) { return StrictMath.log(sigma); }

        @Override
        public double zero() { return Double.NaN; }

        @Override
        public double a(double t) {
            double s = s(t);
            return s * s;
        }

        @Override
        public double b(double t) { return -s(t); }
    }

    /** Over {@code t = σ^p}, p 1 or 2, with s = 1: {@code dx/dt = (x − D)/(p t)}. */
    record InPower(Schedule k, int p) implements Flow {
        @Override
        public double s(double t) { return 1; }

        @Override
        public double sigma(double t) { return p == 1 ? t : Math.sqrt(t); }

        @Override
        public double t(double sigma) { return p == 1 ? sigma : sigma * sigma; }

        @Override
        public double zero() { return 0; }

        @Override
        public double a(double t) { return 1 / (p * t); }

        @Override
        public double b(double t) { return -1 / (p * t); }
    }
}
