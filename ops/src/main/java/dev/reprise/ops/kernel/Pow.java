package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.tensor.Tensor.F32;

import dev.reprise.ops.math.Power;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * float32 to a power, by {@link Power}. Exponents of another type are rounded to floats first. A single exponent of 2, 3, ½, 1
 * or -1 for a whole row takes the loop of that function, with the same bits.
 *
 * @param inPlace the operand whose memory the result may take over, or -1
 */
public record Pow(Broadcast layout, int inPlace) implements Kernel {
    /** Elements that go through the loops at a time: their intermediate values stay in the first-level cache. */
    private static final int CHUNK = 512;
    private static final long GRAIN = 4096;
    /** As {@link Elements#FEW}, of a longer loop: 2048 powers were 1.3 ms and 2.7 MB of objects for hundreds of runs. */
    private static final long FEW = 8 * Elements.FEW;
    /** Bytes of a worker: what the loops need, and a chunk of each operand. */
    private static final long WORKER = CHUNK * (PowLoops.SCRATCH + 8L);

    @Override
    public boolean repeatable() { return true; }

    @Override
    public long scratchBytes(int threads) { return WORKER * threads; }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment memory, Workers workers) {
        long x = in[0].address(), o = out[0].address();
        Broadcast.Row[] rows = new Broadcast.Row[workers.threads()];
        Arrays.setAll(rows, w -> {
            long scratch = memory.address() + w * WORKER;
            if (out[0].size() <= FEW) return (ai, bi, _, oi, n) -> few(x + 4 * ai, in[1], bi, o + 4 * oi, n);
            return (ai, bi, _, oi, n) -> row(x + 4 * ai, in[1], bi, o + 4 * oi, n, scratch);
        });
        layout.run(workers, GRAIN, rows);
    }

    private void few(long x, Tensor exponents, long first, long out, int n) {
        for (int i = 0; i < n; i++)
            ALL.set(F32, out + 4L * i, Power.of(ALL.get(F32, layout.repeats(0) ? x : x + 4L * i),
                    (float) exponents.getDouble(layout.repeats(1) ? first : first + i)));
    }

    private void row(long x, Tensor exponents, long first, long out, int n, long scratch) {
        boolean one = layout.repeats(1) || n == 1;
        float y = one ? (float) exponents.getDouble(first) : 0f;
        Unary simple = y == 2f
                ? Unary.SQUARE
                : y == 3f
                        ? Unary.CUBE
                        : y == 0.5f
                                ? Unary.ROOT
                                : y == 1f
                                        ? Unary.COPY
                                        : y == -1f ? Unary.RECIPROCAL : null;
        if (simple != null && !layout.repeats(0)) {
            simple.apply(x, 0, out, 0, n, 0, 0);
            return;
        }
        long xs = scratch + CHUNK * (long) PowLoops.SCRATCH, ys = xs + 4L * CHUNK;
        if (layout.repeats(0)) fill(xs, Math.min(n, CHUNK), ALL.get(F32, x));
        if (one) fill(ys, Math.min(n, CHUNK), y);
        boolean plain = one && simple == null && y != 0f && Math.abs(y) < Float.POSITIVE_INFINITY;
        for (int i = 0; i < n; i += CHUNK) {
            int m = Math.min(CHUNK, n - i);
            boolean floats = exponents.dtype() == DType.FLOAT32;
            if (!one && !floats)
                for (int j = 0; j < m; j++)
                    ALL.set(F32, ys + 4L * j, (float) exponents.getDouble(first + i + j));
            long xm = layout.repeats(0) ? xs : x + 4L * i;
            if (plain) PowLoops.plain(xm, ys, out + 4L * i, m, scratch);
            else PowLoops.run(xm, one || !floats ? ys : exponents.address() + 4 * (first + i), out + 4L * i, m, scratch);
        }
    }

    private static void fill(long at, int n, float v) { for (int i = 0; i < n; i++)
        ALL.set(F32, at + 4L * i, v); }
}
