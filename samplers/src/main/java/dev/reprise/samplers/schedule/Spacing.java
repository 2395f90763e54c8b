package dev.reprise.samplers.schedule;

import java.util.function.DoubleUnaryOperator;

/** How times are spread between two ends. The ends themselves are always exact, unless a rule says otherwise. */
public sealed interface Spacing {
    /** {@code steps + 1} times from {@code from} down to {@code to}. */
    double[] times(Schedule k, double from, double to, int steps);

    /** The whole range of a schedule. */
    default double[] times(Schedule k, int steps) { return times(k, k.tMax(), k.tMin(), steps); }

    /** Even in t. */
    record Uniform() implements Spacing {
        @Override
        public double[] times(Schedule k, double from, double to, int steps) { return even(from, to, steps, t -> t, t -> t); }
    }

    /** Even in √t: denser near the data. */
    record Quadratic() implements Spacing {
        @Override
        public double[] times(Schedule k, double from, double to, int steps) { return even(from, to, steps, Math::sqrt, r -> r * r); }
    }

    /** Even in the logarithm of the signal-to-noise ratio: DPM-Solver's choice. */
    record LogSnr() implements Spacing {
        @Override
        public double[] times(Schedule k, double from, double to, int steps) { return even(from, to, steps, k::lambda, k::tOfLambda); }
    }

    /**
     * Whole steps of a table, their indices even and rounded half to even: "iddpm" of Karras et al. 2022 (table 1), where the
     * range is cut to the table's.
     */
    record Index() implements Spacing {
        @Override
        public double[] times(Schedule k, double from, double to, int steps) {
            if (!(k instanceof VpDiscrete v))
                throw new IllegalArgumentException("spacing 'index' counts the steps of a vp-discrete schedule, found " + k);
            double top = Math.floor(v.indexOf(from) + 1e-9), low = Math.ceil(v.indexOf(to) - 1e-9);
            double[] t = new double[steps + 1];
            for (int i = 0; i <= steps; i++)
                t[i] = v.timeOf((int) (top - Math.rint((top - low) / steps * i)));
            return t;
        }
    }

    /** Even in {@code σ^{1/ρ}} (Karras et al. 2022, eq. 5). */
    record Karras(double rho) implements Spacing {
        public Karras { if (!(rho > 0)) throw new IllegalArgumentException("rho must be positive, found " + rho); }

        @Override
        public double[] times(Schedule k, double from, double to, int steps) {
            return even(from, to, steps, t -> StrictMath.pow(k.sigma(t), 1 / rho), r -> k.t(StrictMath.pow(r, rho)));
        }
    }

    private static double[] even(double from, double to, int steps, DoubleUnaryOperator map, DoubleUnaryOperator inverse) {
        if (steps < 1) throw new IllegalArgumentException("a grid needs at least 1 step, found " + steps);
        double[] t = new double[steps + 1];
        double a = map.applyAsDouble(from), b = map.applyAsDouble(to);
        for (int i = 1; i < steps; i++)
            t[i] = inverse.applyAsDouble(a + (b - a) * i / steps);
        t[0] = from;
        t[steps] = to;
        return t;
    }
}
