package dev.reprise.audit.command;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.loaders.npy.Npy;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

@Command(name = "run", description = "Runs a model on given inputs.")
public final class RunCommand implements Callable<Integer> {
    /** @param file where it was written, or null */
    private record Output(String name, String dtype, long[] shape, String sha256, String file) {}

    private record Result(String model, String modelSha256, String weights, List<Output> outputs, double seconds) {}

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL.onnx", description = "The model.")
    private Path file;

    @Option(names = "--input", paramLabel = "NAME=FILE.npy", description = "An input; or one FILE.npz that holds all of them by name.")
    private List<String> inputs = List.of();

    @Option(names = "--output-dir", paramLabel = "DIR", description = "Write each output to DIR/NAME.npy.")
    private Path folder;

    @Mixin
    private WeightOptions weights;

    @Mixin
    private EngineOptions engine;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws IOException {
        try (Model model = OnnxLoader.load(file, weights.binding());
                Arena arena = Arena.ofShared();
                Session session = model.session(engine.options())) {
            Map<String, Tensor> in = inputs(arena);
            long begun = System.nanoTime();
            Map<String, Tensor> out = session.run(in, arena);
            double seconds = (System.nanoTime() - begun) / 1e9;
            if (folder != null) Files.createDirectories(folder);
            List<Output> written = new ArrayList<>();
            for (Map.Entry<String, Tensor> o : out.entrySet()) {
                Tensor t = o.getValue();
                Path to = folder == null ? null : folder.resolve(fileName(o.getKey()));
                if (to != null) Npy.write(to, t);
                written.add(new Output(o.getKey(), t.dtype().name().toLowerCase(Locale.ROOT), t.shape().dims(), t.sha256(),
                        to == null ? null : to.toString()));
            }
            String bound = model.info().metadata().get(OnnxLoader.WEIGHTS);
            json.print(spec, new Result(model.info().name(), model.info().sha256(), bound, written, seconds), text -> {
                if (bound != null) text.printf("weights: %s%n", bound);
                for (Output o : written)
                    text.printf("%s: %s  sha256 %s%s%n", o.name, out.get(o.name), o.sha256, o.file == null ? "" : "  " + o.file);
                text.printf(Locale.ROOT, "%.3f s%n", seconds);
            });
            return 0;
        }
    }

    private Map<String, Tensor> inputs(Arena arena) {
        Map<String, Tensor> in = new LinkedHashMap<>();
        for (String i : inputs) {
            int equals = i.indexOf('=');
            if (equals < 0 && i.endsWith(".npz")) {
                in.putAll(Npz.read(Path.of(i), arena));
                continue;
            }
            if (equals < 1) throw Failure.badInput("--input '" + i + "' must be NAME=FILE.npy, or a FILE.npz that holds every input");
            in.put(i.substring(0, equals), Npy.read(Path.of(i.substring(equals + 1)), arena));
        }
        return in;
    }

    /** Exporters' names may contain slashes and colons; the file stays in its folder. */
    private static String fileName(String output) {
        String safe = output.replaceAll("[^A-Za-z0-9._-]", "_");
        return (safe.startsWith(".") ? "_" + safe : safe) + ".npy";
    }
}
