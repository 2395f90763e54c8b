package dev.reprise.samplers.solver;

import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.schedule.Schedule;
import dev.reprise.samplers.schedule.Spacing;
import dev.reprise.samplers.schedule.VpDiscrete;

/**
 * DDIM without noise (Song, Meng and Ermon 2021, eq. 12 with σ_t = 0):
 * {@code x' = s' x̂_0 + s'σ' ε}, where x̂_0 and ε are the network's estimates at x. The last step ends in x̂_0.
 * On a continuous kernel the grid is even in t, both ends included.
 */
public record Ddim(int steps, DdimGrid grid) implements Solver {
    public Ddim { Heun.checkSteps("ddim", steps); }

    @Override
    public void solve(Denoiser d, Schedule k, double[][] x, Progress progress) {
        double[] t = times(k);
        double[][] x0 = Rows.like(x), scratch = Rows.like(x);
        for (int i = 0; i < t.length; i++) {
            Rows.x0(d, k, x, t[i], scratch, x0);
            if (i + 1 == t.length) {
                Rows.copy(x0, x);
            } else {
                double s = k.s(t[i]), std = k.std(t[i]), r = k.std(t[i + 1]) / std;
                Rows.set(x, k.s(t[i + 1]) - r * s, x0, r, x);
            }
            progress.report((i + 1.0) / t.length);
        }
    }

    @Override
    public int evaluations(Schedule k) { return times(k).length; }

    private double[] times(Schedule k) {
        if (k instanceof VpDiscrete v) {
            int[] at = grid.steps(v.steps(), steps);
            double[] t = new double[at.length];
            for (int i = 0; i < t.length; i++)
                t[i] = v.timeOf(at[i]);
            return t;
        }
        if (grid != DdimGrid.EVEN)
            throw new IllegalArgumentException("ddim grid '" + grid + "' counts discrete steps, which " + k + " has not; use even");
        return steps == 1 ? new double[]{k.tMax()} : new Spacing.Uniform().times(k, steps - 1);
    }
}
