package dev.reprise.ops.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.ops.math.FloatMath;
import dev.reprise.ops.tensor.Tensor;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Softmax against a scalar reference, bit for bit, along inner and outer axes. */
class SoftmaxTest {
    private static final long SEED = 77;

    @ParameterizedTest
    @CsvSource({"1, 1, 1", "3, 5, 1", "2, 16, 1", "2, 77, 1", "1, 256, 1", "2, 5, 3", "1, 33, 64", "2, 17, 70", "1, 100, 130"})
    void hasTheReferencesBits(int outer, int n, int inner) {
        Tensor x = KernelRun.normal(new Random(SEED), 0, 4, outer, n, inner);
        for (boolean log : new boolean[]{false, true}) {
            float[] want = new float[outer * n * inner];
            for (int o = 0; o < outer; o++)
                for (int j = 0; j < inner; j++)
                    reference(x, o * n * inner + j, n, inner, log, want);
            for (int threads = 1; threads <= 3; threads++) {
                Tensor y = KernelRun.empty(outer, n, inner);
                KernelRun.run(new Softmax(outer, n, inner, log), threads, new Tensor[]{x}, y);
                KernelRun.assertSameBits(y, want, "log " + log + ", " + threads + " threads, seed " + SEED);
            }
        }
    }

    private static void reference(Tensor x, int at, int n, int step, boolean log, float[] want) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++)
            max = Math.max(max, x.getFloat(at + i * step));
        float[] lanes = new float[16];
        for (int i = 0; i < n; i++)
            lanes[i % 16] += FloatMath.expNonPositive(x.getFloat(at + i * step) - max);
        for (int w = 8; w > 0; w /= 2)
            for (int j = 0; j < w; j++)
                lanes[j] += lanes[j + w];
        for (int i = 0; i < n; i++) {
            float d = x.getFloat(at + i * step) - max;
            want[at + i * step] = log ? d - FloatMath.log(lanes[0]) : FloatMath.expNonPositive(d) * (1f / lanes[0]);
        }
    }

    @Test
    void maskedElementsGetExactlyZero() {
        Tensor x = KernelRun.normal(new Random(SEED), 0, 1, 1, 40);
        for (int i = 0; i < 40; i += 3)
            x.setFloat(i, Float.NEGATIVE_INFINITY);
        Tensor y = KernelRun.empty(1, 40);
        KernelRun.run(new Softmax(1, 40, 1, false), 1, new Tensor[]{x}, y);
        double sum = 0;
        for (int i = 0; i < 40; i++) {
            sum += y.getFloat(i);
            if (i % 3 == 0) assertThat(y.getFloat(i)).isZero();
        }
        assertThat(sum).isCloseTo(1, org.assertj.core.data.Offset.offset(1e-6));
    }
}
