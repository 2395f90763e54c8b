package dev.reprise.bench;

import dev.reprise.ops.kernel.Conv;
import dev.reprise.ops.kernel.ConvAlgorithm;
import dev.reprise.ops.kernel.ConvShape;
import dev.reprise.ops.kernel.Epilogue;
import dev.reprise.ops.kernel.Gemm;
import dev.reprise.ops.kernel.Kernel;
import dev.reprise.ops.kernel.PackedB;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Pages;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Prints what matrix products and convolutions reach in GFLOP/s, and which share of the measured peak of fused
 * multiply-adds that is. Convolutions count the operations of the direct sum, whatever the algorithm.
 *
 * <p>Every kernel has three turns, of which the best run counts: by the last everything is compiled, even on a busy machine.
 * Arguments: threads (default 1), seconds a turn (default 0.2), and a part of the names to run (default all).
 */
public final class KernelProbe {
    private record Case(String name, Kernel kernel, Tensor[] in, Tensor[] out, MemorySegment scratch, long[] best) {}

    private static final int TURNS = 3;

    private final List<Case> cases = new ArrayList<>();
    private final Arena arena;
    private final Workers workers;
    private final double seconds;
    private final String only;
    private final double peak;
    private final Random random = new Random(1);

    private KernelProbe(Arena arena, Workers workers, double seconds, String only, double peak) {
        this.arena = arena;
        this.workers = workers;
        this.seconds = seconds;
        this.only = only;
        this.peak = peak;
    }

    public static void main(String[] args) {
        int threads = args.length > 0 ? Integer.parseInt(args[0]) : 1;
        double peak = FmaPeak.measure();
        System.out.printf(Locale.ROOT, "fma peak of one thread: %.1f GFLOP/s, %d lanes%n", peak, FmaPeak.lanes());
        try (Arena arena = Pages.arena(); Workers w = new Workers(threads)) {
            KernelProbe p = new KernelProbe(arena, w, args.length > 1 ? Double.parseDouble(args[1]) : 0.2, args.length > 2 ? args[2] : "",
                    peak * threads);
            int[][] gemms = {{1024, 1024, 1024}, {512, 512, 512}, {256, 1152, 384}, {64, 384, 384}, {16, 1024, 1024}, {4, 1024, 1024},
                {1, 1024, 1024},
                {4096, 96, 64}, {256, 256, 64}, {257, 512, 2048}, {257, 2048, 512}, {256, 384, 1536},
                {256, 1536, 384}, {1000, 1000, 1000}, {4096, 3, 128}};
            for (int[] g : gemms)
                p.gemm(g[0], g[1], g[2]);
            int[][] convs = {{1, 3, 128, 32, 3, 1}, {1, 128, 128, 32, 3, 1}, {1, 256, 256, 16, 3, 1}, {1, 256, 256, 8, 3, 1},
                {1, 512, 256, 16, 3, 1},
                {8, 256, 256, 16, 3, 1}, {8, 256, 256, 8, 3, 1}, {1, 512, 512, 9, 3, 1}, {8, 512, 512, 9, 3, 1}, {8, 512, 256, 16, 3, 1},
                {8, 256, 256, 32, 3, 1}, {1, 64, 64, 72, 3, 1}, {1, 256, 256, 18, 3, 1}, {1, 32, 32, 64, 3, 1}, {1, 64, 64, 32, 3, 1},
                {1, 128, 3, 32, 3, 1},
                {1, 256, 256, 16, 1, 1},
                {1, 128, 128, 32, 3, 2}, {1, 64, 64, 56, 7, 2}, {1, 3, 64, 288, 7, 2}, {1, 64, 256, 72, 1, 1}, {1, 256, 64, 72, 1, 1},
                {1, 128, 512, 36, 1, 1}, {1, 1024, 256, 18, 1, 1}, {1, 256, 1024, 18, 1, 1}, {1, 256, 256, 36, 3, 2},
                {1, 2048, 512, 9, 1, 1}};
            for (int[] c : convs)
                for (int exact = c[4] == 3 && c[5] == 1 ? 0 : 1; exact < 2; exact++)
                    p.conv(exact == 1, c[0], 1, c[1], c[2], c[3], c[4], c[5]);
            p.conv(true, 1, 256, 256, 256, 32, 3, 1);
            p.conv(true, 1, 32, 256, 256, 32, 3, 1);
            p.run();
        }
    }

    private void gemm(int m, int n, int k) {
        String name = "gemm " + m + "x" + n + "x" + k;
        if (!name.contains(only)) return;
        Tensor b = random(k, n), packed = PackedB.pack(arena, b, 1, k, n, n, 1);
        add(name, new Gemm(m, n, k, false, false, new long[1], new int[1], 1, packed, Epilogue.NONE, -1, -1), Shape.of(m, n), random(m, k),
                b);
    }

    private void conv(boolean exact, int batch, int group, int c, int m, int size, int kernel, int stride) {
        String name = "conv " + kernel + "x" + kernel + "/" + stride + " " + batch + "x" + c + "->" + m + " " + size + "x" + size
                + (group > 1 ? " groups " + group : "");
        int pad = kernel / 2, out = (size + 2 * pad - kernel) / stride + 1;
        int[] one = {1, 1};
        ConvShape s = ConvShape.of(batch, group, c, m, new int[]{size, size}, new int[]{kernel, kernel}, new int[]{stride, stride}, one,
                new int[]{pad, pad}, new int[]{out, out});
        ConvAlgorithm a = ConvAlgorithm.of(s, exact);
        name += " " + a.name().toLowerCase(Locale.ROOT);
        if (!name.contains(only)) return;
        Tensor w = random(m, c / group, kernel, kernel);
        add(name, new Conv(s, a, Conv.pack(arena, w, s, a), Epilogue.NONE, true), Shape.of(batch, out, out, m),
                random(batch, size, size, c), w, random(m));
    }

    private void add(String name, Kernel k, Shape out, Tensor... in) {
        Tensor[] y = {Tensor.allocate(arena, DType.FLOAT32, out)};
        MemorySegment scratch = arena.allocate(Math.max(64, k.scratchBytes(workers.threads())), Tensor.ALIGNMENT);
        cases.add(new Case(name, k, in, y, scratch, new long[]{Long.MAX_VALUE}));
    }

    /** One thread is timed by the processor time it takes, which other programs on the machine disturb little. */
    private long clock() {
        return workers.threads() == 1 ? FmaPeak.cpuTime() : System.nanoTime();
    }

    private void run() {
        for (int turn = 0; turn < TURNS; turn++)
            for (Case c : cases) {
                long end = clock() + (long) (seconds * 1e9);
                for (long now = clock(); now < end;) {
                    long t = now;
                    c.kernel.run(c.in, c.out, c.scratch, workers);
                    now = clock();
                    c.best[0] = Math.min(c.best[0], now - t);
                }
            }
        for (Case c : cases) {
            double rate = (double) c.kernel.flops() / c.best[0];
            System.out.printf(Locale.ROOT, "%-40s %8.1f us %7.1f GFLOP/s %5.1f %%%n", c.name, c.best[0] / 1e3, rate, 100 * rate / peak);
        }
    }

    private Tensor random(long... dims) {
        Tensor t = Tensor.allocate(arena, DType.FLOAT32, Shape.of(dims));
        for (long i = 0; i < t.size(); i++)
            t.setFloat(i, (float) random.nextGaussian());
        return t;
    }
}
