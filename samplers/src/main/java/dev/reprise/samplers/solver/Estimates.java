package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.rows.Rows;
import dev.reprise.samplers.schedule.Schedule;
import java.util.Arrays;

/** What a denoiser says of a whole batch at one noise ratio or time. */
final class Estimates {
    private Estimates() {}

    /** D(x; σ) with one σ for the batch. */
    static void denoise(Denoiser d, double[][] x, double sigma, double[][] x0) {
        double[] all = new double[x.length];
        Arrays.fill(all, sigma);
        d.denoise(x, all, x0);
    }

    /** {@code E[x_0 | x_t]} for x_t of a kernel; {@code scratch} is as large as x. */
    static void x0(Denoiser d, Schedule k, double[][] x, double t, double[][] scratch, double[][] x0) {
        double s = k.s(t);
        if (s == 1) {
            denoise(d, x, k.sigma(t), x0);
            return;
        }
        Rows.set(scratch, 1 / s, x);
        denoise(d, scratch, k.sigma(t), x0);
    }

    /** {@code ε(x_t, t) = (x_t − s E[x_0 | x_t]) / (s σ)}. */
    static void epsilon(Denoiser d, Schedule k, double[][] x, double t, double[][] scratch, double[][] eps) {
        x0(d, k, x, t, scratch, eps);
        double std = k.std(t);
        Rows.set(eps, 1 / std, x, -k.s(t) / std, eps);
    }
}
