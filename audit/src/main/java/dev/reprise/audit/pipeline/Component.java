package dev.reprise.audit.pipeline;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType.TensorType;
import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** One network of a pipeline, {@code NAME/model.onnx} and {@code NAME/config.json}, whose inputs are filled by name in whatever type it wants. */
final class Component implements AutoCloseable {
    private final Path file;
    private final JsonFile config;
    private final Model model;
    private final Session session;

    /** @param known inputs that the pipeline can fill; another one is an error */
    Component(Path folder, SessionOptions options, String... known) {
        file = folder.resolve("model.onnx");
        if (!Files.isRegularFile(file)) throw new LoadException(file.toString(), "is missing; a pipeline folder needs it");
        config = JsonFile.optional(folder.resolve("config.json"));
        model = OnnxLoader.load(file);
        try {
            for (Value v : model.graph().inputs())
                if (!List.of(known).contains(v.name()))
                    throw new LoadException(file.toString(), "needs an input '" + v.name()
                            + "', which pipelines of this kind do not have; known are " + new TreeSet<>(List.of(known)));
            session = model.session(options);
        } catch (Throwable e) {
            model.close();
            throw e;
        }
    }

    JsonFile config() { return config; }

    String sha256() { return model.info().sha256(); }

    Path file() { return file; }

    boolean takes(String input) { return model.graph().inputs().stream().anyMatch(v -> v.name().equals(input)); }

    /** Declared type of an input. */
    TensorType type(String input) {
        for (Value v : model.graph().inputs())
            if (v.name().equals(input) && v.type() instanceof TensorType t) return t;
        throw new LoadException(file.toString(), "must have a tensor input '" + input + "', found " + model.graph().inputs());
    }

    /** A tensor of the type that an input wants: numbers are rounded to float16 once, and cut to integers as Python does. */
    Tensor input(String name, Arena arena, Shape shape, double[] values) {
        DType d = type(name).dtype();
        Tensor t = Tensor.allocate(arena, d, shape);
        for (int i = 0; i < values.length; i++)
            if (d == DType.INT64 || d == DType.INT32) t.setLong(i, (long) values[i]);
            else t.setDouble(i, values[i]);
        return t;
    }

    /** Runs, and answers the output of that name, or the first one. */
    Tensor run(Map<String, Tensor> inputs, String output, Arena arena) {
        Map<String, Tensor> out = session.run(inputs, arena);
        Tensor t = out.containsKey(output) ? out.get(output) : out.get(model.graph().outputs().getFirst().name());
        return t;
    }

    @Override
    public void close() {
        session.close();
        model.close();
    }
}
