package dev.reprise.samplers.model;

import java.util.List;

/**
 * A model made of several, each for an interval of noise ratios (the multistage models of Zhang et al. 2023). A row goes to the
 * first stage whose {@code sigmaMax} is not below its σ, so at a border to the stage of less noise.
 */
public final class Multistage implements Denoiser {
    /** @param sigmaMax the highest noise ratio of the stage */
    public record Stage(double sigmaMax, Denoiser denoiser) {}

    private final List<Stage> stages;

    /** @param stages from little noise to much */
    public Multistage(List<Stage> stages) {
        this.stages = List.copyOf(stages);
        for (int i = 0; i < stages.size(); i++)
            if (!(stages.get(i).sigmaMax > (i == 0 ? 0 : stages.get(i - 1).sigmaMax)))
                throw new IllegalArgumentException(
                        "the stages' sigmaMax must rise, found " + stages.stream().map(Stage::sigmaMax).toList());
        if (stages.isEmpty()) throw new IllegalArgumentException("a multistage model needs at least one stage");
    }

    private int stage(double sigma) {
        for (int i = 0; i < stages.size(); i++)
            if (sigma <= stages.get(i).sigmaMax * (1 + 1e-9)) return i;
        throw new IllegalArgumentException("sigma " + sigma + " is above " + stages.getLast().sigmaMax + ", the last stage's");
    }

    @Override
    public void denoise(double[][] x, double[] sigma, double[][] x0) {
        int[] which = new int[x.length];
        int[] count = new int[stages.size()];
        for (int r = 0; r < x.length; r++)
            count[which[r] = stage(sigma[r])]++;
        for (int s = 0; s < count.length; s++) {
            if (count[s] == 0) continue;
            int[] rows = new int[count[s]];
            double[][] in = new double[count[s]][], out = new double[count[s]][];
            double[] noise = new double[count[s]];
            for (int r = 0, n = 0; r < x.length; r++) {
                if (which[r] != s) continue;
                rows[n] = r;
                in[n] = x[r];
                out[n] = x0[r];
                noise[n++] = sigma[r];
            }
            Denoiser d = stages.get(s).denoiser;
            (rows.length == x.length ? d : d.rows(rows)).denoise(in, noise, out);
        }
    }

    @Override
    public Denoiser rows(int... rows) {
        return new Multistage(stages.stream().map(s -> new Stage(s.sigmaMax, s.denoiser.rows(rows))).toList());
    }
}
