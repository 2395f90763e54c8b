package dev.reprise.ops.kernel;

import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The vector loops of every function against its scalar form, bit for bit, and broadcasting against index arithmetic. */
class ElementwiseTest {
    private static final long SEED = 4711;
    private static final long[][][] SHAPES = {{{1}, {1}}, {{7}, {7}}, {{65}, {1}}, {{1}, {65}}, {{3, 17}, {17}}, {{2, 3, 5, 7}, {3, 1, 1}},
        {{2, 1, 70}, {2, 4, 1}},
        {{4, 1, 1, 33}, {1, 5, 2, 33}}, {{2, 3, 1, 5}, {1, 3, 4, 1}}, {{}, {9}}, {{0, 3}, {3}}, {{300, 1, 3}, {1, 40, 1}}, {{40000}, {1}},
        // Results are few above; below vectors run.
        {{1}, {5003}}, {{5003}, {1}}, {{4099}, {4099}}, {{30, 171}, {171}}, {{30, 171}, {30, 1}}, {{30, 1}, {30, 171}},
        {{6, 1, 259}, {6, 5, 1}}};

    @ParameterizedTest
    @EnumSource(Unary.class)
    void unary(Unary u) {
        Random random = new Random(SEED);
        for (int n : new int[]{1, 15, 16, 17, 64, 1000, 70001}) {
            Tensor x = KernelRun.normal(random, 0, 5, n), y = KernelRun.empty(n);
            x.setFloat(n / 2, Float.NaN);
            float p = 0.7f, q = 1.3f;
            float[] want = new float[n];
            for (int i = 0; i < n; i++)
                want[i] = u.of(x.getFloat(i), p, q);
            KernelRun.run(u.kernel(p, q), 2, new Tensor[]{x}, y);
            KernelRun.assertSameBits(y, want, u + " of " + n + ", seed " + SEED);
        }
    }

    @ParameterizedTest
    @EnumSource(Binary.class)
    void binary(Binary f) {
        Random random = new Random(SEED);
        for (long[][] dims : SHAPES) {
            Tensor a = KernelRun.normal(random, 0, 2, dims[0]), b = KernelRun.normal(random, 0, 2, dims[1]);
            if (a.size() > 3) a.setFloat(3, Float.NaN);
            Shape shape = Shape.broadcast(a.shape(), b.shape());
            Tensor y = KernelRun.empty(shape.dims());
            float[] want = new float[(int) shape.size()];
            for (int i = 0; i < want.length; i++)
                want[i] = f.of(a.getFloat(index(i, shape, a.shape())), b.getFloat(index(i, shape, b.shape())));
            KernelRun.run(f.kernel(Broadcast.of(shape, a.shape(), b.shape()), -1), 3, new Tensor[]{a, b}, y);
            KernelRun.assertSameBits(y, want, f + " of " + a + " and " + b + ", seed " + SEED);
        }
    }

    /** The element of an operand that element i of the result sees. */
    private static long index(long i, Shape out, Shape operand) {
        long[] strides = operand.strides();
        long at = 0;
        for (int d = out.rank() - 1; d >= 0; d--) {
            int k = d - (out.rank() - operand.rank());
            if (k >= 0 && operand.dim(k) > 1) at += i % out.dim(d) * strides[k];
            i /= out.dim(d);
        }
        return at;
    }
}
