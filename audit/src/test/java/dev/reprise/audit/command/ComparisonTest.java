package dev.reprise.audit.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final float NAN = Float.NaN, INF = Float.POSITIVE_INFINITY;

    private static Comparison compare(float a, float b, double atol, double rtol) {
        try (Arena arena = Arena.ofConfined()) {
            return Comparison.of(Tensor.of(arena, Shape.of(1), a), Tensor.of(arena, Shape.of(1), b), atol, rtol);
        }
    }

    @Test
    void toleranceIsThatOfNumpy() {
        record Case(float a, float b, double atol, double rtol, boolean within) {}
        for (Case c : new Case[]{new Case(1, 1, 0, 0, true), new Case(1, 1.1f, 0, 0, false), new Case(1, 1.1f, 0.2, 0, true),
            new Case(10, 11, 0, 0.1, true),
            new Case(11, 10, 0, 0.0999, false), new Case(0f, -0f, 0, 0, true), new Case(NAN, NAN, 0, 0, true),
            new Case(NAN, 1, 1e30, 1e30, false),
            new Case(1, NAN, 1e30, 1e30, false), new Case(INF, INF, 0, 0, true), new Case(INF, -INF, 1e30, 1e30, false),
            new Case(1, INF, 1, 1, false)})
            assertThat(compare(c.a, c.b, c.atol, c.rtol).outside() == 0).as(c.toString()).isEqualTo(c.within);
    }

    @Test
    void ulpsAreStepsOfTheType() {
        record Case(float a, float b, long ulps) {}
        for (Case c : new Case[]{new Case(1, Math.nextUp(1f), 1), new Case(-Float.MIN_VALUE, Float.MIN_VALUE, 2), new Case(0f, -0f, 0),
            new Case(1, 2, 1 << 23), new Case(1, NAN, Long.MAX_VALUE), new Case(-1, 1, 2L * Float.floatToIntBits(1f))})
            assertThat(compare(c.a, c.b, 0, 0).maxUlp()).as(c.toString()).isEqualTo(c.ulps);
        try (Arena arena = Arena.ofConfined()) {
            Tensor a = Tensor.of(arena, Shape.of(2), 1.0, -Double.MAX_VALUE),
                    b = Tensor.of(arena, Shape.of(2), Math.nextUp(1.0), -Double.MAX_VALUE);
            assertThat(Comparison.of(a, b, 0, 0).maxUlp()).isEqualTo(1);
            assertThat(Comparison
                    .of(Tensor.of(arena, Shape.of(1), -Double.MAX_VALUE), Tensor.of(arena, Shape.of(1), Double.MAX_VALUE), 0, 0).maxUlp())
                    .isEqualTo(Long.MAX_VALUE);
            Tensor h = Tensor.allocate(arena, DType.FLOAT16, Shape.of(1)), g = Tensor.allocate(arena, DType.FLOAT16, Shape.of(1));
            h.setDouble(0, 1);
            g.setDouble(0, 1 + 1 / 1024.0);
            assertThat(Comparison.of(h, g, 0, 0).maxUlp()).isEqualTo(1);
        }
    }

    @Test
    void equalAsNumbersIsNotEqualAsBits() {
        assertThat(compare(0f, -0f, 0, 0).bitEqual()).isFalse();
        assertThat(compare(0f, -0f, 0, 0).different()).isZero();
        assertThat(compare(1, 1, 0, 0).bitEqual()).isTrue();
    }

    @Test
    void integersBeyondDoublesAreNotEqual() {
        try (Arena arena = Arena.ofConfined()) {
            Comparison c = Comparison.of(Tensor.of(arena, Shape.of(1), Long.MAX_VALUE), Tensor.of(arena, Shape.of(1), Long.MAX_VALUE - 1),
                    0, 0);
            assertThat(c.different()).isEqualTo(1);
            assertThat(c.outside()).isEqualTo(1);
            assertThat(c.maxUlp()).isNull();
        }
    }
}
