package dev.reprise.bench;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Times two things in turn, so that what else the machine does falls on both alike. Turns are blocks of a quarter of a second
 * and not single runs: the threads of each side go on spinning for a while after a run, which would disturb the other's next
 * one: by a quarter where a run takes an eighth of a second. For the same reason the first run of a block does not count.
 */
final class SideBySide {
    /** Milliseconds a run. @param ratio the second's time over the first's, block by block; null where there is no second */
    record Times(Series first, Series second, Series ratio) {}

    private static final double BLOCK = 0.25;
    private static final int LEAST_BLOCKS = 5;
    /** Warm-up: a stretch of runs that is no faster than the best before it by this share counts as steady. */
    private static final double GAIN = 0.02;
    private static final double STRETCH = 2;
    private static final int STEADY_STRETCHES = 2;
    /** The share of a stretch that the JIT compiler may still take. */
    private static final double COMPILING = 0.05;
    private static final double LONGEST_WARM_UP = 60;

    private SideBySide() {}

    /** Measures for that many seconds, and at least five blocks of each. @param second may be null */
    static Times measure(Subject.Run first, Subject.Run second, double seconds) {
        List<Double> a = new ArrayList<>(), b = new ArrayList<>(), ratios = new ArrayList<>();
        long start = System.nanoTime();
        for (int blocks = 0; blocks < LEAST_BLOCKS || System.nanoTime() - start < seconds * 1e9; blocks++) {
            List<Double> one = block(first);
            a.addAll(one);
            if (second == null) continue;
            List<Double> other = block(second);
            b.addAll(other);
            ratios.add(Series.median(other) / Series.median(one));
        }
        return second == null ? new Times(Series.of(a), null, null) : new Times(Series.of(a), Series.of(b), Series.of(ratios));
    }

    /** The times of the runs of one block, without the first's. */
    private static List<Double> block(Subject.Run r) {
        List<Double> times = new ArrayList<>();
        long start = System.nanoTime(), now = start;
        for (boolean first = true; times.isEmpty() || now - start < BLOCK * 1e9; first = false) {
            long from = now;
            r.run();
            now = System.nanoTime();
            if (!first) times.add((now - from) / 1e6);
        }
        return times;
    }

    /**
     * Runs until it gets no faster and the JIT compiler is done (5 to 20 s for a model).
     *
     * @param say told how it goes
     */
    static void warmUp(Subject.Run r, double longest, Consumer<String> say) {
        CompilationMXBean jit = ManagementFactory.getCompilationMXBean();
        long start = System.nanoTime();
        double best = Double.POSITIVE_INFINITY, limit = Math.min(longest, LONGEST_WARM_UP);
        say.accept("warming up: the JIT compiler needs 5 to 20 s …");
        for (int steady = 0; steady < STEADY_STRETCHES;) {
            long from = System.nanoTime(), compiled = jit.getTotalCompilationTime();
            List<Double> times = new ArrayList<>();
            do
                times.addAll(block(r));
            while (System.nanoTime() - from < STRETCH * 1e9);
            double median = Series.median(times), compiling = (jit.getTotalCompilationTime() - compiled) * 1e6 / (System.nanoTime() - from);
            steady = median > best * (1 - GAIN) && compiling < COMPILING ? steady + 1 : 0;
            best = Math.min(best, median);
            if (System.nanoTime() - start > limit * 1e9) {
                if (steady < STEADY_STRETCHES)
                    say.accept("not steady after %.0f s: still compiling, or the machine is busy"
                            .formatted((System.nanoTime() - start) / 1e9));
                return;
            }
        }
        say.accept("steady after %.0f s".formatted((System.nanoTime() - start) / 1e9));
    }
}
