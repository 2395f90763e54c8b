package dev.reprise.audit.experiment;

import dev.reprise.audit.cache.Key;
import dev.reprise.audit.spec.AuditSpec.Column;
import dev.reprise.audit.spec.AuditSpec.Kind;
import dev.reprise.audit.spec.AuditSpec.Mode;
import dev.reprise.audit.spec.DiffusionModel;
import dev.reprise.audit.spec.Sidecar;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.ideal.MultiDelta;
import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.model.ModelSpec;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.function.DoubleConsumer;

/**
 * The images of some of a request's noises: {@code samples} float32 (n, C, H, W) in [-1, 1], {@code evaluations} int64 (1), of
 * the denoiser for all of them together.
 */
record SampleUnit(Lab lab, Request request, int begin, int end) implements Unit {
    private Column column() { return request.column(); }

    @Override
    public Key key() {
        Facts f = lab.models().facts(column());
        Key k = Key.of("samples").with("code", lab.code()).with("meaning", f.meaning()).with("noise", request.noises().name(begin, end))
                .with("shape", f.input());
        if (column().kind() == Kind.IDEAL) k = k.with("ideal", lab.trainingKey(column()));
        else k = k.with("model", f.sha256()).with("mode", column().mode());
        if (column().mode() == Mode.GPU) k = k.with("device", lab.models().device().id() + " " + lab.models().device().name());
        if (column().kind() == Kind.GENERATOR) return k;
        if (column().kind() == Kind.PIPELINE) return k.with("call", PipelineCall.of(column()));
        return k.with("sampler", Sampling.of(column(), f.sidecar().spec()).canonical()).with("class", column().label());
    }

    @Override
    public String step() { return "sampling " + column().title(); }

    @Override
    public double cost() {
        Facts f = lab.models().facts(column());
        if (column().kind() == Kind.GENERATOR) return images();
        if (column().kind() == Kind.PIPELINE) return 2.0 * images() * PipelineCall.of(column()).steps();
        Integer steps = Sampling.of(column(), f.sidecar().spec()).steps();
        return (double) images() * (steps == null ? 100 : steps);
    }

    @Override
    public int images() { return end - begin; }

    @Override
    public Map<String, Tensor> make(Arena arena, DoubleConsumer progress) {
        Tensor noise = request.noises().draw(begin, end, lab.models().facts(column()).input(), arena);
        if (column().kind() == Kind.GENERATOR)
            return Map.of("samples", lab.models().generator(column()).images(noise, arena), "evaluations",
                    Tensor.of(arena, Shape.of(1), (long) images()));
        if (column().kind() == Kind.PIPELINE)
            return PipelineCall.of(column()).make(lab.models().pipeline(column()), noise, arena, done -> {
                progress.accept(done);
                return !Thread.currentThread().isInterrupted();
            });
        DiffusionModel m = lab.models().diffusion(column());
        ModelSpec s = m.sidecar().spec();
        Denoiser d = column().kind() == Kind.IDEAL
                ? new MultiDelta(lab.training(training()), lab.workers())
                : m.denoiser(column().label() == null ? null : m.label(column().label()), images());
        long[] rows = new long[1];
        Tensor samples = Sampling.of(column(), s).sampler().sample(new Sampling.Counting(d, rows), s.schedule(), noise, arena, done -> {
            progress.accept(done);
            return !Thread.currentThread().isInterrupted();
        });
        return Map.of("samples", symmetric(samples, s.range(), arena), "evaluations", Tensor.of(arena, Shape.of(1), rows[0]));
    }

    private Sidecar.Training training() {
        Sidecar.Training t = lab.trainingOf(column());
        if (t == null)
            throw new IllegalArgumentException(
                    column().model() + ": the ideal denoiser needs the training set, which the metadata does not describe");
        return t;
    }

    /** Images of a model whose clean images are in another range than [-1, 1]. */
    private static Tensor symmetric(Tensor x, ModelSpec.Range r, Arena arena) {
        if (r.min() == -1 && r.max() == 1) return x;
        Tensor y = Tensor.allocate(arena, DType.FLOAT32, x.shape());
        for (long i = 0; i < x.size(); i++)
            y.setFloat(i, (float) (2 * (x.getFloat(i) - r.min()) / (r.max() - r.min()) - 1));
        return y;
    }
}
