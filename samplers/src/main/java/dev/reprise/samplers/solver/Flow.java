package dev.reprise.samplers.solver;

import dev.reprise.samplers.schedule.Schedule;
import dev.reprise.samplers.schedule.VpDiscrete;

/**
 * The probability-flow ODE of a kernel (Song et al. 2021, eq. 13) as {@code dx/dt = a(t) x + b(t) D(x/s; σ)}, t falling from
 * {@link #start} to {@link #end}. With Tweedie's score {@code (s D − x)/(s²σ²)}: {@code a = f + g²/(2 s²σ²)}, {@code b = −g²/(2 s σ²)}.
 */
sealed interface Flow {
    double start();

    double end();

    double s(double t);

    double sigma(double t);

    double a(double t);

    double b(double t);

    /**
     * In the kernel's own time; but a table of steps, between which the drift jumps, in ln σ, where it is smooth: an
     * adaptive method would otherwise crawl over every step of the table.
     */
    static Flow of(Schedule k) { return k instanceof VpDiscrete v ? new InLogSigma(v) : new InTime(k); }

    record InTime(Schedule k) implements Flow {
        @Override
        public double start() { return k.tMax(); }

        @Override
        public double end() { return k.tMin(); }

        @Override
        public double s(double t) { return k.s(t); }

        @Override
        public double sigma(double t) { return k.sigma(t); }

        @Override
        public double a(double t) { return k.f(t) + half(t); }

        @Override
        public double b(double t) { return -half(t) * k.s(t); }

        /** {@code ½ g²/(s²σ²)}. */
        private double half(double t) {
            double std = k.std(t);
            return 0.5 * k.g2(t) / (std * std);
        }
    }

    /** With {@code s² = 1/(1 + σ²)}: {@code dx/d ln σ = s² x − s D}. */
    record InLogSigma(VpDiscrete k) implements Flow {
        @Override
        public double start() { return StrictMath.log(k.sigmaMax()); }

        @Override
        public double end() { return StrictMath.log(k.sigmaMin()); }

        @Override
        public double s(double t) {
            double v = sigma(t);
            return 1 / Math.sqrt(1 + v * v);
        }

        @Override
        public double sigma(double t) { return StrictMath.exp(t); }

        @Override
        public double a(double t) {
            double s = s(t);
            return s * s;
        }

        @Override
        public double b(double t) { return -s(t); }
    }
}
