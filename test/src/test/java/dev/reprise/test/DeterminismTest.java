package dev.reprise.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The determinism contract (docs/determinism.md), a test for each clause: a sample's bits depend on the weights and its
 * own input alone. U-Nets, DiT, U-ViT and SSCD's ResNet.
 */
class DeterminismTest {
    private static final int SAMPLES = 8;

    @TempDir
    static Path folder;

    static List<Path> networks() { return Zoo.all(folder); }

    static List<Path> tiny() { return Zoo.tiny(); }

    private static List<String> expected(Path file) { return BitsOf.samples(file, SessionOptions.DEFAULT.threads(1), SAMPLES, 1); }

    /** Each session also has plans for several batches side by side, and meets shapes again that it has seen before. */
    @ParameterizedTest
    @MethodSource("networks")
    void threadsAndBatchLeaveNoTrace(Path file) {
        List<String> expected = expected(file);
        assertThat(expected).doesNotHaveDuplicates();
        try (Model model = OnnxLoader.load(file)) {
            for (int threads : new int[]{1, 2, 3, 8})
                try (Session session = model.session(SessionOptions.DEFAULT.threads(threads))) {
                    for (int batch : new int[]{3, 8, 1})
                        assertThat(BitsOf.samples(session, SAMPLES, batch)).as("%d threads, batch %d", threads, batch).isEqualTo(expected);
                }
        }
    }

    /** A session that keeps one plan makes it anew whenever the batch changes. */
    @ParameterizedTest
    @MethodSource("networks")
    void plansThatAreKeptLeaveNoTrace(Path file) {
        List<String> expected = expected(file);
        SessionOptions forgetful = new SessionOptions(2, SessionOptions.DEFAULT.plan(), 1);
        try (Model model = OnnxLoader.load(file); Session session = model.session(forgetful)) {
            for (int batch : new int[]{1, 3, 1})
                assertThat(BitsOf.samples(session, SAMPLES, batch)).as("batch %d", batch).isEqualTo(expected);
        }
    }

    /** More threads than processors, and than there is work for. */
    @ParameterizedTest
    @MethodSource("tiny")
    void sixtyFourThreadsLeaveNoTrace(Path file) {
        assertThat(BitsOf.samples(file, SessionOptions.DEFAULT.threads(64), SAMPLES, 3)).isEqualTo(expected(file));
    }

    /** Two sessions with two callers each, at once: some find the pool busy and run alone. */
    @ParameterizedTest
    @MethodSource("tiny")
    void othersThatRunLeaveNoTrace(Path file) throws InterruptedException {
        List<String> expected = expected(file);
        List<List<String>> got = Collections.synchronizedList(new ArrayList<>());
        try (Model model = OnnxLoader.load(file);
                Session a = model.session(SessionOptions.DEFAULT.threads(2));
                Session b = model.session(SessionOptions.DEFAULT.threads(3))) {
            List<Thread> callers = new ArrayList<>();
            for (Session s : List.of(a, b, a, b))
                callers.add(Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < 5; i++)
                        got.add(BitsOf.samples(s, SAMPLES, 3));
                }));
            for (Thread t : callers)
                t.join();
        }
        assertThat(got).hasSize(20).containsOnly(expected);
    }

    /** Compiled code replaces interpreted code between the two, and every buffer has been used by other inputs. */
    @ParameterizedTest
    @MethodSource("tiny")
    @Tag("slow")
    void theThousandthRunIsTheFirst(Path file) {
        try (Model model = OnnxLoader.load(file);
                Session session = model.session(SessionOptions.DEFAULT.threads(2));
                Arena arena = Arena.ofShared()) {
            Tensor[] one = BitsOf.inputs(model, 0, 1, arena).values().toArray(Tensor[]::new);
            Tensor[] other = BitsOf.inputs(model, 1, 1, arena).values().toArray(Tensor[]::new);
            Map<String, Tensor> first = session.run(BitsOf.inputs(model, 0, 1, arena), arena);
            Tensor[] out = first.values().stream().map(t -> Tensor.allocate(arena, t.dtype(), t.shape())).toArray(Tensor[]::new);
            for (int run = 2; run <= 1000; run++) {
                session.run(run % 2 == 0 ? one : other, out);
                if (run % 2 == 0)
                    assertThat(Arrays.stream(out).map(Tensor::sha256)).as("run %d", run)
                            .isEqualTo(first.values().stream().map(Tensor::sha256).toList());
            }
        }
    }

    /** In JVMs that see no more than AVX, AVX2 (256 bits), AVX-512: other tiles, other compilers' choices, same bits. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void vectorWidthLeavesNoTrace(int avx) { assertThat(inAnotherJvm(networks(), 3, "-XX:UseAVX=" + avx)).isEqualTo(here(networks(), 3)); }

    /** In a JVM without vectors of more than 128 bits and without the processor's fused multiply-add, which Java then replaces. */
    @Test
    void theProcessorLeavesNoTrace() { assertThat(inAnotherJvm(tiny(), 1, "-XX:UseAVX=0")).isEqualTo(here(tiny(), 1)); }

    /** Nothing compiled: what the bytecode says, and no more. */
    @Test
    void theCompilerLeavesNoTrace() { assertThat(inAnotherJvm(tiny(), 1, "-Xint")).isEqualTo(here(tiny(), 1)); }

    private static List<String> here(List<Path> files, int samples) { return files.stream().map(f -> BitsOf.line(f, samples)).toList(); }

    private static List<String> inAnotherJvm(List<Path> files, int samples, String option) {
        List<String> arguments = new ArrayList<>(List.of(Integer.toString(samples)));
        files.forEach(f -> arguments.add(f.toString()));
        return AnotherJvm.run(List.of(option), BitsOf.class, arguments).stream().filter(l -> l.contains(".onnx ")).toList();
    }
}
