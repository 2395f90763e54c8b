package dev.reprise.ops.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryTest {
    @ParameterizedTest
    @CsvSource({"0,0", "1,64", "64,64", "65,128"})
    void roundsUpToCacheLines(long bytes, long expected) { assertThat(Memory.lines(bytes)).isEqualTo(expected); }

    /** 288 bytes for each of three threads are no share of 288: it is whole lines, and the next thread's begins where it ends. */
    @ParameterizedTest
    @CsvSource({"960,0,3,320", "1000,0,3,320", "1024,64,3,320", "864,0,3,-1", "288,0,1,-1", "959,0,3,-1"})
    void sharesAreWholeLinesOrAnError(int bytes, long common, int threads, long expected) {
        MemorySegment scratch = MemorySegment.ofArray(new byte[bytes]);
        if (expected > 0) assertThat(Memory.share(scratch, common, threads, Memory.lines(288))).isEqualTo(expected);
        else
            assertThatThrownBy(() -> Memory.share(scratch, common, threads, Memory.lines(288))).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("each of " + threads).hasMessageEndingWith("not 320");
    }
}
