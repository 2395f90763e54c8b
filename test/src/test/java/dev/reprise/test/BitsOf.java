package dev.reprise.test;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.graph.ValueType.Dim;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Prints, for each model file, the SHA-256 of each sample's outputs: run in other JVMs by {@link DeterminismTest} to see
 * whether the machine's vector width or the compiler leaves a trace.
 */
public final class BitsOf {
    private BitsOf() {}

    /** The number of samples, then the files. */
    public static void main(String[] args) {
        for (int i = 1; i < args.length; i++)
            System.out.println(line(Path.of(args[i]), Integer.parseInt(args[0])));
    }

    /** What {@link #main} prints for one file. */
    static String line(Path file, int count) {
        return file.getFileName() + " " + String.join(" ", samples(file, SessionOptions.DEFAULT.threads(2), count, 1));
    }

    /** The hash of each of {@code count} samples' outputs, run in batches of {@code batch}. */
    static List<String> samples(Path file, SessionOptions options, int count, int batch) {
        try (Model model = OnnxLoader.load(file); Session session = model.session(options)) {
            return samples(session, count, batch);
        }
    }

    /** As above. Sample i's input depends on i alone. */
    static List<String> samples(Session session, int count, int batch) {
        List<String> hashes = new ArrayList<>();
        for (int from = 0; from < count; from += batch)
            try (Arena arena = Arena.ofShared()) {
                int n = Math.min(batch, count - from);
                Map<String, Tensor> out = session.run(inputs(session.model(), from, n, arena), arena);
                for (int i = 0; i < n; i++) {
                    StringBuilder all = new StringBuilder();
                    for (Tensor t : out.values())
                        all.append(all.isEmpty() ? "" : "+").append(t.rows(i, i + 1).sha256(), 0, 16);
                    hashes.add(all.toString());
                }
            }
        return hashes;
    }

    /** The inputs of samples from to from + n - 1. */
    static Map<String, Tensor> inputs(Model model, int from, int n, Arena arena) {
        Map<String, Tensor> in = new LinkedHashMap<>();
        for (Value v : model.graph().inputs())
            in.put(v.name(), input(v, from, n, arena));
        return in;
    }

    static Tensor input(Value v, int from, int n, Arena arena) {
        ValueType.TensorType t = (ValueType.TensorType) v.type();
        Shape shape = Shape.of(t.dims().stream().mapToLong(d -> d instanceof Dim.Known(long size) ? size : n).toArray());
        Tensor x = Tensor.allocate(arena, t.dtype(), shape);
        long each = x.size() / n;
        for (int i = 0; i < n; i++) {
            Random random = new Random(1000 + from + i + 31L * v.name().hashCode());
            for (long j = i * each; j < (i + 1) * each; j++)
                x.setDouble(j, t.dtype().isFloat() ? each == 1 ? random.nextDouble() * 900 : random.nextGaussian() : random.nextInt(3));
        }
        return x;
    }
}
