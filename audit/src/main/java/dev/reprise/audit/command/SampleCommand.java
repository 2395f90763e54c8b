package dev.reprise.audit.command;

import dev.reprise.audit.certificate.Certifier;
import dev.reprise.audit.certificate.Verification;
import dev.reprise.audit.spec.AuditSpec;
import dev.reprise.audit.spec.DiffusionModel;
import dev.reprise.audit.spec.ModelFile;
import dev.reprise.loaders.image.ImageGrid;
import dev.reprise.loaders.image.Png;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.Sampler;
import dev.reprise.samplers.model.ModelSpec;
import dev.reprise.samplers.solver.Run;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "sample", description = {"Samples a diffusion model from the noise that PyTorch would draw for each seed.",
    "The .npz holds samples (N, C, H, W; float32, the model's own range), noise and seeds."})
public final class SampleCommand implements Callable<Integer> {
    private record Result(String model, String modelSha256, String weights, String sampler, int steps, Map<String, String> options,
            String noise,
            String seeds, String label,
            long[] shape, String samplesSha256, double evaluations, double seconds, String file) {}

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "An ONNX file, the JSON file that describes a model, embedded:NAME, or the folder of a text-to-image pipeline.")
    private String model;

    @Mixin
    private SolverOptions solver;

    @Mixin
    private NoiseOptions source;

    @Mixin
    private StateOptions state;

    @Option(names = "--out", required = true, paramLabel = "FILE.npz", description = "Where the samples go; of a pipeline a folder.")
    private Path out;

    @Option(names = "--grid", paramLabel = "FILE.png", description = "Also draw the samples.")
    private Path grid;

    @Mixin
    private CertificateOption certificate;

    @Mixin
    private WeightOptions weights;

    @Mixin
    private OverrideOptions overrides;

    @Mixin
    private PipelineOptions pipeline;

    @Mixin
    private EngineOptions engine;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() {
        OutFile.check("--grid", grid, ".png");
        certificate.check();
        if (PipelineOptions.isPipeline(model)) {
            state.refuseForPipelines();
            if (overrides.given()) throw Failure.badInput("--parameterization, --schedule and --time are not for pipelines");
            if (weights.binding() != null) throw Failure.badInput("--weights is not for pipelines, whose models lie in their folder");
            return pipeline.sample(new PipelineOptions.Call(spec, model, solver.stepsOfPipeline(), solver.batch(1), source, out, grid,
                    engine, certificate, json));
        }
        pipeline.refuse(model);
        OutFile.check("--out", out, ".npz");
        int batch = solver.batch();
        try (DiffusionModel m = DiffusionModel.open(ModelFile.of(model, null), weights.binding(), overrides.overrides(),
                AuditSpec.Mode.STRICT, engine.options(), batch);
                Arena arena = Arena.ofShared();
                Progress progress = Progress.on(spec.commandLine().getErr())) {
            ModelSpec s = m.sidecar().spec();
            Sampler chosen = solver.sampler(s, model);
            Tensor noise = source.draw(arena, s.sampleShape());
            Double guidance = pipeline.guidance();
            Trajectory trajectory = state.trajectory(s, source.count());
            long begun = System.nanoTime();
            Run run = new Run(done -> {
                progress.at("sampling " + s.name(), done);
                return true;
            }, state.float32(), trajectory, chosen.solver().deterministic() ? null : source.draws(Math.toIntExact(s.sampleShape().size())));
            Tensor samples = chosen.sample(state.denoiser(m, source.count(), guidance), s.schedule(), noise, arena, run);
            double seconds = (System.nanoTime() - begun) / 1e9;
            progress.clear();
            write(samples, noise, arena);
            Tensor states = trajectory == null ? null : trajectory.write(arena);
            Result r = new Result(m.name(), m.sha256(), m.weights(), chosen.name(), solver.steps(s), options(guidance),
                    source.profile(), source.seeds(),
                    state.label(), samples.shape().dims(), samples.sha256(), m.evaluations() / (double) source.count(), seconds,
                    out.toString());
            Path certified = certify(m, r, samples, noise, trajectory, states);
            json.print(spec, r, text -> {
                text.printf("samples      %s  sha256 %s%n", samples, r.samplesSha256);
                if (r.weights != null) text.printf("weights      %s%n", r.weights);
                text.printf(Locale.ROOT, "sampler      %s, %s evaluations a sample%n", r.sampler,
                        String.format(Locale.ROOT, r.evaluations % 1 == 0 ? "%.0f" : "%.1f", r.evaluations));
                text.printf("noise        %s%s%n", r.noise, r.seeds == null ? "" : ", seeds " + r.seeds);
                text.printf(Locale.ROOT, "time         %.2f s, %.1f samples a second%n", seconds, source.count() / seconds);
                text.printf("written to   %s%s%s%n", out, grid == null ? "" : " and " + grid,
                        trajectory == null ? "" : " and " + trajectory.file());
                text.printf("certificate  %s%n", certified);
            });
            return 0;
        }
    }

    /** The sampler's options and whatever else bears on the result. */
    private Map<String, String> options(Double guidance) {
        Map<String, String> all = state.given(guidance);
        all.putAll(solver.options());
        return all;
    }

    private void write(Tensor samples, Tensor noise, Arena arena) {
        Map<String, Tensor> arrays = new LinkedHashMap<>();
        arrays.put("samples", samples);
        arrays.put("noise", noise);
        arrays.put("seeds", Tensor.of(arena, Shape.of(source.count()), source.list()));
        Npz.write(out, arrays);
        if (grid != null) Png.write(grid, ImageGrid.of(samples, Math.min(16, source.count()), samples.shape().dim(2) < 48 ? 4 : 1, 2));
    }

    private Path certify(DiffusionModel m, Result r, Tensor samples, Tensor noise, Trajectory trajectory, Tensor states) {
        Certifier c = new Certifier(spec, engine.exact()).model(model, ModelFile.of(model, null), r.modelSha256).stages(m.files())
                .setting("model", r.model).setting("modelSha256", r.modelSha256).setting("weights", r.weights).setting("sampler", r.sampler)
                .setting("steps", r.steps)
                .setting("options", r.options)
                // A file is known by its hash; its path may be another one.
                .setting("noise", r.seeds == null ? "file" : r.noise).setting("seeds", r.seeds).setting("class", r.label)
                .setting("evaluations", r.evaluations);
        if (states != null)
            c.output(Verification.TRAJECTORY, CertificateOption.relative(certificate.beside(out), trajectory.file()), "states", states);
        return certificate.write(c, out, Map.of("noise", noise, "samples", samples));
    }
}
