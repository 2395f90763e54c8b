package dev.reprise.samplers.diffusers;

import dev.reprise.samplers.rows.Rows;

/**
 * The grid of the schedulers that work on {@code x = x_0 + σ ε} (Euler, Heun, LMS) after k-diffusion: the network sees
 * {@code x/√(σ² + 1)}.
 *
 * @param sigma n + 1 values, the last one after the last step
 * @param t     n times
 * @param init  standard deviation of the initial state
 */
record SigmaGrid(double[] sigma, double[] t, double init) {
    static SigmaGrid of(SchedulerConfig c, AlphaBars a, int steps, boolean grids) {
        Timesteps.check(c, a.steps(), steps);
        double[] training = a.sigmas(), t = Timesteps.of(c, "linspace", a.steps(), steps, false);
        double[] s = interpolated(c, training, t, steps);
        if (grids && SigmaSpacing.wanted(c)) {
            s = SigmaSpacing.grid(c, s[0], s[s.length - 1], steps);
            t = SigmaSpacing.timesteps(s, training);
        }
        double last = "sigma_min".equals(c.choice("final_sigmas_type", "zero", "zero", "sigma_min")) ? training[0] : 0;
        double[] all = new double[t.length + 1];
        System.arraycopy(s, 0, all, 0, Math.min(s.length, all.length));
        // The log-linear grid brings its own end.
        if (s.length <= t.length) all[t.length] = last;
        double max = 0;
        for (double v : all)
            max = Math.max(max, v);
        boolean leading = "leading".equals(c.choice("timestep_spacing", "linspace", "linspace", "leading", "trailing"));
        return new SigmaGrid(all, t, leading ? Math.sqrt(max * max + 1) : max);
    }

    private static double[] interpolated(SchedulerConfig c, double[] training, double[] t, int steps) {
        if ("linear".equals(c.choice("interpolation_type", "linear", "linear", "log_linear"))) return SigmaSpacing.interpolate(t, training);
        double[] s = Timesteps.linspace(StrictMath.log(training[training.length - 1]), StrictMath.log(training[0]), steps + 1);
        for (int i = 0; i < s.length; i++)
            s[i] = StrictMath.exp(s[i]);
        return s;
    }

    int steps() { return t.length; }

    /** {@code network(x/√(σ² + 1), t)}, and from it x_0. */
    void x0(Scheduler.Prediction network, PredictionType type, double[][] x, int i, double time, double[][] scaled, double[][] x0) {
        Rows.set(scaled, 1 / Math.sqrt(sigma[i] * sigma[i] + 1), x);
        network.predict(scaled, time, x0);
        type.x0OfSigma(x, x0, sigma[i], x0);
    }
}
