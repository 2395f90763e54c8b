package dev.reprise.samplers.solver;

import java.util.Arrays;

/**
 * What a solver has beside its problem: somebody who listens, the precision of the state, somebody who keeps the states
 * that it passes, and where fresh noise comes from.
 *
 * @param progress hears the part done
 * @param float32  whether the state is rounded to float32 after every step, as networks' own samplers keep it; else float64
 * @param recorder sees the state before the first and after every step; null for nobody
 * @param draws    fresh noise for stochastic solvers; null where there is none
 */
public record Run(Progress progress, boolean float32, Recorder recorder, Draws draws) {
    /** Sees the states of a run. */
    @FunctionalInterface
    public interface Recorder {
        /**
         * @param scale s of each row as the solver holds it: {@code x = s (x_0 + σ ε)}; 1 in solvers over σ
         * @param sigma noise ratio of each row
         * @param x     the state, one row a sample; like the others to be copied
         */
        void state(double[] scale, double[] sigma, double[][] x);

        /** What is to see the states of some rows of a batch, from row {@code begin} on. */
        default Recorder piece(int begin) {
            return this;
        }
    }

    /** Standard normal numbers, for each row of a batch a stream of its own, so that no row depends on its neighbours. */
    @FunctionalInterface
    public interface Draws {
        /** Fills {@code z} with the next numbers of that row's stream. */
        void normal(int row, double[] z);

        /** The streams of some rows. */
        default Draws rows(int... rows) { return (row, z) -> normal(rows[row], z); }
    }

    /** Float64, nobody keeps the states, no fresh noise. */
    public static Run of(Progress progress) {
        return new Run(progress, false, null, null);
    }

    /** Says where the run begins. */
    void begin(double scale, double sigma, double[][] x) {
        round(x);
        if (recorder != null) recorder.state(all(scale, x), all(sigma, x), x);
    }

    /** Ends a step: rounds the state, shows it, reports. */
    void step(double done, double scale, double sigma, double[][] x) {
        step(done, all(scale, x), all(sigma, x), x);
    }

    void step(double done, double[] scale, double[] sigma, double[][] x) {
        round(x);
        if (recorder != null) recorder.state(scale, sigma, x);
        progress.report(done);
    }

    static double[] all(double sigma, double[][] x) {
        double[] s = new double[x.length];
        Arrays.fill(s, sigma);
        return s;
    }

    void round(double[][] x) {
        if (!float32) return;
        for (double[] row : x)
            for (int e = 0; e < row.length; e++)
                row[e] = (float) row[e];
    }

    /** x += scale z, with z fresh. */
    void addNoise(double scale, double[][] x, String solver) {
        if (draws == null)
            throw new IllegalStateException(
                    solver + " draws noise while it runs, and nobody gave it a stream; give seeds, or take a deterministic solver");
        if (x.length == 0) return;
        double[] z = new double[x[0].length];
        for (int i = 0; i < x.length; i++) {
            draws.normal(i, z);
            for (int e = 0; e < z.length; e++)
                x[i][e] += scale * z[e];
        }
    }
}
