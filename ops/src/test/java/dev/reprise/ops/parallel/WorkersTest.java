package dev.reprise.ops.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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

    /** Piece by piece: every item once, and every worker is told once that it begins. */
    @ParameterizedTest
    @CsvSource({"1,0,1", "1,1,1", "1,7,1", "2,1,1", "2,2,1", "2,3,1", "2,1000,1", "2,1000,7", "2,1000,400", "2,1000,600", "3,2,1",
        "3,100,1",
        "8,5,1", "8,4096,1", "64,63,1", "64,1000,3"})
    void everyItemOnceInPieces(int threads, int n, int piece) {
        try (Workers w = new Workers(threads)) {
            AtomicIntegerArray done = new AtomicIntegerArray(Math.max(n, 1)), begun = new AtomicIntegerArray(threads);
            for (int round = 1; round <= 50; round++) {
                int now = round;
                w.balance(n, 1, piece, (begin, end, worker, first) -> {
                    assertThat(begin).isLessThan(end);
                    if (first) begun.set(worker, now);
                    assertThat(begun.get(worker)).isEqualTo(now);
                    for (long i = begin; i < end; i++)
                        done.incrementAndGet((int) i);
                });
            }
            for (int i = 0; i < n; i++)
                assertThat(done.get(i)).isEqualTo(50);
        }
    }

    /** One thread stays in its first piece until all else is done: so the others do what is left of its part. */
    @ParameterizedTest
    @CsvSource({"2,64,0", "2,64,63", "3,100,50", "4,4001,4000"})
    @Timeout(60)
    void othersTakeOverFromASlowThread(int threads, int n, int slow) {
        Pool pool = new Pool(threads);
        try (Workers w = new Workers(threads, pool)) {
            AtomicInteger done = new AtomicInteger();
            int[] longest = new int[1];
            w.balance(n, 1, 1, (begin, end, worker, first) -> {
                if (begin <= slow && slow < end) {
                    longest[0] = (int) (end - begin);
                    while (done.get() < n - longest[0])
                        Thread.onSpinWait();
                }
                done.addAndGet((int) (end - begin));
            });
            assertThat(done.get()).isEqualTo(n);
            assertThat(longest[0]).isBetween(1, n / threads / 2 + 1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void exceptionsReachTheCallerFromPieces(int threads) {
        try (Workers w = new Workers(threads)) {
            for (int failing = 0; failing < 10; failing++) {
                int bad = failing;
                assertThatThrownBy(() -> w.balance(10, 1, 1, (begin, end, worker, first) -> {
                    if (begin <= bad && bad < end) throw new IllegalArgumentException("item " + bad);
                })).isInstanceOf(IllegalArgumentException.class).hasMessage("item " + bad);
            }
            AtomicInteger sum = new AtomicInteger();
            w.balance(1000, 1, 1, (begin, end, worker, first) -> sum.addAndGet((int) (end - begin)));
            assertThat(sum.get()).isEqualTo(1000);
        }
    }

    /** Loops that are kept to be run again are run as they were. */
    @Test
    void keepsLoopsOfBothKinds() {
        AtomicInteger sum = new AtomicInteger();
        List<Workers.Kept> kept = Workers.loops(2, w -> {
            w.run(10, 1, (begin, end, worker) -> sum.addAndGet((int) (end - begin)));
            w.balance(100, 1, 1, (begin, end, worker, first) -> sum.addAndGet((int) (end - begin)));
        });
        assertThat(sum.get()).isZero();
        try (Workers w = new Workers(2)) {
            for (int i = 1; i <= 3; i++) {
                kept.forEach(k -> k.run(w));
                assertThat(sum.get()).isEqualTo(110 * i);
            }
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

    /** Together they take no more threads than there are processors, unless one of them asks for more by itself. */
    @Test
    void manyShareOnePool() {
        Pool pool = new Pool(4);
        Workers one = new Workers(1, pool);
        assertThat(pool.size()).isZero();
        Workers two = new Workers(2, pool), three = new Workers(3, pool);
        assertThat(pool.size()).isEqualTo(3);
        Workers more = new Workers(4, pool);
        assertThat(pool.size()).isEqualTo(3);
        Workers many = new Workers(64, pool);
        assertThat(pool.size()).isEqualTo(63);
        many.close();
        many.close();
        more.close();
        assertThat(pool.size()).isEqualTo(3);
        two.close();
        assertThat(pool.size()).isEqualTo(2);
        three.close();
        one.close();
        assertThat(pool.size()).isZero();
    }

    /** Workers of many sizes come, run and go on several threads at once: every item is done once whoever is there to do it. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void sessionsThatComeAndGoDoNotDisturbOthers(int processors) throws Exception {
        Pool pool = new Pool(processors);
        AtomicIntegerArray done = new AtomicIntegerArray(4);
        Thread[] callers = new Thread[done.length()];
        for (int c = 0; c < callers.length; c++) {
            int caller = c;
            callers[c] = new Thread(() -> {
                for (int i = 0; i < 60; i++)
                    try (Workers w = new Workers(1 + (i + caller) % 9, pool)) {
                        for (int j = 0; j < 20; j++)
                            w.run(100, 1, (begin, end, worker) -> done.addAndGet(caller, (int) (end - begin)));
                    }
            });
            callers[c].start();
        }
        for (Thread t : callers)
            t.join();
        for (int c = 0; c < callers.length; c++)
            assertThat(done.get(c)).isEqualTo(60 * 20 * 100);
        assertThat(pool.size()).isZero();
    }

    @Test
    void aNestedLoopRunsOnItsOwnThread() {
        try (Workers w = new Workers(3)) {
            AtomicIntegerArray done = new AtomicIntegerArray(1);
            w.run(9, 1, (begin, end, outer) -> {
                for (long i = begin; i < end; i++)
                    w.run(10, 1, (b, e, inner) -> {
                        assertThat(inner).isZero();
                        done.addAndGet(0, (int) (e - b));
                    });
            });
            assertThat(done.get(0)).isEqualTo(90);
        }
    }

    @Test
    void refusesWorkAfterItsEnd() {
        Workers w = new Workers(2);
        w.close();
        assertThatThrownBy(() -> w.run(10, 1, (begin, end, worker) -> {})).hasMessageContaining("closed");
    }

    @Test
    void refusesNoThreads() { assertThatThrownBy(() -> new Workers(0)).hasMessageContaining("at least 1, found 0"); }
}
