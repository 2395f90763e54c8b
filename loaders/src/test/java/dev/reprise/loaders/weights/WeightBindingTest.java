package dev.reprise.loaders.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A graph that PyTorch exported with other weights gives what PyTorch gives, once the weights are bound. */
class WeightBindingTest {
    @TempDir
    Path folder;
    private Path graph;

    @BeforeEach
    void unpack() throws IOException { graph = file("net.onnx"); }

    private Path file(String name) throws IOException { return Files.write(folder.resolve(name), WeightFileTest.resource(name)); }

    private WeightBinding binding(String weights, String prefix, String strip, boolean partial, boolean round) throws IOException {
        return new WeightBinding(file(weights), prefix, strip, partial, round);
    }

    /** Absolute 1e-6: a dozen float32 roundings of numbers near 1. */
    private void gives(WeightBinding b, String output, String note) throws IOException {
        try (Model m = OnnxLoader.load(graph, b);
                Session s = m.session(SessionOptions.DEFAULT.threads(1));
                Arena arena = Arena.ofShared()) {
            assertThat(m.info().metadata().get(OnnxLoader.WEIGHTS)).contains(note);
            Map<String, Tensor> io = Npz.read(file("net-io.npz"), arena);
            float[] y = s.run(Map.of("x", io.get("x")), arena).get("y").toFloats();
            assertThat(y).containsExactly(io.get(output).toFloats(), within(1e-6f));
        }
    }

    @ParameterizedTest
    @CsvSource({"checkpoint.pt,y,prefix 'model.'", "parallel.pt,half,prefix 'module.'", "script.pt,y,8 initializers bound",
        "half.pt,half,8 initializers"})
    void namesAreFound(String weights, String output, String note) throws IOException {
        gives(WeightBinding.of(file(weights)), output, note);
    }

    @Test
    void withoutWeightsTheGraphHasItsOwn() throws IOException {
        try (Model m = OnnxLoader.load(graph); Session s = m.session(SessionOptions.DEFAULT.threads(1)); Arena arena = Arena.ofShared()) {
            Map<String, Tensor> io = Npz.read(file("net-io.npz"), arena);
            assertThat(Math.abs(s.run(Map.of("x", io.get("x")), arena).get("y").getFloat(0) - io.get("y").getFloat(0)))
                    .isGreaterThan(1e-3f);
        }
    }

    /** The hash of what runs covers both files, and the graph's own stays known. */
    @Test
    void theHashCoversBothFiles() throws IOException {
        try (Model plain = OnnxLoader.load(graph);
                Model a = OnnxLoader.load(graph, WeightBinding.of(file("checkpoint.pt")));
                Model b = OnnxLoader.load(graph, WeightBinding.of(file("half.pt")))) {
            assertThat(a.info().sha256()).isNotEqualTo(plain.info().sha256()).isNotEqualTo(b.info().sha256()).hasSize(64);
            assertThat(a.info().metadata()).containsEntry(OnnxLoader.GRAPH, plain.info().sha256());
        }
    }

    @Test
    void aTieIsTheCallersChoice() throws IOException {
        refused(WeightBinding.of(file("twice.pt")), "'a.', 'b.'");
        gives(binding("twice.pt", "b.", null, false, false), "half", "prefix 'b.'");
    }

    @Test
    void whatDoesNotFitIsNamed() throws IOException {
        refused(WeightBinding.of(file("one.pt")), "no tensor bears the name", "conv.weight");
        refused(binding("checkpoint.pt", "ema.", null, false, false), "no tensor bears the name");
        refused(binding("checkpoint.pt", null, "net.", false, false), "no tensor bears the name");
        // Four of eight: the rest would keep what the graph has.
        Path some = folder.resolve("some.safetensors");
        Files.write(some, safetensors("\"conv.weight\":{\"dtype\":\"F32\",\"shape\":[4,3,3,3],\"data_offsets\":[0,432]}", 432));
        refused(WeightBinding.of(some), "lacks 5 of 6", "'conv.bias'");
        try (Model m = OnnxLoader.load(graph, new WeightBinding(some, null, null, true, false))) {
            assertThat(m.info().metadata().get(OnnxLoader.WEIGHTS)).contains("1 initializers bound").contains("5 kept");
        }
        Files.write(some, safetensors("\"head.1.weight\":{\"dtype\":\"F32\",\"shape\":[4,2],\"data_offsets\":[0,32]}", 32));
        refused(new WeightBinding(some, null, null, true, false), "transposed", "'head.1.weight'");
        Files.write(some, safetensors("\"conv.bias\":{\"dtype\":\"F64\",\"shape\":[4],\"data_offsets\":[0,32]}", 32));
        refused(new WeightBinding(some, null, null, true, false), "rounding", "'conv.bias'");
        try (Model m = OnnxLoader.load(graph, new WeightBinding(some, null, null, true, true))) {
            assertThat(m.info().metadata().get(OnnxLoader.WEIGHTS)).contains("1 initializers bound");
        }
        Files.write(some, safetensors("\"conv.bias\":{\"dtype\":\"I32\",\"shape\":[4],\"data_offsets\":[0,16]}", 16));
        refused(new WeightBinding(some, null, null, true, true), "int32", "'conv.bias'");
    }

    private static byte[] safetensors(String entry, int bytes) {
        String header = "{" + entry + "}";
        return Archives.pickle(Archives.little(header.length(), 8) + header + "\0".repeat(bytes));
    }

    private void refused(WeightBinding b, String... parts) {
        assertThatThrownBy(() -> OnnxLoader.load(graph, b)).isInstanceOf(LoadException.class).hasMessageContainingAll(parts)
                .hasMessageContaining(b.file().getFileName().toString());
    }
}
