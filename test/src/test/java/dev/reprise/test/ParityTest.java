package dev.reprise.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.operator.WeightCache;
import dev.reprise.engine.plan.Interpreter;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Networks of the kinds that people sample from, as PyTorch's exporter writes them, against PyTorch's own outputs
 * ({@code test/recipes/parity.py}): node by node, and as a compiled plan, for a batch and for each of its samples alone.
 */
class ParityTest {
    /** Relative to the largest output: what is asked of an engine whose sums run in another order than PyTorch's. */
    private static final double TOLERANCE = 1e-4;
    private static final List<String> NETWORKS = List.of("ddpm", "ddpmpp-edm", "dit", "uvit", "cross-unet", "vae-decoder",
            "text-transformer", "sscd",
            "gan-generator");
    private static final List<Integer> OPSETS = List.of(13, 16, 17);

    record Fixture(String network, int opset) {
        @Override
        public String toString() { return network + " at operator set " + opset; }
    }

    static List<Fixture> fixtures() {
        List<Fixture> all = new ArrayList<>();
        for (String n : NETWORKS)
            for (int o : OPSETS)
                all.add(new Fixture(n, o));
        return all;
    }

    private static Path resource(String name) throws URISyntaxException {
        return Path.of(ParityTest.class.getResource("/parity/" + name).toURI());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("fixtures")
    void nodeByNode(Fixture f) throws URISyntaxException {
        try (Model model = OnnxLoader.load(resource(f.network + "-" + f.opset + ".onnx"));
                Workers workers = new Workers(2);
                Arena arena = Arena.ofShared()) {
            Map<String, Tensor> arrays = Npz.read(resource(f.network + ".npz"), arena);
            List<Datum> in = new ArrayList<>();
            for (Value v : model.graph().inputs())
                in.add(arrays.get(v.name()));
            List<Datum> out = new Interpreter(arena, workers, new WeightCache(arena)).run(model.graph(), in);
            for (int i = 0; i < out.size(); i++)
                assertClose(arrays.get(model.graph().outputs().get(i).name()), (Tensor) out.get(i), f.toString());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("fixtures")
    void compiled(Fixture f) throws URISyntaxException {
        try (Model model = OnnxLoader.load(resource(f.network + "-" + f.opset + ".onnx"));
                Session session = model.session(SessionOptions.DEFAULT.threads(2));
                Arena arena = Arena.ofShared()) {
            assertEquals(f.opset, model.info().opset());
            Map<String, Tensor> arrays = Npz.read(resource(f.network + ".npz"), arena), in = new LinkedHashMap<>();
            for (Value v : model.graph().inputs())
                in.put(v.name(), arrays.get(v.name()));
            Map<String, Tensor> out = session.run(in, arena);
            assertEquals(model.graph().outputs().size(), out.size());
            out.forEach((name, t) -> assertClose(arrays.get(name), t, f + ", output " + name));
            long batch = in.values().iterator().next().shape().dim(0);
            for (long row = 0; row < batch; row++) {
                long r = row;
                Map<String, Tensor> alone = new LinkedHashMap<>();
                in.forEach((name, t) -> alone.put(name, t.rows(r, r + 1)));
                session.run(alone, arena).forEach((name, t) -> assertEquals(out.get(name).rows(r, r + 1).sha256(), t.sha256(),
                        f + ", output " + name + ": sample " + r + " alone has other bits than in its batch"));
            }
        }
    }

    static List<String> embedded() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("..", "models", "fixtures"))) {
            return files.map(f -> f.getFileName().toString().replace(".npz", "")).sorted().toList();
        }
    }

    /** The models that Reprise brings along, against what PyTorch computed when they were exported. */
    @ParameterizedTest
    @MethodSource("embedded")
    void embeddedModels(String name) {
        Path models = Path.of("..", "models");
        try (Model model = OnnxLoader.load(models.resolve(name + ".onnx"));
                Session session = model.session(SessionOptions.DEFAULT.threads(2));
                Arena arena = Arena.ofShared()) {
            Map<String, Tensor> arrays = Npz.read(models.resolve("fixtures").resolve(name + ".npz"), arena), in = new LinkedHashMap<>();
            for (Value v : model.graph().inputs())
                in.put(v.name(), arrays.get(v.name()));
            session.run(in, arena).forEach((output, t) -> assertClose(arrays.get(output), t, name));
        }
    }

    private static void assertClose(Tensor want, Tensor got, String what) {
        assertEquals(want.shape(), got.shape(), what);
        assertEquals(want.dtype(), got.dtype(), what);
        double largest = 0, difference = 0;
        for (long i = 0; i < want.size(); i++) {
            largest = Math.max(largest, Math.abs(want.getDouble(i)));
            // A NaN must not pass as no difference.
            double d = Math.abs(want.getDouble(i) - got.getDouble(i));
            difference = d >= 0 ? Math.max(difference, d) : Double.POSITIVE_INFINITY;
        }
        assertTrue(difference <= TOLERANCE * largest, what + ": relative error " + difference / largest);
    }
}
