package dev.reprise.bench;

import java.lang.management.ManagementFactory;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The rate of float fused multiply-adds that one core reaches when it does nothing else. */
final class FmaPeak {
    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final int CHAINS = 12;

    private FmaPeak() {}

    /** GFLOP/s of that many threads at the same time: cores that share power or units reach less together. */
    static double measure(int threads) {
        CyclicBarrier together = new CyclicBarrier(threads);
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            Callable<Double> one = () -> {
                together.await();
                return measure();
            };
            List<Future<Double>> rates = IntStream.range(0, threads).mapToObj(_ -> pool.submit(one)).toList();
            double sum = 0;
            for (Future<Double> r : rates)
                sum += r.get();
            return sum;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /** GFLOP/s of one thread, the best of a few tries. */
    static double measure() {
        double best = 0;
        float sink = 0;
        for (int i = 0; i < 40; i++) {
            int n = 200_000;
            long t = cpuTime();
            sink += chains(n);
            best = Math.max(best, 2.0 * CHAINS * S.length() * n / (cpuTime() - t));
        }
        if (sink == 0) throw new AssertionError("the sums cannot be zero");
        return best;
    }

    /** Nanoseconds of processor time that this thread has used. */
    static long cpuTime() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    static int lanes() { return S.length(); }

    /** Twelve independent chains: more than the latency of two units hides, and no more than sixteen registers hold. */
    private static float chains(int n) {
        FloatVector x = FloatVector.broadcast(S, 1f), y = FloatVector.broadcast(S, 1e-9f);
        FloatVector a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, l = x, m = x;
        for (int k = 0; k < n; k++) {
            a = x.fma(y, a);
            b = x.fma(y, b);
            c = x.fma(y, c);
            d = x.fma(y, d);
            e = x.fma(y, e);
            f = x.fma(y, f);
            g = x.fma(y, g);
            h = x.fma(y, h);
            i = x.fma(y, i);
            j = x.fma(y, j);
            l = x.fma(y, l);
            m = x.fma(y, m);
        }
        return a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j).add(l).add(m).lane(0);
    }
}
