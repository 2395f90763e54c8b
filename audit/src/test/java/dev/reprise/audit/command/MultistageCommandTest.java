package dev.reprise.audit.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reprise.engine.Model;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.graph.ValueType.Dim;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.loaders.onnx.OnnxWriter;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models in stages, of networks {@code ε = k x}, for which Euler's steps are products. */
class MultistageCommandTest {
    private static final String DESCRIPTION = """
            {
              "parameterization": "epsilon", "schedule": {"kind": "edm", "sigmaMin": 0.25, "sigmaMax": 8}, "time": "sigma",
              "inputs": {"sample": "x", "time": "t"}, "sampleShape": [3, 16, 16],
              "sampler": {"name": "euler", "steps": 4}, STAGES}
            """;
    private static final String FILES = "\"stages\": [{\"interval\": [0.25, 1], \"model\": \"low.onnx\"}, {\"interval\": [1, 8], \"model\": \"high.onnx\"}]";
    private static final double LOW = 0.5, HIGH = 0.125;

    @TempDir
    Path folder;

    @BeforeEach
    void networks() throws IOException {
        network("low.onnx", LOW);
        network("high.onnx", HIGH);
        network("both.onnx", LOW, HIGH);
    }

    /** Outputs out0 = k_0 x, …; with several, one more that no run survives. */
    private void network(String name, double... k) throws IOException {
        List<Value> outputs = new ArrayList<>();
        List<Node> nodes = new ArrayList<>();
        Value x = new Value("x", image()), t = new Value("t", new ValueType.TensorType(DType.FLOAT32, List.of(new Dim.Symbol("batch"))));
        try (Arena arena = Arena.ofShared()) {
            for (int i = 0; i < k.length; i++)
                add("out" + i, "Mul", x, Value.constant("k" + i, Tensor.of(arena, Shape.SCALAR, (float) k[i])), nodes, outputs);
            if (k.length > 1)
                add("broken", "Reshape", x, Value.constant("shape", Tensor.of(arena, Shape.of(1), 7L)), nodes, outputs);
            try (Model m = new Model(new Graph("g", List.of(x, t), outputs, nodes), new Model.Info(name, "", 8, 17, "test", Map.of()),
                    Arena.ofShared())) {
                OnnxWriter.write(m, folder.resolve(name));
            }
        }
    }

    private static void add(String name, String type, Value x, Value c, List<Node> nodes, List<Value> outputs) {
        Value out = new Value(name, image());
        nodes.add(new Node(name, "", type, 17, List.of(x, c), List.of(out), Attributes.of()));
        outputs.add(out);
    }

    private static ValueType image() {
        return new ValueType.TensorType(DType.FLOAT32,
                List.of(new Dim.Symbol("batch"), new Dim.Known(3), new Dim.Known(16), new Dim.Known(16)));
    }

    private Path description(String name, String stages) throws IOException {
        return Files.writeString(folder.resolve(name), DESCRIPTION.replace("STAGES", stages));
    }

    private Cli sample(Path model, Path out, Object... more) {
        List<Object> args = new ArrayList<>(List.of("sample", model, "--set", "sigmas=8/4/1/0.25/0", "--seeds", "0-2", "--out", out));
        args.addAll(List.of(more));
        return Cli.run(args.toArray());
    }

    /** {@code x += (σ' − σ) ε}: the steps from 8 and 4 belong to the upper stage, those from 1 (the border) and 0.25 to the lower. */
    @Test
    void everyStepAsksTheStageOfItsTime() throws IOException {
        Path out = folder.resolve("s.npz");
        Cli c = sample(description("files.json", FILES), out);
        assertThat(c.code()).as(c.err()).isZero();
        assertThat(c.out()).contains("euler, 4 evaluations");
        double factor = 8 * (1 - 4 * HIGH) * (1 - 3 * HIGH) * (1 - 0.75 * LOW) * (1 - 0.25 * LOW);
        try (Arena arena = Arena.ofConfined()) {
            Map<String, Tensor> arrays = Npz.read(out, arena);
            double[] noise = arrays.get("noise").toDoubles(), x = arrays.get("samples").toDoubles();
            for (int i = 0; i < x.length; i++)
                // The network computes in float32: four roundings of a number below 40.
                assertThat(x[i]).isCloseTo(factor * noise[i], within(1e-5));
        }
    }

