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
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Prints, for each model file, the SHA-256 of each sample's output: run in other JVMs by {@link DeterminismTest} to see
 * whether the machine's vector width leaves a trace.
 */
public final class BitsOf {
    private BitsOf() {}

    public static void main(String[] files) throws Exception {
        for (String f : files)
            System.out.println(
                    Path.of(f).getFileName() + " " + String.join(" ", samples(Path.of(f), SessionOptions.DEFAULT.threads(2), 3, 1)));
    }

    /**
     * The hash of every output row of {@code count} samples, run in batches of {@code batch}. Sample i's input depends on i
     * alone.
     */
    static List<String> samples(Path file, SessionOptions options, int count, int batch) throws Exception {
        List<String> hashes = new ArrayList<>();
        try (Model model = OnnxLoader.load(file); Session session = model.session(options); Arena arena = Arena.ofShared()) {
            for (int from = 0; from < count; from += batch) {
                int n = Math.min(batch, count - from);
                Map<String, Tensor> in = new LinkedHashMap<>();
                for (Value v : model.graph().inputs())
                    in.put(v.name(), input(v, from, n, arena));
                Tensor out = session.run(in, arena).values().iterator().next();
                for (int i = 0; i < n; i++)
                    hashes.add(out.rows(i, i + 1).sha256().substring(0, 16));
            }
        }
        return hashes;
    }

    private static Tensor input(Value v, int from, int n, Arena arena) {
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
