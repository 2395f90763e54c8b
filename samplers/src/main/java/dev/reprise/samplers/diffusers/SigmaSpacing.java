package dev.reprise.samplers.diffusers;

/**
 * Grids in σ and back to training steps: {@code use_karras_sigmas} (Karras et al. 2022, eq. 5 with ρ = 7), {@code use_exponential_sigmas}
 * and {@code use_lu_lambdas} (even in log σ), with {@code sigma_min} and {@code sigma_max} over the ends of the grid they replace.
 */
final class SigmaSpacing {
    private static final double RHO = 7;

    private SigmaSpacing() {}

    /** Linear interpolation between the training steps' values, as {@code numpy.interp}: constant beyond the ends. */
    static double[] interpolate(double[] t, double[] values) {
        double[] r = new double[t.length];
        for (int i = 0; i < r.length; i++) {
            int k = (int) Math.clamp(Math.floor(t[i]), 0, values.length - 1);
            r[i] = t[i] <= k || k == values.length - 1 ? values[k] : (values[k + 1] - values[k]) * (t[i] - k) + values[k];
        }
        return r;
    }

    /** Whether the configuration asks for a grid of its own in σ. */
    static boolean wanted(SchedulerConfig c) {
        int n = 0;
        for (String key : new String[]{"use_karras_sigmas", "use_exponential_sigmas", "use_lu_lambdas"})
            if (c.flag(key, false) && ++n > 1) throw c.error(key, "cannot be combined with another grid of sigmas");
        return n == 1;
    }

    /**
     * The grid that is asked for.
     *
     * @param max the largest σ unless the configuration has {@code sigma_max}
     * @param min the smallest σ unless the configuration has {@code sigma_min}
     */
    static double[] grid(SchedulerConfig c, double max, double min, int steps) {
        double from = c.number("sigma_max", max), to = c.number("sigma_min", min);
        boolean karras = c.flag("use_karras_sigmas", false);
        double[] ramp = Timesteps.linspace(0, 1, steps), s = new double[steps];
        for (int i = 0; i < steps; i++)
            if (karras) {
                double a = StrictMath.pow(from, 1 / RHO), b = StrictMath.pow(to, 1 / RHO);
                s[i] = StrictMath.pow(a + ramp[i] * (b - a), RHO);
            } else {
                double a = StrictMath.log(from), b = StrictMath.log(to);
                s[i] = StrictMath.exp(a + ramp[i] * (b - a));
            }
        return s;
    }

    /** The training step, fractions allowed, that has a σ: linear in log σ between the steps. */
    static double[] timesteps(double[] sigma, double[] training) {
        double[] log = new double[training.length], t = new double[sigma.length];
        for (int i = 0; i < log.length; i++)
            log[i] = StrictMath.log(training[i]);
        for (int i = 0; i < t.length; i++) {
            double l = StrictMath.log(Math.max(sigma[i], 1e-10));
            int low = 0;
            for (int k = 0; k < log.length - 1; k++)
                if (l >= log[k]) low = k;
            double w = Math.clamp((log[low] - l) / (log[low] - log[low + 1]), 0, 1);
            t[i] = (1 - w) * low + w * (low + 1);
        }
        return t;
    }
}
