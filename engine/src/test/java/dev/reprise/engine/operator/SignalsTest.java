package dev.reprise.engine.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reprise.engine.SingleNode;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

/** Fourier transforms against NumPy's, window functions against their formulas. */
class SignalsTest {
    private static final double[] X = {1, 2, -1, 0.5, 3, 0, 1, 4, -2, 2};
    private static final double[] RFFT = {5.5, 0, 2.949593469, 1.832734395, -3.199593469, -0.838799522, 5, 0, -0.690983006, -2.575654997,
        -1.809016994, 6.29412435};

    private static void close(Tensor found, Shape shape, double... expected) {
        assertThat(found.shape()).isEqualTo(shape);
        assertThat(found.toDoubles()).containsExactly(expected, within(1e-8));
    }

    private static Tensor scalar(Arena arena, long v) { return Tensor.of(arena, Shape.SCALAR, v); }

    @Test
    void onesidedAndBack() {
        try (Arena arena = Arena.ofShared()) {
            Tensor x = Tensor.of(arena, Shape.of(2, 5, 1), X);
            Tensor r = SingleNode.run(arena, "DFT", 20, Attributes.of("onesided", 1), x);
            close(r, Shape.of(2, 3, 2), RFFT);
            close(SingleNode.run(arena, "DFT", 20, Attributes.of("onesided", 1, "inverse", 1), r, scalar(arena, 5)), Shape.of(2, 5, 1), X);
            close(SingleNode.run(arena, "DFT", 20, Attributes.of("onesided", 1, "inverse", 1), r), Shape.of(2, 4, 1), 2.049898367,
                    1.25853117, -0.899695102,
                    3.091265565, 0.452254249, 2.990081747, 1.143237254, 0.41442675);
            assertThatThrownBy(() -> SingleNode.run(arena, "DFT", 17, Attributes.of("onesided", 1, "inverse", 1), r))
                    .isInstanceOf(OperatorException.class);
            assertThatThrownBy(() -> SingleNode.run(arena, "DFT", 20, Attributes.of("onesided", 1), r)).hasMessageContaining("real input");
        }
    }

    @Test
    void paddedAndAlongAnotherAxis() {
        try (Arena arena = Arena.ofShared()) {
            Tensor x = Tensor.of(arena, Shape.of(2, 5, 1), X);
            Tensor padded = SingleNode.run(arena, "DFT", 17, Attributes.NONE, x, scalar(arena, 7));
            assertThat(padded.shape()).isEqualTo(Shape.of(2, 7, 2));
            close(padded.rows(0, 1), Shape.of(1, 7, 2), 5.5, 0, -0.6838905, 0.495974295, 3.638141306, -4.33831827, -2.204250807, 0.78772082,
                    -2.204250807, -0.78772082,
                    3.638141306, 4.33831827, -0.6838905, -0.495974295);
            double[] rows = {1, 0, 3, 0, 3, 0, -1.5, 0, 5, 0, 1, 0, 1, 0, -5, 0, 2.5, 0, 1, 0};
            close(SingleNode.run(arena, "DFT", 20, Attributes.NONE, x, null, scalar(arena, 0)), Shape.of(2, 5, 2), rows);
            Tensor y = SingleNode.run(arena, "DFT", 17, Attributes.of("axis", 0), x);
            close(y, Shape.of(2, 5, 2), rows);
            Tensor back = SingleNode.run(arena, "DFT", 17, Attributes.of("axis", -3, "inverse", 1), y);
            for (int i = 0; i < X.length; i++)
                assertThat(back.getDouble(2L * i)).isCloseTo(X[i], within(1e-12));
            assertThatThrownBy(() -> SingleNode.run(arena, "DFT", 17, Attributes.of("axis", 2), x))
                    .hasMessageContaining("real and imaginary");
        }
    }

    @Test
    void framesAreTransformsOfWindowedPieces() {
        try (Arena arena = Arena.ofShared()) {
            Tensor x = Tensor.of(arena, Shape.of(1, 10, 1), X), window = Tensor.of(arena, Shape.of(4), 0.5, 1, 2, -1);
            Tensor y = SingleNode.run(arena, "STFT", 17, Attributes.NONE, x, scalar(arena, 3), window);
            assertThat(y.shape()).isEqualTo(Shape.of(1, 3, 3, 2));
            for (int f = 0; f < 3; f++) {
                double[] piece = new double[4];
                for (int i = 0; i < 4; i++)
                    piece[i] = X[3 * f + i] * window.getDouble(i);
                Tensor p = SingleNode.run(arena, "DFT", 17, Attributes.of("onesided", 1), Tensor.of(arena, Shape.of(1, 4, 1), piece));
                for (int i = 0; i < 6; i++)
                    assertThat(y.getDouble(6L * f + i)).isEqualTo(p.getDouble(i));
            }
            assertThatThrownBy(() -> SingleNode.run(arena, "STFT", 17, Attributes.NONE, x, scalar(arena, 3), null, scalar(arena, 11)))
                    .hasMessageContaining("longer");
            assertThatThrownBy(() -> SingleNode.run(arena, "STFT", 17, Attributes.NONE, x, scalar(arena, 3)))
                    .hasMessageContaining("frame_length");
        }
    }

    @Test
    void windows() {
        try (Arena arena = Arena.ofShared()) {
            Attributes f64 = Attributes.of("output_datatype", DType.FLOAT64.code());
            close(SingleNode.run(arena, "HannWindow", 17, f64, scalar(arena, 4)), Shape.of(4), 0, 0.5, 1, 0.5);
            close(SingleNode.run(arena, "HannWindow", 17, f64.with("periodic", 0), scalar(arena, 5)), Shape.of(5), 0, 0.5, 1, 0.5, 0);
            close(SingleNode.run(arena, "HammingWindow", 17, f64, scalar(arena, 2)), Shape.of(2), 4 / 46.0, 1);
            close(SingleNode.run(arena, "BlackmanWindow", 17, f64, scalar(arena, 4)), Shape.of(4), 0, 0.34, 1, 0.34);
            close(SingleNode.run(arena, "HannWindow", 17, f64.with("periodic", 0), scalar(arena, 1)), Shape.of(1), 1);
            assertThat(SingleNode.run(arena, "HannWindow", 17, Attributes.NONE, scalar(arena, 4)).dtype()).isEqualTo(DType.FLOAT32);
        }
    }

    @Test
    void melFiltersStayInTheSpectrum() {
        try (Arena arena = Arena.ofShared()) {
            Tensor low = Tensor.of(arena, Shape.SCALAR, 0f);
            assertThatThrownBy(() -> SingleNode.run(arena, "MelWeightMatrix", 17, Attributes.NONE, scalar(arena, 8), scalar(arena, 16),
                    scalar(arena, 8192), low,
                    Tensor.of(arena, Shape.SCALAR, 9000f))).hasMessageContaining("upper");
            Tensor w = SingleNode.run(arena, "MelWeightMatrix", 17, Attributes.NONE, scalar(arena, 4), scalar(arena, 64),
                    scalar(arena, 8000), low,
                    Tensor.of(arena, Shape.SCALAR, 4000f));
            assertThat(w.shape()).isEqualTo(Shape.of(33, 4));
            for (int b = 0; b < 4; b++) {
                double peak = 0;
                for (int i = 0; i < 33; i++)
                    peak = Math.max(peak, w.getDouble(4L * i + b));
                assertThat(peak).isEqualTo(1);
            }
        }
    }
}
