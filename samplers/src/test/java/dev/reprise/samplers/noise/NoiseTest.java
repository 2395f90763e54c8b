package dev.reprise.samplers.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class NoiseTest {
    private static List<String> lines(String name) throws IOException {
        try (InputStream in = NoiseTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
        }
    }

    static List<String> draws() throws IOException { return lines("torch-randn.txt"); }

    /** Origin, generator by seed, and lines of: seed, sizes drawn one after the other, SHA-256 of the last draw, bits of its ends. */
    private record Table(String file, boolean doubles, LongFunction<NormalGenerator> generator) {}

    static Stream<Arguments> tables() throws IOException {
        Map<String, Table> tables = Map.of("torch", new Table("torch-randn.txt", false, TorchGenerator::new), "torch float64",
                new Table("torch-randn-double.txt", true, TorchGenerator::new), "torch without AVX2",
                new Table("torch-randn-libm.txt", false, s -> new TorchGenerator(s, TorchGenerator.Arithmetic.LIBM)), "legacy",
                new Table("numpy-normal.txt", true, NumpyLegacyGenerator::new), "pcg64",
                new Table("numpy-normal.txt", true, NumpyGenerator::new), "pcg64-float32",
                new Table("numpy-normal.txt", false, NumpyGenerator::new));
        List<Arguments> all = new ArrayList<>();
        for (String name : new TreeSet<>(tables.keySet()))
            for (String line : lines(tables.get(name).file)) {
                boolean shared = tables.get(name).file.startsWith("numpy");
                if (!shared || line.startsWith(name + " "))
                    all.add(Arguments.of(name, shared ? line.substring(name.length() + 1) : line, tables.get(name)));
            }
        return all.stream();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("tables")
    void bitEqualToTheOriginal(String name, String line, Table table) {
        String[] f = line.split(" ");
        NormalGenerator g = table.generator.apply(Long.parseLong(f[0]));
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = null;
            for (String n : f[1].split(",")) {
                x = Tensor.allocate(arena, table.doubles ? DType.FLOAT64 : DType.FLOAT32, Shape.of(Long.parseLong(n)));
                g.randn(x);
            }
            long n = x.size();
            if (n > 1)
                assertThat(List.of(bits(x, 0), bits(x, 1), bits(x, n - 2), bits(x, n - 1))).containsExactly(f[3], f[4], f[5], f[6]);
            assertThat(x.sha256()).isEqualTo(f[2]);
        }
    }

    private static String bits(Tensor x, long i) {
        return x.dtype() == DType.FLOAT32
                ? HexFormat.of().toHexDigits(x.data().get(Tensor.I32, 4 * i))
                : HexFormat.of().toHexDigits(x.data().get(Tensor.I64, 8 * i));
    }

    @Test
    void aSeedsNoiseDoesNotDependOnTheRange() {
        try (Arena arena = Arena.ofConfined()) {
            Shape shape = Shape.of(3, 16, 16);
            Tensor many = Noise.perSeed(arena, 40, 45, shape);
            assertThat(many.shape()).isEqualTo(Shape.of(6, 3, 16, 16));
            for (long s = 40; s <= 45; s++)
                assertThat(many.rows(s - 40, s - 39).sha256()).isEqualTo(Noise.perSeed(arena, s, s, shape).sha256());
            assertThat(many.rows(2, 3).sha256()).isEqualTo(draw(42, 768));
        }
    }

    private static String draw(long seed, int n) {
        try {
            return draws().stream().filter(l -> l.startsWith(seed + " " + n + " ")).findFirst().orElseThrow().split(" ")[2];
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void oneGeneratorFillsAWholeBatch() {
        try (Arena arena = Arena.ofConfined()) {
            assertThat(Noise.whole(arena, 42, Shape.of(4, 3, 16, 64)).sha256()).isEqualTo(draw(42, 12288));
        }
    }

    @Test
    void refusesWhatItCannotDraw() {
        try (Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> Noise.perSeed(arena, 5, 4, Shape.of(3))).hasMessageContaining("5-4");
            assertThatThrownBy(() -> new TorchGenerator(0).randn(Tensor.allocate(arena, DType.INT64, Shape.of(3))))
                    .hasMessageContaining("int64");
        }
    }
}
