package dev.reprise.samplers.diffusers;

import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.solver.Progress;

/**
 * Euler steps along a rectified flow, {@code x = (1 − σ) x_0 + σ ε} with the network saying {@code ε − x_0} (Lipman et al. 2023; Esser et
 * al. 2024): diffusers' {@code FlowMatchEulerDiscreteScheduler}. {@code shift} applies to the ends of the grid and again to every point, as
 * it does there. With {@code stochastic_sampling} each step noises the estimate of x_0 anew.
 */
public final class FlowMatchEulerScheduler implements Scheduler {
    private final double[] sigma;
    private final int train;
    private final boolean stochastic;

    FlowMatchEulerScheduler(SchedulerConfig c, int steps) {
        // A dynamic shift depends on the image's size, by a rule that each pipeline has for itself.
        c.without("use_dynamic_shifting", "use_beta_sigmas", "use_lu_lambdas", "invert_sigmas");
        train = AlphaBars.trainSteps(c);
        Timesteps.check(c, train, steps);
        stochastic = c.flag("stochastic_sampling", false);
        double shift = c.number("shift", 1);
        if (!(shift > 0)) throw c.error("shift", "must be positive");
        double[] s = Timesteps.linspace(shifted(1, shift) * train, shifted(1 / (double) train, shift) * train, steps);
        for (int i = 0; i < steps; i++)
            s[i] = shifted(s[i] / train, shift);
        double terminal = c.number("shift_terminal", 0);
        if (terminal != 0) {
            double scale = (1 - s[steps - 1]) / (1 - terminal);
            for (int i = 0; i < steps; i++)
                s[i] = 1 - (1 - s[i]) / scale;
        }
        if (SigmaSpacing.wanted(c)) s = SigmaSpacing.grid(c, s[0], s[steps - 1], steps);
        sigma = java.util.Arrays.copyOf(s, steps + 1);
    }

    private static double shifted(double s, double shift) { return shift * s / (1 + (shift - 1) * s); }

    @Override
    public double[] timesteps() {
        double[] t = new double[sigma.length - 1];
        for (int i = 0; i < t.length; i++)
            t[i] = sigma[i] * train;
        return t;
    }

    @Override
    public double initNoiseSigma() { return 1; }

    @Override
    public boolean stochastic() { return stochastic; }

    @Override
    public void solve(Prediction network, double[][] x, StepNoise noise, Progress progress) {
        double[][] out = Rows.like(x);
        double[] t = timesteps();
        for (int i = 0; i < t.length; i++) {
            network.predict(x, t[i], out);
            if (stochastic) {
                Rows.set(x, 1 - sigma[i + 1], x, -(1 - sigma[i + 1]) * sigma[i], out);
                noise.next(out);
                Rows.add(x, sigma[i + 1], out);
            } else {
                Rows.add(x, sigma[i + 1] - sigma[i], out);
            }
            progress.report((i + 1.0) / t.length);
        }
    }
}
