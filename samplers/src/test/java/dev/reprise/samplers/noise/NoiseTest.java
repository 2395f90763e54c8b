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
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NoiseTest {
    private static List<String> lines(String name) throws IOException {
        try (InputStream in = NoiseTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
        }
    }

    static List<String> draws() throws IOException { return lines("torch-randn.txt"); }

    @ParameterizedTest
    @MethodSource("draws")
    void float32IsBitEqualToTorch(String line) {
        String[] f = line.split(" ");
        TorchGenerator g = new TorchGenerator(Long.parseLong(f[0]));
        float[] x = {};
        for (String n : f[1].split(","))
            x = g.randn(Integer.parseInt(n));
        int n = x.length;
        if (n > 1)
            assertThat(new int[]{Float.floatToRawIntBits(x[0]), Float.floatToRawIntBits(x[1]), Float.floatToRawIntBits(x[n - 2]),
                Float.floatToRawIntBits(x[n - 1])}).containsExactly(bits(f[3]), bits(f[4]), bits(f[5]), bits(f[6]));
        try (Arena arena = Arena.ofConfined()) {
            assertThat(Tensor.of(arena, Shape.of(n), x).sha256()).isEqualTo(f[2]);
        }
    }

    private static int bits(String hex) { return (int) HexFormat.fromHexDigitsToLong(hex); }

    static List<String> doubles() throws IOException { return lines("torch-randn-double.txt"); }

    /** The C library rounds its log, sin and cos differently now and then: 2 ULP of a product of two such values. */
    @ParameterizedTest
    @MethodSource("doubles")
    void float64IsTorchsToTwoUlp(String line) {
        String[] f = line.split(" ");
        double[] x = new TorchGenerator(Long.parseLong(f[0])).randnDouble(Integer.parseInt(f[1]));
        for (int i = 0; i < x.length; i++) {
            double want = Double.longBitsToDouble(HexFormat.fromHexDigitsToLong(f[i + 2]));
            assertThat(Math.abs(x[i] - want)).as("value %d: %s, expected %s", i, x[i], want).isLessThanOrEqualTo(2 * Math.ulp(want));
        }
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
