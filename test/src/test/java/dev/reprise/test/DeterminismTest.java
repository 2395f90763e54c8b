package dev.reprise.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.engine.SessionOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The determinism contract on the embedded models: a sample's bits depend on the weights and its own input alone. */
class DeterminismTest {
    private static final Path MODELS = Path.of("..", "models");

    static List<Path> models() throws Exception {
        try (Stream<Path> files = Files.list(MODELS)) {
            List<Path> m = files.filter(f -> f.toString().endsWith(".onnx")).sorted().toList();
            assertThat(m).as("embedded models in %s", MODELS.toAbsolutePath()).isNotEmpty();
            return m;
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void threadsAndBatchLeaveNoTrace(Path model) throws Exception {
        List<String> expected = BitsOf.samples(model, SessionOptions.DEFAULT.threads(1), 8, 1);
        for (int threads = 1; threads <= 3; threads++)
            for (int batch : new int[]{1, 3, 8})
                assertThat(BitsOf.samples(model, SessionOptions.DEFAULT.threads(threads), 8, batch))
                        .as("%d threads, batch %d", threads, batch).isEqualTo(expected);
    }

    /** The same in JVMs that see no more than AVX, AVX2 (256 bits), AVX-512: other tiles, other compilers' choices, same bits. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void vectorWidthLeavesNoTrace(int avx) throws Exception {
        List<String> expected = new ArrayList<>();
        for (Path m : models())
            expected.add(m.getFileName() + " " + String.join(" ", BitsOf.samples(m, SessionOptions.DEFAULT.threads(2), 3, 1)));
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:UseAVX=" + avx, "--add-modules",
                        "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        BitsOf.class.getName()));
        models().forEach(m -> command.add(m.toString()));
        Path out = Files.createTempFile("reprise", ".out"), err = Files.createTempFile("reprise", ".err");
        try {
            Process p = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
            assertThat(p.waitFor()).as(() -> read(err)).isZero();
            assertThat(Files.readAllLines(out).stream().filter(l -> l.contains(".onnx ")).toList()).isEqualTo(expected);
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (java.io.IOException e) {
            return e.toString();
        }
    }
}
