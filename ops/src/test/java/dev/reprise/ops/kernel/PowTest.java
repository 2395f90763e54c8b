package dev.reprise.ops.kernel;

import static org.assertj.core.api.Assertions.fail;

import dev.reprise.ops.math.Power;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PowTest {
    private static final long SEED = 2029;
    private static final float INF = Float.POSITIVE_INFINITY;
    private static final float[] SPECIAL = {0, -0f, 1, -1, 0.5f, -0.5f, 2, -2, 3, -3, 4, -5, 1 / 3f, -1 / 3f, 1.5f, -2.5f, 0.99999994f,
        -1.0000001f, 8388607.5f, 8388609, -16777215, 16777216, 3e38f, -3e38f, Float.MIN_VALUE, -Float.MIN_VALUE, Float.MIN_NORMAL, INF,
        -INF, Float.NaN, 126, -149, -150, 128};

    /** IEEE 754's rules: those of {@link StrictMath#pow}, but that Java makes NaN of 1^NaN and of (±1)^±∞. */
    private static double exact(float x, float y) {
        if (x == 1 || x == -1 && Math.abs(y) == INF) return 1;
        return StrictMath.pow(x, y);
    }

    private static void check(float x, float y) {
        float p = Power.of(x, y);
        double want = exact(x, y);
        boolean same = Double.isNaN(want) || want == 0 || Double.isInfinite(want) || Double.isInfinite((float) want) && Float.isInfinite(p);
        // A cube is two roundings of a float; everything else is rounded once.
        boolean right = same
                ? Float.floatToIntBits(p) == Float.floatToIntBits((float) want)
                : Math.abs(p - want) <= Math.ulp((float) want) * (y == 3 ? 1.5 : 0.501);
        if (!right) fail(x + " ^ " + y + " = " + p + ", exactly " + want + "; seed " + SEED);
    }

    @Test
    void everyPairOfSpecialValues() { for (float x : SPECIAL)
        for (float y : SPECIAL)
            check(x, y); }

    @Test
    void roundedOnceAllOverTheRange() {
        Random random = new Random(SEED);
        for (int i = 0; i < 400_000; i++) {
            float x = Float.intBitsToFloat(random.nextInt());
            check(x, (float) (random.nextGaussian() * 3));
            check(Math.abs(x), (float) (random.nextGaussian() * 0.5));
            check((float) (1 + 1e-4 * random.nextGaussian()), (float) (1e5 * random.nextGaussian()));
            check(x, Float.intBitsToFloat(random.nextInt()));
            check(x, random.nextInt(-9, 10));
        }
    }

    /** Vectors, tails, broadcasting, exponents of other types and results in place of an operand. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 8, 17, 100, 513, 5000, 20_001})
    void vectorsHaveTheBitsOfScalars(int n) {
        Random random = new Random(SEED);
        Tensor x = values(random, n), y = values(random, n), one = KernelRun.normal(random, 0.3, 1), z = KernelRun.empty(n);
        KernelRun.run(new Pow(layout(x, y), -1), 2, new Tensor[]{x, y}, z);
        same(z, x, y);
        KernelRun.run(new Pow(layout(x, one), -1), 2, new Tensor[]{x, one}, z);
        same(z, x, one);
        for (int i = 0; i < n; i++)
            x.setFloat(i, i % 700 == 699 ? -0f : Math.abs(x.getFloat(i)));
        KernelRun.run(new Pow(layout(x, one), -1), 2, new Tensor[]{x, one}, z);
        same(z, x, one);
        KernelRun.run(new Pow(layout(one, y), -1), 2, new Tensor[]{one, y}, z);
        same(z, one, y);
        Tensor whole = Tensor.allocate(Arena.ofAuto(), DType.INT64, Shape.of(n));
        for (int i = 0; i < n; i++)
            whole.setLong(i, random.nextInt(-9, 10));
        KernelRun.run(new Pow(layout(x, whole), -1), 2, new Tensor[]{x, whole}, z);
        same(z, x, whole);
    }

    @ParameterizedTest
    @ValueSource(floats = {2, 3, 0.5f, 1, -1, 0, -0f, 2.5f, 1 / 3f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void aScalarExponentGivesTheBitsOfATensorOfIt(float e) {
        Tensor x = values(new Random(SEED), 100), scalar = KernelRun.normal(new Random(1), e, 0),
                full = KernelRun.normal(new Random(1), e, 0, 100);
        Tensor y = KernelRun.empty(100), z = KernelRun.empty(100);
        KernelRun.run(new Pow(layout(x, scalar), -1), 1, new Tensor[]{x, scalar}, y);
        KernelRun.run(new Pow(layout(x, full), -1), 1, new Tensor[]{x, full}, z);
        KernelRun.assertSameBits(y, z.toFloats(), "power " + e + ", seed " + SEED);
        same(y, x, full);
    }

    private static Broadcast layout(Tensor x, Tensor y) {
        return Broadcast.of(Shape.broadcast(x.shape(), y.shape()), x.shape(), y.shape());
    }

    private static void same(Tensor z, Tensor x, Tensor y) {
        float[] want = new float[(int) z.size()];
        for (int i = 0; i < want.length; i++)
            want[i] = Power.of(x.getFloat(x.size() == 1 ? 0 : i), (float) y.getDouble(y.size() == 1 ? 0 : i));
        KernelRun.assertSameBits(z, want, x + " ^ " + y + ", seed " + SEED);
    }

    /** Numbers of networks, and now and then a special one. */
    private static Tensor values(Random random, int n) {
        Tensor t = KernelRun.normal(random, 0.5, 2, n);
        for (int i = 0; i < n; i++)
            if (random.nextInt(3) == 0) t.setFloat(i, SPECIAL[random.nextInt(SPECIAL.length)]);
        return t;
    }
}
