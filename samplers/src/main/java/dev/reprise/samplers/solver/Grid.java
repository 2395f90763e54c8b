package dev.reprise.samplers.solver;

import dev.reprise.samplers.schedule.Schedule;
import dev.reprise.samplers.schedule.Spacing;
import dev.reprise.samplers.schedule.VpDiscrete;
import java.util.Arrays;

/** The noise ratios that a solver visits, falling: from the noise to σ_min or to 0, the data itself. */
public sealed interface Grid {
    /** @param steps as the user counts them; at least 1 */
    double[] sigmas(Schedule k, int steps);

    /**
     * Spread by a rule over a range.
     *
     * @param zero     whether the grid ends at 0: then {@code steps} ratios from σ_max to σ_min, and 0; else {@code steps}
     *                 cells from σ_max to σ_min
     * @param sigmaMin lower end of the range where it is above the kernel's
     * @param sigmaMax upper end where it is below the kernel's
     */
    record Spaced(Spacing spacing, boolean zero, double sigmaMin, double sigmaMax) implements Grid {
        public Spaced(Spacing spacing, boolean zero) { this(spacing, zero, 0, Double.POSITIVE_INFINITY); }

        @Override
        public double[] sigmas(Schedule k, int steps) {
            double from = k.sigmaMax() <= sigmaMax ? k.tMax() : k.t(sigmaMax), to = k.sigmaMin() >= sigmaMin ? k.tMin() : k.t(sigmaMin);
            if (!(to < from))
                throw new IllegalArgumentException(
                        "no noise ratio is both in [" + sigmaMin + ", " + sigmaMax + "] and in the range of " + k);
            int cells = zero ? steps - 1 : steps;
            double[] sigma = new double[steps + 1], t = cells == 0 ? new double[]{from} : spacing.times(k, from, to, cells);
            for (int i = 0; i < t.length; i++)
                sigma[i] = k.sigma(t[i]);
            return sigma;
        }
    }

    /** Whole steps of a table, and then 0, or the table's first step where that is not already the last. */
    record Table(DdimGrid rule, boolean zero) implements Grid {
        @Override
        public double[] sigmas(Schedule k, int steps) {
            if (!(k instanceof VpDiscrete v)) {
                if (rule != DdimGrid.EVEN && rule != DdimGrid.TRAILING)
                    throw new IllegalArgumentException(
                            "grid '" + rule + "' counts discrete steps, which " + k + " has not; use even or trailing");
                return rule == DdimGrid.EVEN ? new Spaced(new Spacing.Uniform(), zero).sigmas(k, steps) : trailing(k, steps);
            }
            int[] at = rule.steps(v.steps(), steps);
            double[] sigma = new double[at.length + 1];
            for (int i = 0; i < at.length; i++)
                sigma[i] = v.sigma(v.timeOf(at[i]));
            if (zero) return sigma;
            sigma[at.length] = v.sigmaMin();
            return at[at.length - 1] == 0 ? Arrays.copyOf(sigma, at.length) : sigma;
        }

        /** {@code tMax (1 − i/n)} and 0: the grid of Salimans and Ho 2022. */
        private double[] trailing(Schedule k, int steps) {
            double[] sigma = new double[steps + 1];
            for (int i = 0; i < steps; i++)
                sigma[i] = k.sigma(Math.max(k.tMin(), k.tMax() * (steps - i) / steps));
            if (!zero) sigma[steps] = k.sigmaMin();
            return sigma;
        }
    }

    /** Given outright; the number of steps is theirs. */
    record Given(double... sigma) implements Grid {
        public Given {
            sigma = sigma.clone();
            for (int i = 0; i < sigma.length; i++)
                if (!(sigma[i] >= 0 && sigma[i] < Double.POSITIVE_INFINITY) || i > 0 && !(sigma[i] < sigma[i - 1]))
                    throw new IllegalArgumentException(
                            "noise ratios must fall and only the last may be 0, found " + Arrays.toString(sigma));
            if (sigma.length < 2)
                throw new IllegalArgumentException("at least two noise ratios are needed, found " + Arrays.toString(sigma));
        }

        @Override
        public double[] sigmas(Schedule k, int steps) { return sigma.clone(); }

        @Override
        public boolean equals(Object o) { return o instanceof Given g && Arrays.equals(sigma, g.sigma); }

        @Override
        public int hashCode() { return Arrays.hashCode(sigma); }

        @Override
        public String toString() { return Arrays.toString(sigma); }
    }

    /** For an inversion: rising, and without 0. */
    static double[] reversed(double[] sigma) {
        int n = sigma[sigma.length - 1] == 0 ? sigma.length - 1 : sigma.length;
        if (n < 2) throw new IllegalArgumentException("an inversion needs at least two noise ratios above 0; use more steps");
        double[] up = new double[n];
        for (int i = 0; i < n; i++)
            up[i] = sigma[n - 1 - i];
        return up;
    }
}
