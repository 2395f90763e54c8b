package dev.reprise.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.engine.Model;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.onnx.OnnxLoader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Damage to models of a real exporter ends in a {@link LoadException}, or in another legal model: nothing else escapes. */
class ImportFuzzTest {
    private static final Path MODELS = Path.of("..", "models");
    private static final int MUTATIONS = 150;
    private static final int CHANGES = 4;

    static List<Path> models() throws IOException {
        try (Stream<Path> files = Files.list(MODELS)) {
            return files.filter(f -> f.toString().endsWith(".onnx")).sorted().limit(3).toList();
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void mutationsNeverEscape(Path file) throws IOException {
        long seed = 20260102;
        Random random = new Random(seed);
        byte[] original = Files.readAllBytes(file);
        int refused = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, original);
            long[] structure = structure(bytes);
            assertThat(structure.length).isLessThan(original.length / 2);
            for (int i = 0; i < MUTATIONS; i++) {
                long[] at = new long[CHANGES];
                for (int c = 0; c < CHANGES; c++) {
                    at[c] = structure[random.nextInt(structure.length)];
                    bytes.set(ValueLayout.JAVA_BYTE, at[c], (byte) random.nextInt());
                }
                long n = random.nextInt(4) == 0 ? random.nextLong(bytes.byteSize()) : bytes.byteSize();
                try (Model _ = OnnxLoader.read(bytes.asSlice(0, n), "mutant")) {
                    // Some damage is to names or numbers alone.
                } catch (LoadException e) {
                    refused++;
                } catch (Throwable t) {
                    throw new AssertionError("seed " + seed + ", mutation " + i, t);
                }
                for (long a : at)
                    bytes.set(ValueLayout.JAVA_BYTE, a, original[(int) a]);
            }
        }
        assertThat(refused).isGreaterThan(MUTATIONS / 2);
    }

    /** The places outside of weights, which are nearly all of the file but can hold any bits. */
    private static long[] structure(MemorySegment bytes) {
        BitSet weight = new BitSet();
        try (Model m = OnnxLoader.read(bytes, "original")) {
            for (Node n : m.graph().nodes())
                for (Value v : n.inputs()) {
                    if (v == null || !v.isConstant()) continue;
                    long begin = v.constant().data().address() - bytes.address(), end = begin + v.constant().byteSize();
                    if (begin >= 0 && end <= bytes.byteSize()) weight.set((int) begin, (int) end);
                }
        }
        return LongStream.range(0, bytes.byteSize()).filter(i -> !weight.get((int) i)).toArray();
    }
}
