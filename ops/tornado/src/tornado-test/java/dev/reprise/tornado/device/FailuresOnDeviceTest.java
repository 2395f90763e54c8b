package dev.reprise.tornado.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.tornado.lower.Kind;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** A driver that refuses a launch: TornadoVM prints that and goes on, so what came back must tell. */
class FailuresOnDeviceTest {
    private static final float[] VALUES = {1, 2, 3};

    /** Values over and back, with a launch of so many threads between. */
    private static float[] thereAndBack(Machine m, int threads) {
        float[] back = new float[VALUES.length];
        m.begin();
        m.upload(MemorySegment.ofArray(VALUES), 64);
        int[] words = new int[Kind.WORDS];
        words[0] = 1;
        words[1] = 128;
        m.send(Kind.FILL, words, new int[]{threads, 1, 1}, new int[]{64, 1, 1});
        m.download(64, MemorySegment.ofArray(back));
        return back;
    }

    @Test
    void aLaunchThatTheDriverRefusesIsNoticed() {
        try (Machine m = OnDevice.device().machine(1 << 12, 1 << 12)) {
            assertThat(thereAndBack(m, 64)).containsExactly(VALUES);
            // OpenCL wants a multiple of the work-group's size.
            assertThatThrownBy(() -> thereAndBack(m, 100)).isInstanceOf(RuntimeException.class).hasMessageContaining("did not run");
            assertThat(thereAndBack(m, 64)).containsExactly(VALUES);
        }
    }
}
