package dev.reprise.bench;

import java.lang.management.ManagementFactory;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The rate of float fused multiply-adds that one core reaches when it does nothing else. */
final class FmaPeak {
    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final int CHAINS = 10;

    private FmaPeak() {}

    /** GFLOP/s, the best of a few tries. */
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

    /** Ten independent chains: more than the latency of two units hides. */
    private static float chains(int n) {
        FloatVector x = FloatVector.broadcast(S, 1f), y = FloatVector.broadcast(S, 1e-9f);
        FloatVector a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x;
        for (int k = 0; k < n; k++) {
            a = a.fma(x, y);
            b = b.fma(x, y);
            c = c.fma(x, y);
            d = d.fma(x, y);
            e = e.fma(x, y);
            f = f.fma(x, y);
            g = g.fma(x, y);
            h = h.fma(x, y);
            i = i.fma(x, y);
            j = j.fma(x, y);
        }
        return a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j).lane(0);
    }
}
