package dev.reprise.audit.command;

import dev.reprise.audit.spec.DiffusionModel;
import dev.reprise.audit.spec.ModelFile;
import dev.reprise.loaders.image.Image;
import dev.reprise.loaders.image.Png;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.Sampler;
import dev.reprise.samplers.model.ModelSpec;
import dev.reprise.samplers.solver.Run;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "invert", description = {"Finds the noise that images come from: an ODE sampler run backwards.",
    "The .npz holds noise (N, C, H, W; float32), which `sample --noise-file` turns into the images again, and the images."})
public final class InvertCommand implements Callable<Integer> {
    private record Result(String model, String sampler, long[] shape, String noiseSha256, double mean, double deviation, double evaluations,
            String file) {}

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "MODEL", description = "An ONNX file, the JSON file that describes a model, or embedded:NAME.")
    private String model;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "IMAGE", description = "PNG files of the model's size, or one .npz with an array samples.")
    private List<Path> images;

    @Mixin
    private SolverOptions solver;

    @Option(names = "--class", paramLabel = "C", description = "Class of every image, by number or name.")
    private String label;

    @Option(names = "--out", required = true, paramLabel = "FILE.npz", description = "Where the noise goes.")
    private Path out;

    @Mixin
    private OverrideOptions overrides;

    @Mixin
    private EngineOptions engine;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() {
        OutFile.check("--out", out, ".npz");
        try (DiffusionModel m = DiffusionModel.open(ModelFile.of(model, null), overrides.overrides(), engine.options(), solver.batch());
                Arena arena = Arena.ofShared();
                Progress progress = Progress.on(spec.commandLine().getErr())) {
            ModelSpec s = m.sidecar().spec();
            Tensor in = read(s, arena);
            int n = in.shape().dimInt(0);
            Sampler chosen = solver.sampler(s, model);
            Tensor noise = chosen.invert(m.denoiser(label == null ? null : m.label(label), n), s.schedule(), in, arena, Run.of(done -> {
                progress.at("inverting " + s.name(), done);
                return true;
            }));
            progress.clear();
            Map<String, Tensor> arrays = new LinkedHashMap<>();
            arrays.put("noise", noise);
            arrays.put("samples", in);
            Npz.write(out, arrays);
            double[] all = noise.toDoubles();
            double mean = Arrays.stream(all).average().orElse(0),
                    square = Arrays.stream(all).map(v -> (v - mean) * (v - mean)).average().orElse(0);
            Result r = new Result(m.name(), chosen.name(), noise.shape().dims(), noise.sha256(), mean, Math.sqrt(square),
                    m.evaluations() / (double) n, out.toString());
            json.print(spec, r, text -> {
                text.printf("noise        %s  sha256 %s%n", noise, r.noiseSha256);
                text.printf(Locale.ROOT, "             mean %.4f, standard deviation %.4f (a typical noise has 0 and 1)%n", r.mean,
                        r.deviation);
                text.printf("sampler      %s backwards, %s evaluations an image%n", r.sampler,
                        String.format(Locale.ROOT, r.evaluations % 1 == 0 ? "%.0f" : "%.1f", r.evaluations));
                text.printf("written to   %s%n", out);
            });
            return 0;
        } catch (UnsupportedOperationException e) {
            throw Failure.badInput(e.getMessage());
        }
    }

    private Tensor read(ModelSpec s, Arena arena) {
        if (images.getFirst().toString().endsWith(".npz")) {
            if (images.size() > 1) throw Failure.badInput("give one .npz, or any number of PNG files");
            Tensor t = Npz.read(images.getFirst(), arena).get("samples");
            if (t == null || t.shape().rank() != s.sampleShape().rank() + 1 || t.dtype() != DType.FLOAT32
                    || t.size() != t.shape().dim(0) * s.sampleShape().size())
                throw Failure.badInput(images.getFirst() + ": needs an array samples, float32 of (N, " + s.sampleShape() + "), found " + t);
            return t;
        }
        if (s.sampleShape().rank() != 3 || s.sampleShape().dim(0) != 3)
            throw Failure
                    .badInput(model + " makes samples of shape " + s.sampleShape() + ", which are no colour images; give them as .npz");
        int h = s.sampleShape().dimInt(1), w = s.sampleShape().dimInt(2), plane = h * w;
        Tensor all = Tensor.allocate(arena, DType.FLOAT32, Shape.of(images.size(), 3, h, w));
        for (int i = 0; i < images.size(); i++) {
            Image image = Png.read(images.get(i));
            if (image.width() != w || image.height() != h)
                throw Failure.badInput(
                        images.get(i) + " is " + image.width() + "x" + image.height() + ", the model's images are " + w + "x" + h);
            for (int p = 0; p < plane; p++)
                for (int c = 0; c < 3; c++) {
                    double unit = (image.rgb()[3 * p + c] & 0xff) / 255.0;
                    all.setFloat(((long) i * 3 + c) * plane + p, (float) (s.range().min() + unit * (s.range().max() - s.range().min())));
                }
        }
        return all;
    }
}
