package dev.reprise.ops.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.ops.math.FloatMath;
import dev.reprise.ops.tensor.Tensor;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Norms against a scalar reference, bit for bit, in both layouts; and against doubles, for accuracy. */
class NormTest {
    private static final long SEED = 20240131;

    @ParameterizedTest
    @CsvSource({"1, 4, 16, 2, true", "2, 6, 1, 3, false", "1, 32, 64, 8, true", "3, 12, 49, 4, true", "2, 96, 100, 32, false",
        "1, 130, 77, 13, true",
        "2, 5, 257, 5, true", "1, 64, 1024, 1, true", "1, 24, 1030, 3, false", "3, 20, 4099, 4, true", "9, 16, 300, 2, true",
        "1, 320, 4096, 32, true"})
    void groupNormHasTheReferencesBitsInBothLayouts(int n, int c, int p, int groups, boolean silu) {
        Random random = new Random(SEED);
        Tensor x = KernelRun.normal(random, 3, 2, n, c, p), scale = KernelRun.normal(random, 1, 1, c),
                bias = KernelRun.normal(random, 0, 1, c);
        float[] want = new float[n * c * p];
        for (int i = 0; i < n; i++)
            for (int g = 0; g < groups; g++)
                reference(x, scale, bias, i, c, p, g, c / groups, silu, want);
        Unary activation = silu ? Unary.SILU : null;
        for (int threads = 1; threads <= 4; threads++) {
            Tensor y = KernelRun.empty(n, c, p);
            KernelRun.run(new GroupNorm(n, c, p, groups, 1e-5f, 1, false, activation), threads, new Tensor[]{x, scale, bias}, y);
            KernelRun.assertSameBits(y, want, "NCHW, " + threads + " threads, seed " + SEED);
            Tensor last = KernelRun.empty(n, p, c);
            KernelRun.run(new GroupNorm(n, c, p, groups, 1e-5f, 1, true, activation), threads, new Tensor[]{swap(x, n, c, p), scale, bias},
                    last);
            KernelRun.assertSameBits(swap(last, n, p, c), want, "channels last, " + threads + " threads, seed " + SEED);
        }
    }

    private static void reference(Tensor x, Tensor scale, Tensor bias, int n, int c, int p, int g, int size, boolean silu, float[] want) {
        double s = 0, q = 0;
        for (int k = g * size; k < (g + 1) * size; k++) {
            double sum = 0, squares = 0;
            int parts = p >= 4096 ? 8 : p >= 1024 ? 4 : p >= 256 ? 2 : 1;
            for (int i = 0; i < parts; i++) {
                int from = p * i / parts;
                double[] m = moments(x, (n * c + k) * p + from, p * (i + 1) / parts - from);
                sum = i == 0 ? m[0] : sum + m[0];
                squares = i == 0 ? m[1] : squares + m[1];
            }
            s += sum;
            q += squares;
        }
        double count = (double) size * p, mean = s / count, inverse = 1 / Math.sqrt(Math.max(q / count - mean * mean, 0) + 1e-5f);
        float high = (float) mean, rest = (float) (mean - high);
        for (int k = g * size; k < (g + 1) * size; k++)
            for (int i = 0; i < p; i++) {
                int at = (n * c + k) * p + i;
                float y = Math.fma(x.getFloat(at) - high - rest, (float) (inverse * scale.getFloat(k)), bias.getFloat(k));
                want[at] = silu ? FloatMath.silu(y) : y;
            }
    }

    /** The order of summation, in its plainest form. */
    private static double[] moments(Tensor x, int at, int n) {
        double[] s = new double[16], q = new double[16];
        for (int i = 0; i < n; i++) {
            double v = x.getFloat(at + i);
            s[i % 16] += v;
            q[i % 16] = Math.fma(v, v, q[i % 16]);
        }
        for (int w = 8; w > 0; w /= 2)
            for (int j = 0; j < w; j++) {
                s[j] += s[j + w];
                q[j] += q[j + w];
            }
        return new double[]{s[0], q[0]};
    }

