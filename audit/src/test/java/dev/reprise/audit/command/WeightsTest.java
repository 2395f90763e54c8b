package dev.reprise.audit.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reprise.loaders.npy.Npy;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
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
}
