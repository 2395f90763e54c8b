package dev.reprise.audit.command;

import dev.reprise.audit.spec.DiffusionModel;
import dev.reprise.audit.spec.ModelFile;
import dev.reprise.audit.spec.Overrides;
import dev.reprise.audit.spec.Seeds;
import dev.reprise.loaders.image.ImageGrid;
import dev.reprise.loaders.image.Png;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.Sampler;
import dev.reprise.samplers.Samplers;
import dev.reprise.samplers.model.ModelSpec;
import dev.reprise.samplers.noise.Noise;
import dev.reprise.samplers.noise.TorchGenerator;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "sample", description = {"Samples a diffusion model from the noise that PyTorch would draw for each seed.",
    "The .npz holds samples (N, C, H, W; float32, the model's own range), noise and seeds."})
public final class SampleCommand implements Callable<Integer> {
    private record Result(String model, String modelSha256, String sampler, int steps, Map<String, String> options, String noise,
            String seeds, String label,
            long[] shape, String samplesSha256, double evaluations, double seconds, String file) {}

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "An ONNX file, or embedded:NAME.")
    private String model;

    @Option(names = "--sampler", paramLabel = "NAME", description = "One of ddim, dpm-solver-1, dpm-solver-2, dpm-solver-3, euler, heun, rk45 "
            + "(default: what the model's metadata suggests).")
    private String sampler;

    @Option(names = "--steps", paramLabel = "N", description = "Steps; evaluations of the network for dpm-solver.")
    private Integer steps;

    @Option(names = "--set", paramLabel = "OPTION=VALUE", description = "An option of the sampler, such as spacing=karras.")
    private Map<String, String> options = Map.of();

    @Option(names = "--seeds", required = true, paramLabel = "A-B", converter = SeedsConverter.class, description = "Seeds, both ends included; one sample each.")
    private Seeds seeds;

    @Option(names = "--class", paramLabel = "C", description = "Class of every sample, by number or name.")
    private String label;

    @Option(names = "--batch", paramLabel = "N", description = "Samples that advance together (default 16); changes no bit.")
    private int batch = Samplers.BATCH;

    @Option(names = "--out", required = true, paramLabel = "FILE.npz", description = "Where the samples go.")
    private Path out;

    @Option(names = "--grid", paramLabel = "FILE.png", description = "Also draw the samples.")
    private Path grid;

    @Option(names = "--parameterization", paramLabel = "KIND", description = "What the model predicts: epsilon, x0, v or edm.")
    private String parameterization;

    @Option(names = "--schedule", paramLabel = "KIND[:NAME=VALUE,…]", description = "What it was trained with: vp, vp-discrete, sub-vp, ve or edm.")
    private String schedule;

    @Option(names = "--time", paramLabel = "KIND", description = "What its time input wants: index, continuous, cnoise or sigma.")
    private String time;

    @Mixin
    private EngineOptions engine;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() {
        if (batch < 1) throw Failure.badInput("--batch must be at least 1, found " + batch);
        try (DiffusionModel m = DiffusionModel.open(ModelFile.of(model, null), new Overrides(parameterization, schedule, time),
                engine.options(), batch);
                Arena arena = Arena.ofShared();
                Progress progress = Progress.on(spec.commandLine().getErr())) {
            ModelSpec s = m.sidecar().spec();
            Sampler chosen = sampler(s);
            Tensor noise = Noise.perSeed(arena, seeds.first(), seeds.last(), s.sampleShape());
            Integer c = label == null ? null : m.label(label);
            long begun = System.nanoTime();
            Tensor samples = chosen.sample(m.denoiser(c, seeds.count()), s.schedule(), noise, arena, done -> {
                progress.at("sampling " + s.name(), done);
                return true;
            });
            double seconds = (System.nanoTime() - begun) / 1e9;
            progress.clear();
            write(samples, noise, arena);
            Result r = new Result(m.model().info().name(), m.model().info().sha256(), chosen.name(), steps(s), options,
                    TorchGenerator.PROFILE, seeds.toString(),
                    label, samples.shape().dims(), samples.sha256(), m.evaluations() / (double) seeds.count(), seconds, out.toString());
            json.print(spec, r, text -> {
                text.printf("samples      %s  sha256 %s%n", samples, r.samplesSha256);
                text.printf(Locale.ROOT, "sampler      %s, %s evaluations a sample%n", r.sampler,
                        Double.toString(r.evaluations).replaceAll("\\.0$", ""));
                text.printf("noise        %s, seeds %s%n", r.noise, r.seeds);
                text.printf(Locale.ROOT, "time         %.2f s, %.1f samples a second%n", seconds, seeds.count() / seconds);
                text.printf("written to   %s%s%n", out, grid == null ? "" : " and " + grid);
            });
            return 0;
        }
    }

    private Sampler sampler(ModelSpec s) {
        if (sampler == null && s.suggestion() == null)
            throw Failure.badInput("--sampler is missing, and " + model + " suggests none; use one of " + Samplers.NAMES);
        return Samplers.named(sampler == null ? s.suggestion().name() : sampler, steps(s), options).withBatch(batch);
    }

    private int steps(ModelSpec s) {
        if (steps != null) return steps;
        if (s.suggestion() != null) return s.suggestion().steps();
        if ("rk45".equals(sampler)) return 1;
        throw Failure.badInput("--steps is missing");
    }

    private void write(Tensor samples, Tensor noise, Arena arena) {
        Map<String, Tensor> arrays = new LinkedHashMap<>();
        arrays.put("samples", samples);
        arrays.put("noise", noise);
        arrays.put("seeds", Tensor.of(arena, Shape.of(seeds.count()), LongStream.rangeClosed(seeds.first(), seeds.last()).toArray()));
        Npz.write(out, arrays);
        if (grid != null) Png.write(grid, ImageGrid.of(samples, Math.min(16, seeds.count()), samples.shape().dim(2) < 48 ? 4 : 1, 2));
    }
}
