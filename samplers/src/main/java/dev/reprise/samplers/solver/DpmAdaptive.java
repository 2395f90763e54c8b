package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.schedule.Schedule;
import java.util.Arrays;

/**
 * Adaptive DPM-Solver-12 and -23 (Lu et al. 2022a, appendix C): a step of the higher order beside one of the lower, in λ; their
 * difference in units of {@code max(atol, rtol max(|lower|, |previous lower|))} is the error E, a step with E ≤ 1 is kept, and
 * the next is {@code θ h E^{−1/order}}. The state is that of the kernel, at its scale, since the tolerance is.
 *
 * @param order 2 or 3
 * @param joint whether the batch shares one step size, that of its worst sample, as the authors' code does
 */
public record DpmAdaptive(int order, double rtol, double atol, Prediction prediction, boolean taylor, boolean denoise, boolean joint)
        implements
            Solver {
    private static final double THETA = 0.9, FIRST = 0.05, NEAR = 1e-5;

    public DpmAdaptive {
        if (order < 2 || order > 3) throw new IllegalArgumentException("dpm-solver-adaptive has orders 2 (12) and 3 (23), found " + order);
        if (!(rtol > 0) || !(atol > 0))
            throw new IllegalArgumentException("dpm-solver-adaptive needs rtol > 0 and atol > 0, found rtol " + rtol + ", atol " + atol);
    }

    @Override
    public int evaluations(Schedule k) { return -1; }

    @Override
    public void solve(Denoiser d, Schedule k, double[][] x, Run run) {
        double[] scale = Run.all(k.s(k.tMax()), x), sigma = Run.all(k.sigmaMax(), x);
        run.begin(k.s(k.tMax()), k.sigmaMax(), x);
        if (joint) path(d, k, x, 0, run, x, scale, sigma);
        else
            for (int i = 0; i < x.length; i++)
                path(x.length == 1 ? d : d.rows(i), k, new double[][]{x[i]}, i, run, x, scale, sigma);
        if (denoise) {
            double[][] x0 = Rows.like(x);
            Estimates.x0(d, k, x, k.tMin(), Rows.like(x), x0);
            Rows.copy(x0, x);
            run.step(1, 1, 0, x);
        }
    }

    /** Solves for {@code x}, the rows of {@code all} from {@code row} on. */
    private void path(Denoiser d, Schedule k, double[][] x, int row, Run run, double[][] all, double[] scales, double[] sigmas) {
        DpmStep step = new DpmStep(d, prediction, taylor, x);
        double[][] previous = Rows.like(x), higher = Rows.like(x);
        Rows.copy(x, previous);
        double t = k.tMax(), lambda = k.lambda(t), end = k.lambda(k.tMin()), h = FIRST, first = lambda;
        boolean fresh = true;
        while (Math.abs(t - k.tMin()) > NEAR) {
            if (!(h > 1e-12))
                throw new ArithmeticException(
                        "dpm-solver-adaptive: at t = " + t + " no step keeps the error of sample " + row + " within rtol "
                                + rtol + ", atol " + atol + "; is the network's output finite?");
            double next = k.tOfLambda(Math.min(lambda + h, end)), s = k.s(t), to = k.s(next);
            double[] sigma = DpmMultistep.within(k.sigma(t), k.sigma(next), order);
            Rows.set(higher, 1 / s, x);
            if (fresh) prediction.model(d, higher, sigma[0], step.m);
            step.advance(higher, sigma);
            Rows.scale(higher, to);
            Rows.scale(step.lower, to);
            double e = error(higher, step.lower, previous);
            fresh = e <= 1;
            if (fresh) {
                Rows.copy(higher, x);
                Rows.copy(step.lower, previous);
                t = next;
                lambda = k.lambda(t);
                double done = Math.min(1, (lambda - first) / (end - first));
                Arrays.fill(scales, row, row + x.length, to);
                Arrays.fill(sigmas, row, row + x.length, k.sigma(t));
                run.step(joint ? done : (row + done) / all.length, scales, sigmas, all);
            }
            h = Math.min(THETA * h * StrictMath.pow(e, -1.0 / order), end - lambda);
            if (!(h > 0) && fresh) return;
        }
    }

    private double error(double[][] higher, double[][] lower, double[][] previous) {
        double worst = 0;
        for (int i = 0; i < higher.length; i++) {
            double sum = 0;
            for (int j = 0; j < higher[i].length; j++) {
                double q = (higher[i][j] - lower[i][j]) / Math.max(atol, rtol * Math.max(Math.abs(lower[i][j]), Math.abs(previous[i][j])));
                sum += q * q;
            }
            double e = Math.sqrt(sum / higher[i].length);
            // Written so that NaN is the worst.
            if (!(e <= worst)) worst = e;
        }
        return worst;
    }
}
