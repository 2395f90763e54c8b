package dev.reprise.samplers.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NoiseSpecTest {
    @ParameterizedTest
    @ValueSource(strings = {"torch", "torch:seed=42", "torch:seeds=0-7", "torch:seed=4294967301,profile=libm",
        "torch-cuda:seed=1,threads=221184",
        "numpy:seed=3,draw=float64", "numpy-legacy:seed=0", "reprise:seed=9223372036854775807"})
    void isWrittenAsItIsRead(String text) { assertThat(NoiseSpec.parse(text)).hasToString(text); }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"jax:seed=1 | torch-cuda", "torch:seed | NAME=VALUE", "torch:seed=-1 | 2^63", "torch:seed=x | 'x'",
        "torch:seeds=5-4 | 5-4", "torch:device=a100 | profile", "torch:profile=sse | libm", "torch-cuda:device=abacus | h100",
        "torch-cuda:threads=100 | 256", "numpy:draw=int8 | float64", "reprise:speed=9 | speed"})
    void mistakesAreNamed(String text, String part) {
        assertThatThrownBy(() -> NoiseSpec.parse(text)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(part);
    }

    @Test
    void oneSeedFillsTheShapeAndSeveralFillARowEach() {
        try (Arena arena = Arena.ofConfined()) {
            Shape shape = Shape.of(3, 2, 16);
            Tensor whole = NoiseSpec.parse("torch:seed=5").draw(arena, shape, DType.FLOAT32);
            Tensor rows = NoiseSpec.parse("torch:seeds=5-7").draw(arena, shape, DType.FLOAT32);
            assertThat(whole.toFloats()).containsExactly(new TorchGenerator(5).randn(96));
            assertThat(rows.rows(2, 3).toFloats()).containsExactly(new TorchGenerator(7).randn(32));
            assertThat(whole.sha256()).isNotEqualTo(rows.sha256());
            assertThatThrownBy(() -> NoiseSpec.parse("torch:seeds=0-3").draw(arena, shape, DType.FLOAT32)).hasMessageContaining("4 seeds");
            assertThatThrownBy(() -> NoiseSpec.TORCH.draw(arena, shape, DType.FLOAT32)).hasMessageContaining("torch:seed=42");
            assertThatThrownBy(() -> NoiseSpec.parse("numpy-legacy:seed=4294967296").draw(arena, shape, DType.FLOAT64))
                    .hasMessageContaining("2^32");
        }
    }

    /** The numbers that users of PyTorch on GPUs report (pytorch issues 143086, 79496, 158398), to the digits they give. */
    @ParameterizedTest
    @CsvSource({"0,-0.9247,-0.4253,-2.6438,0.1452", "1,-0.2963,2.6764,-0.1408,", "10,-0.1029,1.6810,-0.2708,", "42,0.1940,2.1614,-0.1721,"})
    void cudaNumbersAreThoseReported(long seed, float a, float b, float c, Float d) {
        float[] x = new TorchCudaGenerator(seed, 0).randn(4);
        assertThat(x[0]).isCloseTo(a, within());
        assertThat(x[1]).isCloseTo(b, within());
        assertThat(x[2]).isCloseTo(c, within());
        if (d != null) assertThat(x[3]).isCloseTo(d, within());
    }

    /** Four digits. */
    private static org.assertj.core.data.Offset<Float> within() { return org.assertj.core.data.Offset.offset(5.1e-5f); }

    @Test
    void cudaDrawsDependOnTheDeviceOnlyWhereTheyAreLarge() {
        int n = TorchCudaGenerator.ANY_DEVICE;
        assertThat(new TorchCudaGenerator(3, 0).randn(n)).containsExactly(new TorchCudaGenerator(3, 221184).randn(n));
        assertThatThrownBy(() -> new TorchCudaGenerator(3, 0).randn(n + 1)).hasMessageContaining("device=a100");
        float[] small = new TorchCudaGenerator(3, 512).randn(2048 + 100), large = new TorchCudaGenerator(3, 4096).randn(2048 + 100);
        assertThat(small[511]).isEqualTo(large[511]);
        assertThat(small[512]).isNotEqualTo(large[512]);
        // Element t + T i is number i of thread t: the second number of a pair shares its radius and turns a quarter further.
        double[] d = new TorchCudaGenerator(3, 256).randnDouble(512);
        float[] f = new TorchCudaGenerator(3, 256).randn(1024);
        assertThat(Math.hypot(d[5], d[5 + 256])).isPositive();
        assertThat(f).hasSize(1024).doesNotContain(0f);
    }

    /** The state moves on by 4 a round of calls, so a second draw is that of the next counter. */
    @Test
    void cudaDrawsFollowOneAnother() {
        TorchCudaGenerator g = new TorchCudaGenerator(3, 256);
        float[] first = g.randn(1024), second = g.randn(1024), both = new TorchCudaGenerator(3, 256).randn(2048);
        assertThat(java.util.Arrays.copyOfRange(both, 0, 1024)).containsExactly(first);
        assertThat(java.util.Arrays.copyOfRange(both, 1024, 2048)).containsExactly(second);
    }

    @Test
    void ourStreamDependsOnSeedAndIndexAlone() {
        CounterGenerator g = new CounterGenerator(7);
        double[] head = g.randnDouble(5), tail = g.randnDouble(95), all = new CounterGenerator(7).randnDouble(100);
        for (int i = 0; i < 100; i++) {
            assertThat(all[i]).isEqualTo(i < 5 ? head[i] : tail[i - 5]).isEqualTo(new CounterGenerator(7).at(i));
            assertThat(new CounterGenerator(7).randn(100)[i]).isEqualTo((float) all[i]);
        }
        assertThat(new CounterGenerator(7, 1).at(0)).isNotEqualTo(all[0]);
        assertThat(new CounterGenerator(7 + (1L << 32)).at(0)).isNotEqualTo(all[0]);
    }

    /** Mean and variance of 100 000 numbers: 5 standard errors. */
    @Test
    void ourStreamIsNormal() {
        double[] x = new CounterGenerator(2026).randnDouble(100_000);
        double sum = 0, squares = 0, fourth = 0;
        for (double v : x) {
            sum += v;
            squares += v * v;
            fourth += v * v * v * v;
        }
        assertThat(sum / x.length).isBetween(-0.016, 0.016);
        assertThat(squares / x.length).isBetween(1 - 0.023, 1 + 0.023);
        assertThat(fourth / x.length).isBetween(3 - 0.16, 3 + 0.16);
    }

    /** Known answers of the Random123 distribution for Philox4x32-10. */
    @Test
    void philoxGivesItsKnownAnswers() {
        int[] w = new int[4];
        Philox.block(0, 0, 0, w);
        assertThat(w).containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
        Philox.block(-1, -1, -1, w);
        assertThat(w).containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
        Philox.block(0x299f31d0_a4093822L, 0x85a308d3_243f6a88L, 0x03707344_13198a2eL, w);
        assertThat(w).containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
    }
}
