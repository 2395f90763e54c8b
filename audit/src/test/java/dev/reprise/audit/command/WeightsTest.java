package dev.reprise.audit.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reprise.engine.Model;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.loaders.npy.Npy;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.noise.TorchGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsTest {
    private static final Path FILES = Path.of("../loaders/src/test/resources/dev/reprise/loaders/weights");

    @TempDir
    Path folder;

    @Test
    void inspectListsTensors() {
        Cli c = Cli.run("inspect", FILES.resolve("checkpoint.pt"));
        assertThat(c.code()).as(c.err()).isZero();
        assertThat(c.out()).contains("PyTorch archive").contains("epoch: 12").contains("model.conv.weight: float32[4, 3, 3, 3]");
        Cli j = Cli.run("inspect", FILES.resolve("tensors.safetensors"), "--json");
        assertThat(Json.MAPPER.readTree(j.out()).get("tensors").get(0).get("name").asString()).isEqualTo("float32");
        Cli refused = Cli.run("inspect", FILES.resolve("module.pt"));
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("'__main__.Net'").hasLineCount(1);
    }

    /** PyTorch's output for the checkpoint's weights; 1e-6 as in WeightBindingTest. */
    @Test
    void runTakesWeightsFromACheckpoint() {
        try (Arena arena = Arena.ofConfined()) {
            Map<String, Tensor> io = Npz.read(FILES.resolve("net-io.npz"), arena);
            Path x = folder.resolve("x.npy");
            Npy.write(x, io.get("x"));
            Cli c = Cli.run("run", FILES.resolve("net.onnx"), "--weights", FILES.resolve("checkpoint.pt"), "--input", "x=" + x,
                    "--output-dir", folder);
            assertThat(c.code()).as(c.err()).isZero();
            assertThat(c.out()).contains("8 initializers bound, prefix 'model.'");
            assertThat(Npy.read(folder.resolve("y.npy"), arena).toFloats()).containsExactly(io.get("y").toFloats(), within(1e-6f));
            assertThat(Cli.run("inspect", FILES.resolve("net.onnx"), "--weights", FILES.resolve("half.pt")).out())
                    .contains("8 initializers bound");
            assertThat(Cli.run("run", FILES.resolve("net.onnx"), "--weights-prefix", "ema.", "--input", "x=" + x).err())
                    .contains("--weights FILE");
        }
    }

    @Test
    void comparesFilesOfTensors() {
        Cli same = Cli.run("compare", FILES.resolve("tensors.pt"), FILES.resolve("tensors.safetensors"));
        assertThat(same.code()).as(same.err() + same.out()).isZero();
        assertThat(Cli.run("compare", FILES.resolve("script.pt"), FILES.resolve("trace.pt")).code()).isZero();
    }

    /** A model's own weights from another file change nothing, and its metadata still belongs to it; others change the samples. */
    @Test
    void sampleTakesWeightsFromAFile() throws IOException {
        Path own = folder.resolve("own.safetensors"), zeros = folder.resolve("zeros.safetensors");
        try (Model m = OnnxLoader.load(Path.of("../models/unet-ddpm.onnx"))) {
            Map<String, Tensor> weights = new LinkedHashMap<>();
            for (Node n : m.graph().nodes())
                for (Value v : n.inputs())
                    if (v != null && v.isConstant() && v.constant().dtype() == DType.FLOAT32) weights.put("ema." + v.name(), v.constant());
            Files.write(own, safetensors(weights, false));
            Files.write(zeros, safetensors(weights, true));
        }
        Map<String, String> hashes = new LinkedHashMap<>();
        for (Path w : Arrays.asList(null, own, zeros)) {
            Path out = folder.resolve("s.npz");
            Object[] args = {"sample", "embedded:unet-ddpm", "--sampler", "ddim", "--steps", 2, "--seeds", "0", "--out", out, "--weights",
                w};
            Cli c = Cli.run(w == null ? Arrays.copyOf(args, 10) : args);
            assertThat(c.code()).as(c.err()).isZero();
            try (Arena arena = Arena.ofConfined()) {
                hashes.put(String.valueOf(w == null ? w : w.getFileName()), Npz.read(out, arena).get("samples").sha256());
            }
        }
        assertThat(hashes.get("own.safetensors")).isEqualTo(hashes.get("null"));
        assertThat(hashes.get("zeros.safetensors")).isNotEqualTo(hashes.get("null"));
    }

    @Test
    void noiseComesFromFilesOfTensorsToo() throws IOException {
        Path noise = folder.resolve("n.safetensors"), a = folder.resolve("a.npz"), b = folder.resolve("b.npz");
        try (Arena arena = Arena.ofConfined()) {
            Tensor drawn = Tensor.of(arena, Shape.of(1, 3, 16, 16), new TorchGenerator(3).randn(768));
            Files.write(noise, safetensors(Map.of("noise", drawn), false));
        }
        assertThat(sample("--noise-file", noise, "--out", a).code()).isZero();
        assertThat(sample("--seeds", "3", "--out", b).code()).isZero();
        try (Arena arena = Arena.ofConfined()) {
            assertThat(Npz.read(a, arena).get("samples").sha256()).isEqualTo(Npz.read(b, arena).get("samples").sha256());
        }
    }

    private static Cli sample(String option, Object value, Object... out) {
        return Cli.run("sample", "embedded:unet-ddpm", "--sampler", "ddim", "--steps", 1, option, value, out[0], out[1]);
    }

    private static byte[] safetensors(Map<String, Tensor> tensors, boolean zero) throws IOException {
        StringBuilder header = new StringBuilder("{");
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (Map.Entry<String, Tensor> t : tensors.entrySet()) {
            header.append(header.length() == 1 ? "" : ",").append("\"").append(t.getKey()).append("\":{\"dtype\":\"F32\",\"shape\":")
                    .append(Arrays.toString(t.getValue().shape().dims())).append(",\"data_offsets\":[").append(data.size());
            byte[] bytes = t.getValue().data().toArray(ValueLayout.JAVA_BYTE);
            data.write(zero ? new byte[bytes.length] : bytes);
            header.append(",").append(data.size()).append("]}");
        }
        byte[] text = header.append("}").toString().getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).array());
        file.write(text);
        data.writeTo(file);
        return file.toByteArray();
    }
}
