package dev.reprise.ops.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every function: its error against the exact value, and that scalar and vector give the same bits. */
class VectorMathTest {
    interface Scalar {
        float of(float x);
    }

    interface Vector {
        FloatVector of(FloatVector x);
    }

    /** @param ulps bound where the exact result is a normal float; below, a tiny absolute error is allowed */
    record Case(String name, Scalar scalar, Vector vector, DoubleUnaryOperator exact, double ulps, double absolute, float from, float to) {
        @Override
        public String toString() { return name; }
    }

    static final float INF = Float.POSITIVE_INFINITY;
    private static final double TINY = 1.2e-38;

    private static Case of(String name, Scalar s, Vector v, DoubleUnaryOperator exact, double ulps) {
        return new Case(name, s, v, exact, ulps, TINY, -INF, INF);
    }

    static Stream<Case> cases() {
        return Stream.of( //
                new Case("exp", FloatMath::exp, VectorMath::exp, StrictMath::exp, 1, 0, -INF, INF), //
                new Case("expNonPositive", FloatMath::expNonPositive, VectorMath::expNonPositive, StrictMath::exp, 1, TINY, -INF, 0), //
                new Case("expm1NonPositive", FloatMath::expm1NonPositive, VectorMath::expm1NonPositive, StrictMath::expm1, 1.5, 0, -INF, 0), //
                new Case("log1pUnit", FloatMath::log1pUnit, VectorMath::log1pUnit, StrictMath::log1p, 1.5, 0, 0, 1), //
                of("log", FloatMath::log, VectorMath::log, StrictMath::log, 1), //
                of("tanh", FloatMath::tanh, VectorMath::tanh, StrictMath::tanh, 1.5), //
                of("erf", FloatMath::erf, VectorMath::erf, VectorMathTest::erf, 6), //
                of("sigmoid", FloatMath::sigmoid, VectorMath::sigmoid, x -> 1 / (1 + StrictMath.exp(-x)), 2.5), //
                new Case("silu", FloatMath::silu, VectorMath::silu, x -> x / (1 + StrictMath.exp(-x)), 3, 2e-36, -INF, INF), //
                new Case("geluTanh", FloatMath::geluTanh, VectorMath::geluTanh, VectorMathTest::geluTanh, 120, 2e-36, -9, INF), //
                new Case("geluErf", FloatMath::geluErf, VectorMath::geluErf, x -> x / 2 * (1 + erf(x / StrictMath.sqrt(2))), 6, 1e-6, -INF,
                        INF), //
                new Case("geluQuick", x -> FloatMath.swish(x, 1.702f), x -> VectorMath.swish(x, 1.702f),
                        x -> x / (1 + StrictMath.exp(-1.702f * x)), 70,
                        2e-36, -INF, INF), //
                of("softplus", FloatMath::softplus, VectorMath::softplus, x -> x > 40 ? x : StrictMath.log1p(StrictMath.exp(x)), 2), //
                new Case("mish", FloatMath::mish, VectorMath::mish,
                        x -> x * StrictMath.tanh(x > 40 ? x : StrictMath.log1p(StrictMath.exp(x))), 3, 2e-36,
                        -INF, INF), //
                new Case("elu", x -> FloatMath.elu(x, 0.75f), x -> VectorMath.elu(x, 0.75f), x -> x > 0 ? x : 0.75 * StrictMath.expm1(x), 2,
                        0, -INF, INF));
    }

    private static double geluTanh(double x) {
        return x / (1 + StrictMath.exp(-2 * StrictMath.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }

    /** erf by its series below 3, and by the continued fraction of erfc above. */
    static double erf(double x) {
        double a = Math.abs(x);
        if (a > 6) return Math.signum(x);
        if (a < 3) {
            double sum = x, term = x;
            for (int n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
                term *= -x * x / n;
                sum += term / (2 * n + 1);
            }
            return 2 / StrictMath.sqrt(Math.PI) * sum;
        }
        double f = 0;
        for (int n = 60; n > 0; n--)
            f = n / 2.0 / (a + f);
        return Math.signum(x) * (1 - StrictMath.exp(-a * a) / (StrictMath.sqrt(Math.PI) * (a + f)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void scalarIsAccurateAndVectorHasItsBits(Case c) {
        int lanes = VectorMath.SPECIES.length();
        float[] x = new float[lanes], y = new float[lanes];
        List<Float> special = List.of(Float.NaN, INF, -INF, 0f, -0f, Float.MIN_VALUE, -Float.MIN_VALUE, Float.MIN_NORMAL, Float.MAX_VALUE,
                -Float.MAX_VALUE, 1f,
                -1f, 88.72284f, -87.33654f, -87.33655f, -103.97208f);
        double worst = 0;
        float at = 0;
        // A prime step over all bit patterns: about two million floats of every magnitude.
        for (long bits = 0; bits < 1L << 32; bits += 2111L * lanes) {
            for (int j = 0; j < lanes; j++)
                x[j] = bits == 0 ? special.get(j % special.size()) : Float.intBitsToFloat((int) (bits + 2111L * j));
            c.vector.of(FloatVector.fromArray(VectorMath.SPECIES, x, 0)).intoArray(y, 0);
            for (int j = 0; j < lanes; j++) {
                if (x[j] < c.from || x[j] > c.to) continue;
                float s = c.scalar.of(x[j]);
                if (Float.floatToIntBits(s) != Float.floatToIntBits(y[j]))
                    assertThat(y[j]).as("%s(%s), vector against scalar", c.name, x[j]).isEqualTo(s);
                double want = c.exact.applyAsDouble(x[j]);
                if (Double.isNaN(want) || Math.abs(want) > Float.MAX_VALUE || Double.isInfinite(x[j])) {
                    if (Math.abs(x[j]) <= Float.MAX_VALUE || Float.isNaN(x[j]))
                        assertThat(Float.floatToIntBits(s)).as("%s(%s)", c.name, x[j]).isEqualTo(Float.floatToIntBits((float) want));
                    continue;
                }
                double error = Math.max(0, Math.abs(s - want) - c.absolute) / Math.ulp((float) want);
                if (error > worst) {
                    worst = error;
                    at = x[j];
                }
            }
        }
        assertThat(worst).as("%s: ULP at %s", c.name, at).isLessThanOrEqualTo(c.ulps);
    }
}