    @Test
    void filesAndOutputsAreTheSameModel() throws IOException {
        Path a = folder.resolve("a.npz"), b = folder.resolve("b.npz"), c = folder.resolve("c.npz");
        String outputs = "\"stages\": [{\"interval\": [1, 8], \"output\": \"out1\"}, {\"interval\": [0.25, 1], \"output\": \"out0\"}]";
        assertThat(sample(description("files.json", FILES), a).code()).isZero();
        // Beside its file, or naming it.
        description("both.json", outputs);
        Cli beside = sample(folder.resolve("both.onnx"), b), named = sample(description("one.json", "\"model\": \"both.onnx\", " + outputs),
                c);
        assertThat(beside.code()).as(beside.err()).isZero();
        assertThat(named.code()).as(named.err()).isZero();
        try (Arena arena = Arena.ofConfined()) {
            String samples = Npz.read(a, arena).get("samples").sha256();
            assertThat(Npz.read(b, arena).get("samples").sha256()).isEqualTo(samples);
            assertThat(Npz.read(c, arena).get("samples").sha256()).isEqualTo(samples);
        }
    }

    @Test
    void certificatesHoldEveryFile() throws IOException {
        sample(description("files.json", FILES), folder.resolve("s.npz"));
        Path certificate = folder.resolve("s.certificate.json");
        assertThat(Json.MAPPER.readTree(Files.readString(certificate)).get("inputs").size()).isEqualTo(3);
        assertThat(Cli.run("verify", certificate).code()).isZero();
        network("low.onnx", 0.75);
        Cli changed = Cli.run("verify", certificate);
        assertThat(changed.code()).isEqualTo(2);
        assertThat(changed.err()).contains("low.onnx is not the one of the certificate");
    }

    @Test
    void auditsTakeThem() throws IOException {
        description("files.json", FILES);
        description("lower.json", "\"model\": \"low.onnx\"");
        Path spec = Files.writeString(folder.resolve("spec.yaml"), """
                seeds: 0-3
                descriptor: pixels
                models: [{model: files.json}, {model: lower.json}, {id: again, model: files.json, sampler: heun, steps: 9}]
                experiments: [{kind: matrix}]
                """);
        Cli c = Cli.run("audit", spec, "--out", folder.resolve("report"), "--cache", folder.resolve("cache"));
        assertThat(c.code()).as(c.err()).isZero();
        assertThat(Files.readString(folder.resolve("report/report.json"))).contains("\"files\"");
    }

    @Test
    void mistakesAreNamed() throws IOException {
        record Case(String stages, String... said) {}
        String low = "\"model\": \"low.onnx\"}", high = "\"model\": \"high.onnx\"}";
        for (Case c : new Case[]{//
            new Case(FILES.replace("[1, 8]", "[1.5, 8]"), "stages[1].interval", "gap", "1.0 to 1.5"),
            new Case(FILES.replace("[1, 8]", "[0.5, 8]"), "stages[1].interval", "overlaps", "1.0"),
            new Case(FILES.replace("[0.25, 1]", "[0.5, 1]"), "gap", "0.25 to 0.5"),
            new Case(FILES.replace("[1, 8]", "[1, 7]"), "7.0", "from there to 8.0"),
            new Case(FILES.replace("[1, 8]", "[1, 8, 9]"), "[from, to]"), new Case(FILES.replace("[1, 8]", "[8, 1]"), "from < to"),
            new Case("\"stages\": []", "at least one"),
            new Case("\"stages\": [{\"interval\": [0.01, 0.1], " + low + ", {\"interval\": [0.1, 8], " + high + "]", "outside [0.25, 8.0]"),
            new Case(FILES.replace("low.onnx", "lower.onnx"), "lower.onnx"),
            new Case(FILES.replace("low.onnx", "files.json"), "'model' must name an ONNX file"),
            new Case(FILES.replace("\"model\": \"low.onnx\"", "\"file\": \"low.onnx\""), "stages[0].file", "known are interval, model"),
            new Case(FILES.replace("\"low.onnx\"", "\"both.onnx\", \"output\": \"out7\""), "both.onnx", "out7", "[out0, out1, broken]"),
            new Case(FILES.replace("\"low.onnx\"", "\"both.onnx\""), "both.onnx", "'output' must name one"),
            new Case(FILES + ", \"sha256\": \"00\"", "sha256", "each of the stages"),
            new Case(FILES.replace("\"low.onnx\"", "\"low.onnx\", \"sha256\": \"00\""), "low.onnx", "SHA-256"),
            new Case("\"stages\": [{\"interval\": [0.25, 8]}]", "'model' must name an ONNX file, and is missing")}) {
            Cli r = sample(description("wrong.json", c.stages), folder.resolve("w.npz"));
            assertThat(r.code()).as(c.stages).isEqualTo(2);
            assertThat(r.err()).as(c.stages).contains(c.said);
        }
        Cli bound = sample(description("files.json", FILES), folder.resolve("w.npz"), "--weights", folder.resolve("none.pt"));
        assertThat(bound.err()).contains("several files", "--weights");
    }
}
