package dev.reprise.samplers.diffusers;

/**
 * The grid of the DPM-Solvers and UniPC, which work on {@code x = α x_0 + σ_t ε}.
 *
 * @param sigma σ_t/α of the n steps and after the last
 * @param t     n whole times
 */
record DpmGrid(double[] sigma, double[] t) {
    /** @param clipped number of training steps that {@code lambda_min_clipped} takes away at the noisy end */
    static DpmGrid of(SchedulerConfig c, AlphaBars a, double[] down, boolean keepFractions, boolean lastOfGrid) {
        double[] training = a.sigmas(), t = down, s;
        boolean own = SigmaSpacing.wanted(c);
        if (own) {
            s = SigmaSpacing.grid(c, training[training.length - 1], training[0], down.length);
            t = SigmaSpacing.timesteps(s, training);
            boolean round = !c.flag("use_exponential_sigmas", false) && !keepFractions;
            for (int i = 0; i < t.length; i++)
                // What is not rounded is cut: the library keeps its times as integers.
                t[i] = round ? Math.rint(t[i]) : Math.floor(t[i]);
        } else {
            if (t[0] >= a.steps())
                throw c.error("steps_offset", "leads to timestep " + (long) t[0] + " beyond the " + a.steps() + " training steps");
            s = SigmaSpacing.interpolate(t, training);
        }
        boolean zero = "zero".equals(c.choice("final_sigmas_type", "zero", "zero", "sigma_min"));
        double[] all = java.util.Arrays.copyOf(s, s.length + 1);
        all[s.length] = zero ? 0 : own && lastOfGrid ? s[s.length - 1] : training[0];
        return new DpmGrid(all, t);
    }

    /** How many of the noisiest training steps have a half log-SNR below {@code lambda_min_clipped}. */
    static int clipped(SchedulerConfig c, AlphaBars a) {
        double least = c.number("lambda_min_clipped", Double.NEGATIVE_INFINITY);
        double[] s = a.sigmas();
        int n = 0;
        while (n < s.length && -StrictMath.log(s[s.length - 1 - n]) < least)
            n++;
        if (n > s.length - 2) throw c.error("lambda_min_clipped", "leaves no training step");
        return n;
    }

    int steps() { return t.length; }

    double alpha(int i) { return 1 / Math.sqrt(sigma[i] * sigma[i] + 1); }

    double sigmaT(int i) { return sigma[i] * alpha(i); }

    /** Half log-SNR, {@code ln(α/σ_t)}; infinite at the end of a grid that goes to zero. */
    double lambda(int i) {
        return StrictMath.log(alpha(i)) - StrictMath.log(sigmaT(i));
    }
}