    private static Tensor swap(Tensor x, int n, int a, int b) {
        Tensor y = KernelRun.empty(n, b, a);
        for (int i = 0; i < n; i++)
            for (int j = 0; j < a; j++)
                for (int k = 0; k < b; k++)
                    y.setFloat(((long) i * b + k) * a + j, x.getFloat(((long) i * a + j) * b + k));
        return y;
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "3, 7", "5, 16", "2, 33", "4, 384", "3, 1000"})
    void layerNormHasTheReferencesBits(int rows, int n) {
        Random random = new Random(SEED);
        Tensor x = KernelRun.normal(random, -1, 3, rows, n), scale = KernelRun.normal(random, 1, 1, n),
                bias = KernelRun.normal(random, 0, 1, n);
        for (boolean centered : new boolean[]{true, false})
            for (boolean biased : new boolean[]{true, false}) {
                float[] want = new float[rows * n], means = new float[rows];
                for (int r = 0; r < rows; r++) {
                    double[] m = moments(x, r * n, n);
                    double mean = centered ? m[0] / n : 0;
                    float inverse = (float) (1 / Math.sqrt(Math.max(m[1] / n - mean * mean, 0) + 1e-5f)), high = (float) mean,
                            rest = (float) (mean - high);
                    means[r] = high;
                    for (int i = 0; i < n; i++) {
                        float v = (x.getFloat(r * n + i) - high - rest) * inverse;
                        want[r * n + i] = biased ? Math.fma(v, scale.getFloat(i), bias.getFloat(i)) : v * scale.getFloat(i);
                    }
                }
                Tensor y = KernelRun.empty(rows, n), mean = KernelRun.empty(rows), inverse = KernelRun.empty(rows);
                KernelRun.run(new LayerNorm(rows, n, 1e-5f, centered), 2, new Tensor[]{x, scale, biased ? bias : null}, y, mean, inverse);
                KernelRun.assertSameBits(y, want, "layer norm, seed " + SEED);
                KernelRun.assertSameBits(mean, means, "mean, seed " + SEED);
            }
    }

    @Test
    void aLargeMeanCostsNoAccuracy() {
        Random random = new Random(SEED);
        int n = 4096;
        Tensor x = KernelRun.normal(random, 1000, 0.5, 1, 1, n), one = KernelRun.normal(random, 1, 0, 1),
                zero = KernelRun.normal(random, 0, 0, 1);
        Tensor y = KernelRun.empty(1, 1, n);
        KernelRun.run(new GroupNorm(1, 1, n, 1, 0, 1, false, null), 1, new Tensor[]{x, one, zero}, y);
        double mean = 0, variance = 0;
        for (int i = 0; i < n; i++)
            mean += x.getDouble(i) / n;
        for (int i = 0; i < n; i++)
            variance += (x.getDouble(i) - mean) * (x.getDouble(i) - mean) / n;
        for (int i = 0; i < n; i++)
            assertThat(Math.abs(y.getDouble(i) - (x.getDouble(i) - mean) / Math.sqrt(variance))).as("element %d, seed %d", i, SEED)
                    .isLessThan(1e-6);
    }

    @Test
    void batchNormUsesTheGivenStatistics() {
        Random random = new Random(SEED);
        for (int p : new int[]{1, 5, 64}) {
            int n = 3, c = 19;
            Tensor x = KernelRun.normal(random, 1, 2, n, c, p), scale = KernelRun.normal(random, 1, 1, c),
                    bias = KernelRun.normal(random, 0, 1, c);
            Tensor mean = KernelRun.normal(random, 1, 1, c), variance = KernelRun.normal(random, 3, 0.3, c), y = KernelRun.empty(n, c, p);
            KernelRun.run(new BatchNorm(n, c, p, 1e-3f), 2, new Tensor[]{x, scale, bias, mean, variance}, y);
            float[] want = new float[n * c * p];
            for (int i = 0; i < want.length; i++) {
                int k = i / p % c;
                want[i] = Math.fma(x.getFloat(i) - mean.getFloat(k),
                        (float) (scale.getFloat(k) / Math.sqrt((double) variance.getFloat(k) + 1e-3f)), bias.getFloat(k));
            }
            KernelRun.assertSameBits(y, want, p + " pixels, seed " + SEED);
        }
    }
}
