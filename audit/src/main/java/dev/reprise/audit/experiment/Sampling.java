package dev.reprise.audit.experiment;

import dev.reprise.audit.spec.AuditSpec.Column;
import dev.reprise.samplers.Sampler;
import dev.reprise.samplers.Samplers;
import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.model.ModelSpec;
import java.util.TreeMap;

/** How a column is sampled: what it says, or what its model suggests. */
record Sampling(Sampler sampler, Integer steps, Column column) {
    static Sampling of(Column c, ModelSpec s) {
        if (s.suggestion() == null && (c.sampler() == null || c.steps() == null))
            throw new IllegalArgumentException(c.id() + ": the model's metadata suggests no sampler; give 'sampler' and 'steps'");
        int steps = c.steps() == null ? s.suggestion().steps() : c.steps();
        Sampler sampler = Samplers.named(c.sampler() == null ? s.suggestion().name() : c.sampler(), steps, c.options());
        return new Sampling(sampler.withBatch(Models.BATCH), sampler.name().equals("rk45") ? null : steps, c);
    }

    /** For keys: the same for samplers that do the same. */
    String canonical() {
        return sampler.name() + " " + steps + " " + new TreeMap<>(column.options());
    }

    String words() {
        StringBuilder text = new StringBuilder(sampler.name());
        if (steps != null) text.append(", ").append(steps).append(sampler.name().startsWith("dpm") ? " evaluations" : " steps");
        column.options().forEach((k, v) -> text.append(", ").append(k).append(' ').append(v));
        if (column.label() != null) text.append(", class ").append(column.label());
        return text.toString();
    }

    /** Counts the rows that it denoises. */
    record Counting(Denoiser inner, long[] rows) implements Denoiser {
        @Override
        public void denoise(double[][] x, double[] sigma, double[][] x0) {
            rows[0] += x.length;
            inner.denoise(x, sigma, x0);
        }

        @Override
        public Denoiser rows(int... which) { return new Counting(inner.rows(which), rows); }
    }
}
