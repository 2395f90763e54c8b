package dev.reprise.ops.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GemmBlockTest {
    @ParameterizedTest
    @CsvSource({"1,1", "1,4", "3,2", "4,2", "5,2", "81,1", "81,2", "257,2", "324,4", "1296,14", "5184,54", "1000000,63"})
    void blocksDifferByAGrain(int rows, int wanted) {
        int blocks = GemmBlock.blocks(rows, wanted), least = Integer.MAX_VALUE, most = 0;
        assertThat(blocks).isBetween(1, wanted);
        assertThat(GemmBlock.row(rows, 0, blocks)).isZero();
        assertThat(GemmBlock.row(rows, blocks, blocks)).isEqualTo(rows);
        for (int i = 0; i < blocks; i++) {
            int first = GemmBlock.row(rows, i, blocks), count = GemmBlock.row(rows, i + 1, blocks) - first;
            assertThat(first % GemmBlock.GRAIN).isZero();
            assertThat(count).isPositive();
            int grains = Math.ceilDiv(count, GemmBlock.GRAIN);
            least = Math.min(least, grains);
            most = Math.max(most, grains);
        }
        assertThat(most - least).isLessThanOrEqualTo(1);
    }
}
