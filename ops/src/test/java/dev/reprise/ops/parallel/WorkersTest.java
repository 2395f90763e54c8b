package dev.reprise.ops.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkersTest {
    @ParameterizedTest
    @CsvSource({"1,0", "1,1", "1,7", "2,1", "2,2", "2,3", "2,1000", "3,2", "3,100", "8,5", "8,4096", "64,63", "64,1000"})
    void everyItemOnce(int threads, int n) {
        try (Workers w = new Workers(threads)) {
            AtomicIntegerArray done = new AtomicIntegerArray(Math.max(n, 1));
            for (int round = 0; round < 50; round++)
                w.run(n, 1, (begin, end, worker) -> {
                    assertThat(worker).isBetween(0, threads - 1);
                    for (long i = begin; i < end; i++)
                        done.incrementAndGet((int) i);
                });
            for (int i = 0; i < n; i++)
                assertThat(done.get(i)).isEqualTo(50);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void exceptionsReachTheCallerAndThePoolGoesOn(int threads) {
        try (Workers w = new Workers(threads)) {
            for (int failing = 0; failing < 10; failing++) {
                int bad = failing;
                assertThatThrownBy(() -> w.run(10, 1, (begin, end, worker) -> {
                    if (begin <= bad && bad < end) throw new IllegalArgumentException("item " + bad);
                })).isInstanceOf(IllegalArgumentException.class).hasMessage("item " + bad);
            }
            int[] sum = new int[64];
            w.run(1000, 1, (begin, end, worker) -> sum[worker] += (int) (end - begin));
            assertThat(IntStream.of(sum).sum()).isEqualTo(1000);
        }
    }

    @Test
    void callersThatComeTogetherAllFinish() throws Exception {
        try (Workers w = new Workers(3)) {
            AtomicIntegerArray done = new AtomicIntegerArray(4);
            Thread[] callers = new Thread[4];
            for (int c = 0; c < callers.length; c++) {
                int caller = c;
                callers[c] = new Thread(() -> {
                    for (int i = 0; i < 500; i++)
                        w.run(100, 1, (begin, end, worker) -> done.addAndGet(caller, (int) (end - begin)));
                });
                callers[c].start();
            }
            for (Thread t : callers)
                t.join();
            for (int c = 0; c < callers.length; c++)
                assertThat(done.get(c)).isEqualTo(50_000);
        }
    }

    @Test
    void refusesNoThreads() { assertThatThrownBy(() -> new Workers(0)).hasMessageContaining("at least 1, found 0"); }
}
