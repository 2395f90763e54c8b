package dev.reprise.bench;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.DoublePredicate;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.stream.DoubleStream;

/**
 * Times two things in turn, so that what else the machine does falls on both alike. Turns are blocks of a quarter of a second
 * and not single runs: the threads of each side go on spinning for a while after a run, which would disturb the other's next
 * one: by a quarter where a run takes an eighth of a second. For the same reason the first run of a block does not count.
 */
final class SideBySide {
    /** Milliseconds a run. @param ratio the second's time over the first's, block by block; null where there is no second */
    record Times(Series first, Series second, Series ratio) {
        /** Null where there are no blocks. */
        static Times of(List<Blocks> blocks) {
            if (blocks.isEmpty()) return null;
            boolean both = blocks.getFirst().second != null;
            return new Times(series(blocks, Blocks::first), both ? series(blocks, Blocks::second) : null,
                    both ? Series.of(blocks.stream().map(b -> Series.median(b.second) / Series.median(b.first)).toList()) : null);
        }

        private static Series series(List<Blocks> blocks, Function<Blocks, List<Double>> side) {
            return Series.of(blocks.stream().map(side).flatMap(List::stream).toList());
        }
    }

    /** What was measured while the cores of two threads were near each other, and while they were far apart; null where that did not happen. */
    record ByDistance(Times near, Times far) {}

    /** A block of each, times of single runs. @param nanos the distances of the cores before, between and behind; 0 where nobody asked */
    private record Blocks(List<Double> first, List<Double> second, double[] nanos) {
        boolean all(DoublePredicate is) { return DoubleStream.of(nanos).allMatch(is); }
    }

    /** @param distance null where nobody asked */
    record Found(Times times, ByDistance distance) {}

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
        return measure(first, second, seconds, null).times;
    }

    /** @param nanos how far apart the cores are, where it is to be told; a block during which that changed counts in the whole alone */
    static Found measure(Subject.Run first, Subject.Run second, double seconds, DoubleSupplier nanos) {
        List<Blocks> blocks = new ArrayList<>();
        long start = System.nanoTime();
        while (blocks.size() < LEAST_BLOCKS || System.nanoTime() - start < seconds * 1e9) {
            double before = nanos == null ? 0 : nanos.getAsDouble();
            List<Double> one = block(first);
            double between = nanos == null ? 0 : nanos.getAsDouble();
            List<Double> other = second == null ? null : block(second);
            double behind = nanos == null || second == null ? between : nanos.getAsDouble();
            blocks.add(new Blocks(one, other, new double[]{before, between, behind}));
        }
        DoublePredicate far = n -> n > CoreDistance.FAR_NANOS && n < Double.POSITIVE_INFINITY;
        return new Found(Times.of(blocks), nanos == null
                ? null
                : new ByDistance(Times.of(blocks.stream().filter(b -> b.all(n -> n <= CoreDistance.FAR_NANOS)).toList()),
                        Times.of(blocks.stream().filter(b -> b.all(far)).toList())));
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
