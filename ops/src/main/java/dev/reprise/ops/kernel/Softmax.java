package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.tensor.Tensor.F32;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.reprise.ops.math.FloatMath;
import dev.reprise.ops.math.VectorMath;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Softmax and LogSoftmax of float32 along one axis: {@code e^(x - max) / sum}, or {@code x - max - log(sum)}. The sum goes over the
 * axis in {@link Lanes} order, whether the axis is innermost (vectors along it) or not (vectors along what is within), and so
 * has the same bits.
 *
 * @param outer product of the dimensions before the axis
 * @param size  length of the axis
 * @param inner product of the dimensions after it
 */
public record Softmax(long outer, int size, int inner, boolean log) implements Kernel {
    private static final VectorSpecies<Float> S = VectorMath.SPECIES;
    private static final int L = S.length();
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    /** Columns done together where the axis is not innermost. */
    private static final int WIDE = 64;
    private static final long WORKER = 4L * WIDE * (Lanes.COUNT + 1);

    @Override
    public boolean repeatable() { return true; }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment memory, Workers workers) {
        long scratch = memory.address();
        long x = in[0].address(), y = out[0].address();
        if (inner == 1) {
            workers.run(outer, 1 + 2048 / Math.max(size, 1), (begin, end, w) -> {
                for (long r = begin; r < end; r++)
                    row(x, y, 4 * r * size, scratch, WORKER * w);
            });
            return;
        }
        int blocks = (inner + WIDE - 1) / WIDE;
        workers.run(outer * blocks, 1 + 2048 / Math.max(size * Math.min(inner, WIDE), 1), (begin, end, w) -> {
            for (long i = begin; i < end; i++) {
                int c = (int) (i % blocks) * WIDE;
                block(x, y, 4 * (i / blocks * size * inner + c), Math.min(WIDE, inner - c), scratch, WORKER * w);
            }
        });
    }

    private void row(long x, long y, long at, long scratch, long lanes) {
        float max = max(x + at, size);
        int bulk = size & -Lanes.COUNT;
        for (int b = 0; b < Lanes.COUNT; b += L)
            if (log) sums(x, at, bulk, b, max, scratch, lanes);
            else exponentials(x, y, at, bulk, b, max, scratch, lanes);
        for (int i = bulk; i < size; i++) {
            float e = FloatMath.expNonPositive(ALL.get(F32, x + at + 4L * i) - max);
            if (!log) ALL.set(F32, y + at + 4L * i, e);
            Lanes.add(scratch, lanes, i, e);
        }
        float sum = Lanes.sum(scratch, lanes);
        if (log) shift(x, y, at, size, max, FloatMath.log(sum));
        else scale(y, at, size, 1f / sum);
    }

    /** The largest of n numbers; NaNs do not count, and whether a zero has a sign is open. -∞ where there is none. */
    static float max(long at, int n) {
        float max = Float.NEGATIVE_INFINITY;
        int i = 0;
        if (n >= 2 * L) {
            // Compared and blended: FloatVector.max orders NaNs and zeros too, and is six instructions.
            FloatVector a = FloatVector.broadcast(S, max), b = a;
            for (; i <= n - 2 * L; i += 2 * L) {
                FloatVector x = fromMemorySegment(S, ALL, at + 4L * i, LE), y = fromMemorySegment(S, ALL, at + 4L * (i + L), LE);
                a = x.blend(a, x.compare(VectorOperators.GT, a).not());
                b = y.blend(b, y.compare(VectorOperators.GT, b).not());
            }
            max = FloatVector.broadcast(S, max).max(a).max(b).reduceLanes(VectorOperators.MAX);
        }
        for (; i < n; i++) {
            float x = ALL.get(F32, at + 4L * i);
            max = x > max ? x : max;
        }
        return max;
    }

    /** Lanes b to b + L of the whole groups of 16: stores e^(x - max) and its lane sums. */
    private static void exponentials(long x, long y, long at, int bulk, int b, float max, long scratch,
            long lanes) {
        FloatVector m = FloatVector.broadcast(S, max), sum = FloatVector.zero(S);
        for (int i = b; i < bulk; i += Lanes.COUNT) {
            FloatVector e = VectorMath.expNonPositive(fromMemorySegment(S, ALL, x + at + 4L * i, LE).sub(m));
            e.intoMemorySegment(ALL, y + at + 4L * i, LE);
            sum = e.add(sum);
        }
        sum.intoMemorySegment(ALL, scratch + lanes + 4L * b, LE);
    }

    private static void sums(long x, long at, int bulk, int b, float max, long scratch, long lanes) {
        FloatVector m = FloatVector.broadcast(S, max), sum = FloatVector.zero(S);
        for (int i = b; i < bulk; i += Lanes.COUNT)
            sum = VectorMath.expNonPositive(fromMemorySegment(S, ALL, x + at + 4L * i, LE).sub(m)).add(sum);
        sum.intoMemorySegment(ALL, scratch + lanes + 4L * b, LE);
    }

    private static void scale(long y, long at, int n, float factor) {
        int i = 0;
        for (; i <= n - L; i += L)
            fromMemorySegment(S, ALL, y + at + 4L * i, LE).mul(factor).intoMemorySegment(ALL, y + at + 4L * i, LE);
        for (; i < n; i++)
            ALL.set(F32, y + at + 4L * i, ALL.get(F32, y + at + 4L * i) * factor);
    }

    private static void shift(long x, long y, long at, int n, float max, float logSum) {
        int i = 0;
        for (; i <= n - L; i += L)
            fromMemorySegment(S, ALL, x + at + 4L * i, LE).sub(max).sub(logSum).intoMemorySegment(ALL, y + at + 4L * i, LE);
        for (; i < n; i++)
            ALL.set(F32, y + at + 4L * i, ALL.get(F32, x + at + 4L * i) - max - logSum);
    }

    /** n columns whose elements lie a row of {@code inner} floats apart. Scratch: 16 rows of lanes and one of maxima. */
    private void block(long x, long y, long at, int n, long scratch, long lanes) {
        long max = lanes + 4L * WIDE * Lanes.COUNT, stride = 4L * inner;
        Memory.copy(x + at, scratch + max, 4L * n);
        for (int a = 1; a < size; a++)
            maximum(x, at + a * stride, n, scratch, max);
        Memory.zero(scratch + lanes, 4L * WIDE * Lanes.COUNT);
        for (int a = 0; a < size; a++)
            exponentials(x, y, at + a * stride, n, scratch, max, lanes + 4L * WIDE * (a & Lanes.COUNT - 1));
        for (int w = Lanes.COUNT / 2; w > 0; w >>= 1)
            for (int l = 0; l < w; l++)
                BinaryLoops.addVV(scratch, lanes / 4 + (long) WIDE * l, scratch, lanes / 4 + (long) WIDE * (l + w), scratch,
                        lanes / 4 + (long) WIDE * l, n);
        if (log) Unary.LOG.apply(scratch, lanes, scratch, lanes, n, 0, 0);
        else Unary.RECIPROCAL.apply(scratch, lanes, scratch, lanes, n, 0, 0);
        for (int a = 0; a < size; a++) {
            long i = at + a * stride >> 2;
            if (log) {
                BinaryLoops.subVV(x, i, scratch, max >> 2, y, i, n);
                BinaryLoops.subVV(y, i, scratch, lanes >> 2, y, i, n);
            } else BinaryLoops.mulVV(y, i, scratch, lanes >> 2, y, i, n);
        }
    }

    private static void maximum(long x, long at, int n, long scratch, long max) {
        BinaryLoops.maxVV(scratch, max >> 2, x, at >> 2, scratch, max >> 2, n);
    }

    private void exponentials(long x, long y, long at, int n, long scratch, long max, long lane) {
        int i = 0;
        for (; i <= n - L; i += L) {
            FloatVector e = VectorMath.expNonPositive(
                    fromMemorySegment(S, ALL, x + at + 4L * i, LE).sub(fromMemorySegment(S, ALL, scratch + max + 4L * i, LE)));
            if (!log) e.intoMemorySegment(ALL, y + at + 4L * i, LE);
            fromMemorySegment(S, ALL, scratch + lane + 4L * i, LE).add(e).intoMemorySegment(ALL, scratch + lane + 4L * i, LE);
        }
        for (; i < n; i++) {
            float e = FloatMath.expNonPositive(ALL.get(F32, x + at + 4L * i) - ALL.get(F32, scratch + max + 4L * i));
            if (!log) ALL.set(F32, y + at + 4L * i, e);
            ALL.set(F32, scratch + lane + 4L * i, ALL.get(F32, scratch + lane + 4L * i) + e);
        }
    }

    @Override
    public long scratchBytes(int threads) { return WORKER * threads; }

    @Override
    public int inPlace() { return 0; }
}
