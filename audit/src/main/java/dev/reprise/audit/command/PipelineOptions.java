package dev.reprise.audit.command;

import dev.reprise.audit.certificate.Certifier;
import dev.reprise.audit.pipeline.Pipeline;
import dev.reprise.audit.spec.ModelFile;
import dev.reprise.loaders.image.Image;
import dev.reprise.loaders.image.ImageGrid;
import dev.reprise.loaders.image.Png;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.diffusers.Scheduler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** {@code sample} of a text-to-image pipeline: its options, and the whole of its work. */
final class PipelineOptions {
    private static final double GUIDANCE = 7.5;

    @Option(names = "--prompt", paramLabel = "TEXT", description = "Of a pipeline: what to draw.")
    private String prompt;

    @Option(names = "--negative-prompt", paramLabel = "TEXT", description = "Of a pipeline: what to steer away from (default: the empty prompt).")
    private String negative;

    @Option(names = "--guidance", paramLabel = "G", description = "Scale of classifier-free guidance, of a pipeline (default 7.5) or a model with classes; 1 is none.")
    private Double guidance;

    @Option(names = "--scheduler", paramLabel = "NAME", description = "Of a pipeline: another scheduler than its own, such as euler, or a class of diffusers.")
    private String scheduler;

    @Option(names = "--height", paramLabel = "PIXELS", description = "Of a pipeline: height of the images (default: as trained).")
    private Integer height;

    @Option(names = "--width", paramLabel = "PIXELS", description = "Of a pipeline: width of the images (default: as trained).")
    private Integer width;

    private record Result(String pipeline, Map<String, String> sha256, String scheduler, int steps, double guidance, String prompt,
            String negativePrompt, int tokensCut, String noise, String seeds, long[] latentShape, String latentsSha256, List<String> images,
            List<String> imagesSha256, double rowsPerSample, double seconds) {}

    /** What the other options of the command say. */
    record Call(CommandSpec spec, String model, Integer steps, int batch, NoiseOptions noise, Path out, Path grid, EngineOptions engine,
            CertificateOption certificate, JsonOption json) {
        Path folder() { return Path.of(model); }
    }

    static boolean isPipeline(String model) { return Pipeline.is(Path.of(model)); }

    /** For a model that is no pipeline. */
    void refuse(String model) {
        if (Files.isDirectory(Path.of(model)))
            throw Failure.badInput(model + ": is a folder without model_index.json, so no pipeline of diffusers or Optimum");
        if (prompt != null || negative != null || scheduler != null || height != null || width != null)
            throw Failure.badInput(
                    "--prompt, --negative-prompt, --scheduler, --height and --width are for pipelines, folders with a "
                            + "model_index.json, which " + model + " is not");
    }

    /** As given; null where it was not. */
    Double guidance() {
        if (guidance != null && !Double.isFinite(guidance)) throw Failure.badInput("--guidance must be a number, found " + guidance);
        return guidance;
    }

    int sample(Call c) {
        if (prompt == null) throw Failure.badInput("--prompt is missing; " + c.model + " is a text-to-image pipeline");
        if (c.steps == null) throw Failure.badInput("--steps is missing: how many, as in --steps 50");
        double g = guidance == null ? GUIDANCE : guidance;
        if (!Double.isFinite(g) || g < 0) throw Failure.badInput("--guidance must be a number of at least 0, found " + g);
        OutFile.checkFolder("--out", c.out);
        long begun = System.nanoTime();
        try (Pipeline p = Pipeline.open(c.folder(), c.engine.options());
                Arena arena = Arena.ofShared();
                Progress progress = Progress.on(c.spec.commandLine().getErr())) {
            Scheduler s = p.scheduler(scheduler, c.steps);
            Tensor noise = c.noise.draw(arena, p.latent(height, width));
            Pipeline.Result r = p.sample(new Pipeline.Request(prompt, negative, g, s, noise, c.noise.streams(noise), c.batch), arena,
                    done -> {
                        progress.at("sampling " + c.folder().getFileName(), done);
                        return true;
                    });
            progress.clear();
            double seconds = (System.nanoTime() - begun) / 1e9;
            Result result = write(c, p, r, noise, g, seconds, arena);
            Path certified = certify(c, result, r, noise);
            c.json.print(c.spec, result, text -> {
                text.printf(Locale.ROOT, "images       %d of %d x %d pixels, in %s%n", result.images.size(), r.images().shape().dim(3),
                        r.images().shape().dim(2), c.out);
                text.printf("scheduler    %s, %d steps%n", result.scheduler, result.steps);
                text.printf(Locale.ROOT, "prompt       %s%s%n", prompt, result.tokensCut == 0
                        ? ""
                        : " (" + result.tokensCut
                                + " tokens too long, cut)");
                text.printf("noise        %s%s%n", result.noise, result.seeds == null ? "" : ", seeds " + result.seeds);
                text.printf("latents      %s  sha256 %s%n", r.latents(), result.latentsSha256);
                text.printf(Locale.ROOT, "time         %.2f s, %.0f rows of the U-Net for each image%n", seconds, result.rowsPerSample);
                text.printf("certificate  %s%n", certified);
                text.printf("safety       no checker was run%n");
            });
            return 0;
        }
    }

    private Result write(Call c, Pipeline p, Pipeline.Result r, Tensor noise, double g, double seconds, Arena arena) {
        try {
            Files.createDirectories(c.out);
            long[] seeds = c.noise.list();
            List<String> names = IntStream.range(0, seeds.length).mapToObj(i -> "seed-" + seeds[i] + ".png").toList();
            for (int i = 0; i < seeds.length; i++)
                Png.write(c.out.resolve(names.get(i)), Image.of(r.images(), i));
            Npz.write(c.out.resolve("samples.npz"),
                    Map.of("latents", r.latents(), "noise", noise, "seeds", Tensor.of(arena, Shape.of(seeds.length), seeds)));
            if (c.grid != null) Png.write(c.grid, ImageGrid.of(r.images(), Math.min(8, seeds.length), 1, 2));
            List<String> hashes = IntStream.range(0, seeds.length).mapToObj(i -> r.images().rows(i, i + 1).sha256()).toList();
            Result result = new Result(c.model, p.hashes(), scheduler == null ? p.schedulerClass() : scheduler, c.steps, g,
                    prompt,
                    negative, p.cut(prompt), c.noise.profile(), c.noise.seeds(), r.latents().shape().dims(), r.latents().sha256(), names,
                    hashes, r.rows() / (double) seeds.length, seconds);
            Files.writeString(c.out.resolve("sample.json"), Json.write(result) + "\n");
            return result;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path certify(Call c, Result r, Pipeline.Result made, Tensor noise) {
        Path to = c.certificate.in(c.out);
        String file = CertificateOption.relative(to, c.out.resolve("samples.npz"));
        Certifier k = new Certifier(c.spec, c.engine.exact()).model(c.model, new ModelFile(c.model, c.folder()), null)
                .setting("networks", r.sha256).setting("scheduler", r.scheduler).setting("steps", r.steps).setting("guidance", r.guidance)
                .setting("prompt", r.prompt).setting("negativePrompt", r.negativePrompt).setting("noise", r.noise).setting("seeds", r.seeds)
                .output("noise", file, "noise", noise).output("latents", file, "latents", made.latents())
                .output("images", null, null, made.images());
        CertificateFiles.write(to, k.certificate());
        return to;
    }
}
