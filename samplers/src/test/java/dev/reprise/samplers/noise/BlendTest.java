package dev.reprise.samplers.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BlendTest {
    private static final Shape SHAPE = Shape.of(1, 3, 8, 8);

    private static Tensor noise(Arena arena, long seed, DType dtype) {
        return NoiseSpec.parse("torch:seed=" + seed).draw(arena, SHAPE, dtype);
    }

    @ParameterizedTest
    @EnumSource
    void endsAreExact(Blend blend) {
        try (Arena arena = Arena.ofConfined()) {
            Tensor a = noise(arena, 1, DType.FLOAT32), b = noise(arena, 2, DType.FLOAT32);
            Tensor path = blend.path(arena, a, b, 5);
            assertThat(path.shape()).isEqualTo(Shape.of(5, 3, 8, 8));
            assertThat(path.rows(0, 1).toFloats()).containsExactly(a.toFloats());
            assertThat(path.rows(4, 5).toFloats()).containsExactly(b.toFloats());
            assertThat(path.rows(1, 2).sha256()).isEqualTo(blend.at(arena, a, b, 0.25).sha256());
        }
    }

    /** Halfway between orthogonal unit vectors: (1, 1)/√2 on the circle, (1, 1)/2 on the line. */
    @Test
    void knownPoints() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor a = Tensor.of(arena, Shape.of(1, 2), 1.0, 0.0), b = Tensor.of(arena, Shape.of(1, 2), 0.0, 1.0);
            assertThat(Blend.SLERP.at(arena, a, b, 0.5).toDoubles()).containsExactly(new double[]{Math.sqrt(0.5), Math.sqrt(0.5)},
                    within(1e-15));
            assertThat(Blend.SLERP.at(arena, a, b, 1.0 / 3).toDoubles()).containsExactly(new double[]{Math.sqrt(0.75), 0.5}, within(1e-15));
            assertThat(Blend.LINEAR.at(arena, a, b, 0.5).toDoubles()).containsExactly(0.5, 0.5);
            assertThat(Blend.SLERP.at(arena, a, a, 0.3).toDoubles()).containsExactly(new double[]{1, 0}, within(1e-15));
        }
    }

    @Test
    void rowsAreBlendedByThemselves() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor a = NoiseSpec.parse("torch:seeds=0-3").draw(arena, Shape.of(4, 3, 8, 8), DType.FLOAT64);
            Tensor b = NoiseSpec.parse("torch:seeds=4-7").draw(arena, Shape.of(4, 3, 8, 8), DType.FLOAT64);
            Tensor all = Blend.SLERP.at(arena, a, b, 0.7);
            for (int i = 0; i < 4; i++)
                assertThat(all.rows(i, i + 1).sha256()).isEqualTo(Blend.SLERP.at(arena, a.rows(i, i + 1), b.rows(i, i + 1), 0.7).sha256());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPlaneHasTheThreeNoisesAtItsCorners(Blend blend) {
        try (Arena arena = Arena.ofConfined()) {
            Tensor a = noise(arena, 1, DType.FLOAT64), b = noise(arena, 2, DType.FLOAT64), c = noise(arena, 3, DType.FLOAT64);
            Tensor plane = blend.plane(arena, a, b, c, 3);
            assertThat(plane.shape()).isEqualTo(Shape.of(9, 3, 8, 8));
            assertThat(plane.rows(0, 1).toDoubles()).containsExactly(a.toDoubles());
            assertThat(plane.rows(2, 3).toDoubles()).containsExactly(b.toDoubles());
            assertThat(plane.rows(6, 7).toDoubles()).containsExactly(c.toDoubles());
            if (blend == Blend.LINEAR)
                for (int i = 0; i < a.size(); i++)
                    assertThat(plane.rows(4, 5).getDouble(i)).isCloseTo((b.getDouble(i) + c.getDouble(i)) / 2, within(1e-15 * 16));
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor a = noise(arena, 1, DType.FLOAT64), b = noise(arena, 1, DType.FLOAT32);
            assertThatThrownBy(() -> Blend.SLERP.at(arena, a, b, 0)).hasMessageContaining("float32");
            assertThatThrownBy(() -> Blend.SLERP.path(arena, a, a, 1)).hasMessageContaining("2 points");
        }
    }
}
