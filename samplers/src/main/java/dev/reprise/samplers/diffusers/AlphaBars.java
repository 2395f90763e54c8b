package dev.reprise.samplers.diffusers;

import java.util.function.DoubleUnaryOperator;

/**
 * ᾱ of the N training steps and after the last one, from {@code num_train_timesteps}, {@code beta_start}, {@code beta_end},
 * {@code beta_schedule} (linear, scaled_linear, squaredcos_cap_v2, exp), {@code trained_betas} and {@code rescale_betas_zero_snr}.
 *
 * @param values ᾱ_t
 * @param last   ᾱ behind step 0: 1, or ᾱ_0 without {@code set_alpha_to_one}
 */
record AlphaBars(double[] values, double last) {
    /** What stands for an ᾱ of zero where a sigma must be finite: {@code 2^-24}, as in diffusers. */
    static final double NEARLY_ZERO = 0x1p-24;

    static AlphaBars of(SchedulerConfig c, double betaStart, double betaEnd, String schedule, boolean alphaOne) {
        double[] beta = betas(c, c.number("beta_start", betaStart), c.number("beta_end", betaEnd), schedule);
        double[] a = new double[beta.length];
        double product = 1;
        for (int i = 0; i < a.length; i++) {
            if (!(beta[i] >= 0 && beta[i] < 1))
                throw c.error("beta_end", "gives beta " + beta[i] + " at step " + i + ", which must lie in [0, 1)");
            a[i] = product *= 1 - beta[i];
        }
        if (c.flag("rescale_betas_zero_snr", false)) rescale(a);
        return new AlphaBars(a, c.flag("set_alpha_to_one", alphaOne) ? 1 : a[0]);
    }

    private static double[] betas(SchedulerConfig c, double start, double end, String schedule) {
        if (c.has("trained_betas")) {
            double[] given = c.numbers("trained_betas");
            if (given.length != trainSteps(c))
                throw c.error("trained_betas", "must hold 'num_train_timesteps' " + trainSteps(c) + " numbers, not " + given.length);
            return given;
        }
        int n = trainSteps(c);
        return switch (c.choice("beta_schedule", schedule, "linear", "scaled_linear", "squaredcos_cap_v2", "exp")) {
            case "linear" -> Timesteps.linspace(start, end, n);
            case "scaled_linear" -> {
                double[] b = Timesteps.linspace(Math.sqrt(start), Math.sqrt(end), n);
                for (int i = 0; i < n; i++)
                    b[i] *= b[i];
                yield b;
            }
            case "exp" -> ratios(n, t -> StrictMath.exp(-12 * t));
            default -> ratios(n, t -> {
                double r = StrictMath.cos((t + 0.008) / 1.008 * Math.PI / 2);
                return r * r;
            });
        };
    }

    static int trainSteps(SchedulerConfig c) { return c.integer("num_train_timesteps", 1000, 2, 1_000_000); }

    /** Nichol and Dhariwal 2021: betas, at most 0.999, whose products follow a given ᾱ of t in [0, 1]. */
    private static double[] ratios(int n, DoubleUnaryOperator alphaBar) {
        double[] b = new double[n];
        for (int i = 0; i < n; i++)
            b[i] = Math.min(1 - alphaBar.applyAsDouble((i + 1) / (double) n) / alphaBar.applyAsDouble(i / (double) n), 0.999);
        return b;
    }

    /** Lin et al. 2023 (arXiv:2305.08891), algorithm 1: √ᾱ shifted and stretched so that the last is zero and the first stays. */
    private static void rescale(double[] a) {
        double first = Math.sqrt(a[0]), end = Math.sqrt(a[a.length - 1]);
        for (int i = 0; i < a.length; i++) {
            double r = (Math.sqrt(a[i]) - end) * (first / (first - end));
            a[i] = r * r;
        }
    }

    int steps() { return values.length; }

    /** For times that may lie behind step 0. */
    double at(int t) {
        if (t >= values.length)
            throw new IllegalArgumentException("timestep " + t + " is outside the " + values.length
                    + " training steps; use fewer steps or a smaller 'steps_offset'");
        return t >= 0 ? values[t] : last;
    }

    /** {@code σ = √((1 − ᾱ)/ᾱ)} of every training step, from data to noise. */
    double[] sigmas() {
        double[] s = new double[values.length];
        for (int i = 0; i < s.length; i++) {
            double a = values[i] == 0 ? NEARLY_ZERO : values[i];
            s[i] = Math.sqrt((1 - a) / a);
        }
        return s;
    }
}
