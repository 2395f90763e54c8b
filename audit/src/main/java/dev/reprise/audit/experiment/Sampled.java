package dev.reprise.audit.experiment;

import dev.reprise.audit.spec.AuditSpec;
import dev.reprise.audit.spec.DiffusionModel;
import dev.reprise.audit.spec.Sidecar;
import dev.reprise.audit.spec.TrainingImages;
import dev.reprise.engine.SessionOptions;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.Sampler;
import dev.reprise.samplers.Samplers;
import dev.reprise.samplers.ideal.MultiDelta;
import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.model.ModelSpec;
import dev.reprise.samplers.noise.Noise;
import java.lang.foreign.Arena;
import java.util.function.DoubleConsumer;

/**
 * The samples of one column.
 *
 * @param training    of the model, null where it is not known or cannot be made again
 * @param evaluations of the denoiser for each sample
 * @param parameters  0 for an ideal denoiser
 */
record Sampled(AuditSpec.Column column, Sidecar sidecar, Sidecar.Training training, String sampler, Tensor noise, Tensor samples,
        int evaluations,
        long parameters, String sha256, double seconds) {
    private static final int BATCH = 32;

    static Sampled of(AuditSpec.Column c, AuditSpec spec, SessionOptions options, Arena arena, DoubleConsumer progress) {
        long begun = System.nanoTime();
        try (DiffusionModel m = DiffusionModel.open(c.model(), c.overrides(), options, BATCH);
                Workers workers = new Workers(options.threads());
                Arena own = Arena.ofShared()) {
            ModelSpec s = m.sidecar().spec();
            int n = spec.seeds().count();
            Tensor noise = Noise.perSeed(arena, spec.seeds().first(), spec.seeds().last(), s.sampleShape());
            Sidecar.Training training = TrainingImages.knows(m.sidecar().training()) ? m.sidecar().training() : null;
            if (c.ideal() && training == null)
                throw new IllegalArgumentException(
                        c.model() + ": the ideal denoiser needs the training set, which the metadata does not describe");
            Denoiser d = c.ideal()
                    ? new MultiDelta(TrainingImages.of(training, Integer.MAX_VALUE, own), workers)
                    : m.denoiser(c.label() == null ? null : m.label(c.label()), n);
            Sampler sampler = sampler(c, s);
            long[] rows = new long[1];
            Denoiser counting = new Counting(d, rows);
            Tensor samples = sampler.sample(counting, s.schedule(), noise, arena, done -> {
                progress.accept(done);
                return !Thread.currentThread().isInterrupted();
            });
            return new Sampled(c, m.sidecar(), training, describe(c, s, sampler), noise, samples, Math.toIntExact(rows[0] / n),
                    c.ideal() ? 0 : parameters(m),
                    c.ideal() ? "" : m.model().info().sha256(), (System.nanoTime() - begun) / 1e9);
        }
    }

    private record Counting(Denoiser inner, long[] rows) implements Denoiser {
        @Override
        public void denoise(double[][] x, double[] sigma, double[][] x0) {
            rows[0] += x.length;
            inner.denoise(x, sigma, x0);
        }

        @Override
        public Denoiser rows(int... which) { return new Counting(inner.rows(which), rows); }
    }

    private static Sampler sampler(AuditSpec.Column c, ModelSpec s) {
        if (s.suggestion() == null && (c.sampler() == null || c.steps() == null))
            throw new IllegalArgumentException(c.id() + ": the model's metadata suggests no sampler; give 'sampler' and 'steps'");
        return Samplers
                .named(c.sampler() == null ? s.suggestion().name() : c.sampler(), c.steps() == null ? s.suggestion().steps() : c.steps(),
                        c.options())
                .withBatch(BATCH);
    }

    private static String describe(AuditSpec.Column c, ModelSpec s, Sampler sampler) {
        StringBuilder text = new StringBuilder(sampler.name());
        if (!sampler.name().equals("rk45"))
            text.append(", ").append(c.steps() == null ? s.suggestion().steps() : c.steps())
                    .append(sampler.name().startsWith("dpm") ? " evaluations" : " steps");
        c.options().forEach((k, v) -> text.append(", ").append(k).append(' ').append(v));
        if (c.label() != null) text.append(", class ").append(c.label());
        return text.toString();
    }

    private static long parameters(DiffusionModel m) {
        java.util.Set<Tensor> weights = java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
        m.model().graph().nodes().forEach(node -> node.inputs().forEach(v -> {
            if (v != null && v.isConstant() && v.constant().dtype().isFloat()) weights.add(v.constant());
        }));
        return weights.stream().mapToLong(Tensor::size).sum();
    }
}
