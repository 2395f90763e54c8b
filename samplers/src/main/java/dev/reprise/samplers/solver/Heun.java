package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.schedule.Schedule;
import dev.reprise.samplers.schedule.Spacing;

/**
 * The second-order family of EDM (Karras et al. 2022, algorithms 1 and 2 and appendix D.2): a trial step of part α and a weighted
 * mean of the two slopes: α = 1 is Heun's method, ½ the midpoint's, ⅔ Ralston's. Where a step ends at σ = 0 it is Euler's.
 * 2 evaluations a step, 1 where it ends at 0.
 *
 * @param clock s(t) and σ(t): {@code sigma} is the paper's own choice, {@code time} on vp its "vp", {@code variance} its "ve"
 * @param alpha in (0, 1]
 */
public record Heun(int steps, Grid grid, Clock clock, double alpha, Churn churn) implements FlowSolver {
    public Heun {
        checkSteps("heun", steps);
        if (!(alpha > 0 && alpha <= 1)) throw new IllegalArgumentException("alpha must be in (0, 1], found " + alpha);
    }

    /** Algorithm 1 with s = 1 and σ(t) = t whatever the kernel: {@code steps} noise ratios from σ_max to σ_min, then 0. */
    public Heun(int steps, Spacing spacing) {
        this(steps, new Grid.Spaced(spacing, true), Clock.SIGMA, 1, Churn.NONE);
    }

    @Override
    public double[] sigmas(Schedule k) { return grid.sigmas(k, steps); }

    @Override
    public void walk(Denoiser d, Flow flow, double[] sigma, double[][] x, Run run) {
        double[][] next = Rows.like(x), di = Rows.like(x), d2 = Rows.like(x);
        int n = sigma.length - 1;
        for (int i = 0; i < n; i++) {
            double raised = churn.raised(sigma[i], n, flow.k().sigmaMax()), t = flow.t(raised);
            if (churn.churn() > 0) { // algorithm 2, lines 4 to 6; noise is drawn at every step, as the authors do
                Rows.scale(x, flow.s(t) / flow.s(flow.t(sigma[i])));
                run.addNoise(flow.s(t) * Math.sqrt(raised * raised - sigma[i] * sigma[i]) * churn.noise(), x, "heun with churn");
            }
            boolean last = sigma[i + 1] == 0;
            double to = last ? flow.zero() : flow.t(sigma[i + 1]), h = to - t;
            if (last && Double.isNaN(to)) { // no time is left to step over: the denoised image
                Rows.set(next, 1 / flow.s(t), x);
                Estimates.denoise(d, next, raised, x);
            } else {
                flow.slope(d, x, t, di); // line 4
                if (last) Rows.set(x, 1, x, h, di);
                else {
                    Rows.set(next, 1, x, alpha * h, di); // line 5
                    flow.slope(d, next, t + alpha * h, d2); // line 7
                    Rows.set(x, 1, x, h * (1 - 1 / (2 * alpha)), di, h / (2 * alpha), d2); // line 8
                }
            }
            run.step((i + 1.0) / n, last ? 1 : flow.s(to), sigma[i + 1], x);
        }
    }

    @Override
    public int evaluations(Schedule k) {
        double[] sigma = sigmas(k);
        return 2 * (sigma.length - 1) - (sigma[sigma.length - 1] == 0 ? 1 : 0);
    }

    @Override
    public boolean deterministic() { return churn.churn() == 0; }

    static void checkSteps(String name, int steps) {
        if (steps < 1) throw new IllegalArgumentException(name + " needs at least 1 step, found " + steps);
    }
}
