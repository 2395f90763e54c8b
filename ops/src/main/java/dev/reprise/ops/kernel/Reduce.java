package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.tensor.Tensor.F32;

import dev.reprise.ops.math.FloatMath;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * A float32 reduction over any axes. The values of an output, in row-major order of the reduced axes, go to 16 lanes that are
 * merged in a tree ({@link Lanes}), so that an output has the same bits wherever the reduced axes lie in memory. A reduction
 * of no values gives what its step begins with: 0, 1 for a product, infinities for MAX and MIN, NaN for MEAN.
 */
public record Reduce(Of of, ReducedAxes axes) implements Kernel {
    /** What is computed of the values of an output. */
    public enum Of {
        SUM(ReduceStep.ADD), MEAN(ReduceStep.ADD), L1(ReduceStep.ABS), L2(ReduceStep.SQUARE), SUM_SQUARE(ReduceStep.SQUARE), LOG_SUM(
                ReduceStep.ADD), LOG_SUM_EXP(ReduceStep.EXP), MAX(ReduceStep.MAX), MIN(ReduceStep.MIN), PROD(ReduceStep.MUL);

        final ReduceStep step;

        Of(ReduceStep step) { this.step = step; }

        /** True where one value is its own reduction. */
        public boolean keepsOne() {
            return this == SUM || this == MEAN || this == MAX || this == MIN || this == PROD;
        }
    }

    /** Outputs done together where vectors hold outputs. */
    private static final int WIDE = 128;
    /** Of a worker: 16 rows of lanes and one of shifts. */
    private static final long WORKER = 4L * WIDE * (Lanes.COUNT + 1);
    /** Values taken in one call: a multiple of 16 that an int counts. */
    private static final int CHUNK = 1 << 20;
    /** A worker takes at least so many values: some 2 us. */
    private static final long GRAIN = 8192;

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment memory, Workers workers) {
        long scratch = memory.address();
        long x = in[0].address(), y = out[0].address();
        if (axes.alongMemory()) {
            workers.run(axes.outputs(), 1 + GRAIN / Math.max(axes.count(), 1), (begin, end, w) -> {
                for (long o = begin; o < end; o++)
                    ALL.set(F32, y + (o << 2), one(x, axes.first(o) << 2, scratch, WORKER * w));
            });
            return;
        }
        long columns = axes.columns(), blocks = (columns + WIDE - 1) / WIDE, outer = columns == 0 ? 0 : axes.outputs() / columns;
        workers.run(outer * blocks, 1 + GRAIN / Math.max(axes.count() * Math.min(columns, WIDE), 1), (begin, end, w) -> {
            for (long i = begin; i < end; i++) {
                long o = i / blocks * columns + i % blocks * WIDE;
                block(x, axes.first(o) << 2, (int) Math.min(WIDE, columns - i % blocks * WIDE), y, o << 2, scratch, WORKER * w);
            }
        });
    }

    private float one(long x, long at, long s, long lb) {
        float shift = of.step == ReduceStep.EXP ? along(ReduceStep.MAX, x, at, s, lb, 0) : 0;
        return finish(along(of.step, x, at, s, lb, shift), shift);
    }

    private float along(ReduceStep step, long x, long at, long s, long lb, float shift) {
        for (int l = 0; l < Lanes.COUNT; l++)
            ALL.set(F32, s + lb + 4L * l, (float) step.identity);
        long run = axes.run(), rows = run == 0 ? 0 : axes.count() / run;
        for (long r = 0; r < rows; r++) {
            long from = at + (axes.runAt(r) << 2);
            for (long i = 0; i < run; i += CHUNK)
                chunk(step, x, from + (i << 2), (int) Math.min(CHUNK, run - i), (int) (r * run + i & Lanes.COUNT - 1), s, lb, shift);
        }
        ReduceStep merge = step.merge();
        for (int w = Lanes.COUNT / 2; w > 0; w >>= 1)
            for (int l = 0; l < w; l++)
                take(merge, s, lb, l, ALL.get(F32, s + lb + 4L * (l + w)), 0);
        return ALL.get(F32, s + lb);
    }

    /** n neighbours of which the first goes to lane {@code lane}: one by one up to a whole group of 16, and after the last. */
    private void chunk(ReduceStep step, long x, long at, int n, int lane, long s, long lb, float shift) {
        int head = Math.min(n, Lanes.COUNT - lane & Lanes.COUNT - 1), bulk = few() ? 0 : n - head & -Lanes.COUNT;
        for (int i = 0; i < head; i++)
            take(step, s, lb, lane + i, ALL.get(F32, x + at + 4L * i), shift);
        if (bulk > 0) ReduceLoops.along(step, x, at + 4L * head, bulk, s, lb, shift);
        for (int i = head + bulk; i < n; i++)
            take(step, s, lb, i - head & Lanes.COUNT - 1, ALL.get(F32, x + at + 4L * i), shift);
    }

    private boolean few() { return axes.outputs() * axes.count() <= Elements.FEW; }

    private static void take(ReduceStep step, long s, long lb, int lane, float v, float shift) {
        ALL.set(F32, s + lb + 4L * lane, step.take(ALL.get(F32, s + lb + 4L * lane), v, shift));
    }

    /** n outputs whose first values are neighbours. */
    private void block(long x, long at, int n, long y, long yb, long s, long lb) {
        long shifts = lb + 4L * WIDE * Lanes.COUNT;
        if (of.step == ReduceStep.EXP) {
            across(ReduceStep.MAX, x, at, n, s, lb, 0);
            Memory.copy(s + lb, s + shifts, 4L * n);
        }
        across(of.step, x, at, n, s, lb, shifts);
        for (int j = 0; j < n; j++)
            ALL.set(F32, y + yb + 4L * j, finish(ALL.get(F32, s + lb + 4L * j), ALL.get(F32, s + shifts + 4L * j)));
    }

    private void across(ReduceStep step, long x, long at, int n, long s, long lb, long shifts) {
        for (int i = 0; i < WIDE * Lanes.COUNT; i++)
            ALL.set(F32, s + lb + 4L * i, (float) step.identity);
        long run = axes.run(), rows = run == 0 ? 0 : axes.count() / run, pitch = axes.step() << 2;
        for (long r = 0; r < rows; r++) {
            long from = at + (axes.runAt(r) << 2);
            for (long i = 0; i < run; i++)
                ReduceLoops.across(step, x, from + i * pitch, n, s, lb + 4L * WIDE * (r * run + i & Lanes.COUNT - 1), shifts);
        }
        ReduceStep merge = step.merge();
        for (int w = Lanes.COUNT / 2; w > 0; w >>= 1)
            for (int l = 0; l < w; l++)
                ReduceLoops.across(merge, s, lb + 4L * WIDE * (l + w), n, s, lb + 4L * WIDE * l, 0);
    }

    private float finish(float v, float shift) {
        return switch (of) {
            case MEAN -> v / axes.count();
            case L2 -> (float) Math.sqrt(v);
            case LOG_SUM -> FloatMath.log(v);
            // An infinite or NaN maximum is the result: e^(x - max) would have no meaning.
            case LOG_SUM_EXP -> Float.isFinite(shift) ? shift + FloatMath.log(v) : shift;
            default -> v;
        };
    }

    @Override
    public long scratchBytes(int threads) { return WORKER * threads; }

    @Override
    public long flops() { return axes.outputs() * axes.count(); }
}
