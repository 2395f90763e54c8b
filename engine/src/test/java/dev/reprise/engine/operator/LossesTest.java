package dev.reprise.engine.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reprise.engine.SingleNode;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LossesTest {
    /** From torch.nn.functional.cross_entropy with scores ((1, 2, 0.5), (0, -1, 3)), labels (1, 2), weights (0.2, 0.5, 0.3). */
    @ParameterizedTest
    @CsvSource({"mean, false, 0.26512635", "sum, false, 0.5302527", "mean, true, 0.31493697", "sum, true, 0.25194958"})
    void crossEntropyAsTorch(String reduction, boolean weighted, float expected) {
        try (Arena arena = Arena.ofShared()) {
            Tensor scores = Tensor.of(arena, Shape.of(2, 3), 1f, 2, 0.5f, 0, -1, 3), labels = Tensor.of(arena, Shape.of(2), 1L, 2);
            Tensor weights = weighted ? Tensor.of(arena, Shape.of(3), 0.2f, 0.5f, 0.3f) : null;
            Tensor loss = SingleNode.run(arena, "SoftmaxCrossEntropyLoss", 13, Attributes.of("reduction", reduction), scores, labels,
                    weights);
            assertThat(loss.getFloat(0)).isCloseTo(expected, within(2e-6f));
        }
    }

    @Test
    void labelsOutOfRangeAreRefused() {
        try (Arena arena = Arena.ofShared()) {
            Tensor scores = Tensor.of(arena, Shape.of(1, 3), 1f, 2, 0.5f), labels = Tensor.of(arena, Shape.of(1), 3L);
            assertThatThrownBy(() -> SingleNode.run(arena, "NegativeLogLikelihoodLoss", 13, Attributes.NONE, scores, labels))
                    .hasMessageContaining("label 3 is outside [0, 2]");
        }
    }
}
