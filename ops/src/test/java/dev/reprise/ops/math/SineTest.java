package dev.reprise.ops.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SineTest {
    /** Against doubles of StrictMath, which are within 1 ULP of a double: half a float's ULP and what rounding may add to it. */
    @ParameterizedTest
    @ValueSource(floats = {1e-30f, 1e-3f, 1, 10, 1000, 1e5f, 999_999, 1e9f, 1e38f})
    void asStrictMath(float scale) {
        Random random = new Random(7);
        for (int i = 0; i < 200_000; i++) {
            float x = (float) random.nextGaussian() * scale;
            close(FloatMath.sin(x), StrictMath.sin(x), "sin", x);
            close(FloatMath.cos(x), StrictMath.cos(x), "cos", x);
        }
    }

    private static void close(float found, double exact, String what, float x) {
        if (Math.abs(found - exact) > 0.51 * Math.ulp((float) exact)) assertThat(found).as("%s %s", what, x).isEqualTo((float) exact);
    }

    /** The floats nearest to multiples of π/2, where all but the last bits cancel. */
    @Test
    void nearZeros() {
        for (int n = 1; n < 600_000; n++) {
            float x = (float) (n * (Math.PI / 2));
            close(FloatMath.sin(x), StrictMath.sin(x), "sin", x);
            close(FloatMath.cos(x), StrictMath.cos(x), "cos", x);
        }
    }

    @Test
    void ends() {
        assertThat(FloatMath.sin(0f)).isEqualTo(0f);
        assertThat(Float.floatToRawIntBits(FloatMath.sin(-0f))).isEqualTo(Float.floatToRawIntBits(-0f));
        assertThat(FloatMath.sin(Float.MIN_VALUE)).isEqualTo(Float.MIN_VALUE);
        assertThat(FloatMath.cos(0f)).isEqualTo(1f);
        for (float x : new float[]{Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            assertThat(FloatMath.sin(x)).isNaN();
            assertThat(FloatMath.cos(x)).isNaN();
        }
    }
}
