package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.tensor.Tensor.F32;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * float32 average and maximum of whole planes. The average adds pixel i to virtual lane i mod 16 and the lanes by a
 * fixed tree, in channels-first (planes = N·C, inner = 1) and channels-last layout (planes = N, inner = C) alike: the
 * same bits.
 */
public record GlobalPool(boolean average, long planes, long pixels, int inner) implements Kernel {
    private static final VectorSpecies<Float> V = FloatVector.SPECIES_PREFERRED;
    private static final int L = V.length();
    private static final int LANES = 16;

    @Override
    public boolean repeatable() { return true; }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment memory, Workers workers) {
        long scratch = memory.address();
        long x = in[0].address(), y = out[0].address();
        if (inner == 1) {
            workers.run(planes, Math.max(1, 16384 / Math.max(pixels, 1)), (begin, end, worker) -> {
                long lanes = scratch + worker * 64L;
                for (long p = begin; p < end; p++)
                    ALL.set(F32, y + (p << 2),
                            average ? averagePlane(x, p * pixels << 2, pixels, lanes) : maxPlane(x, p * pixels << 2, pixels));
            });
        } else {
            // Channels are split in blocks of one vector, so that one image keeps all workers busy.
            long blocks = (inner + L - 1) / L;
            workers.run(planes * blocks, Math.max(1, 16384 / Math.max(pixels * L, 1)), (begin, end, _) -> {
                for (long b = begin; b < end; b++) {
                    long plane = b / blocks, from = plane * pixels * inner << 2, to = plane * inner << 2;
                    int k = (int) (b % blocks) * L;
                    if (k + L > inner) tail(x, from, y, to, k);
                    else if (average) averageBlock(x, from + ((long) k << 2), y, to + ((long) k << 2), pixels, inner);
                    else maxBlock(x, from + ((long) k << 2), y, to + ((long) k << 2), pixels, inner);
                }
            });
        }
    }

    /** Lanes narrower than 16 make several passes over the plane, each for its own virtual lanes. */
    private static float averagePlane(long x, long from, long pixels, long lanes) {
        long whole = pixels / LANES * LANES;
        for (int lane = 0; lane < LANES; lane += L) {
            FloatVector sum = FloatVector.zero(V);
            for (long i = lane; i < whole; i += LANES)
                sum = FloatVector.fromMemorySegment(V, ALL, x + from + (i << 2), ByteOrder.LITTLE_ENDIAN).add(sum);
            sum.intoMemorySegment(ALL, lanes + ((long) lane << 2), ByteOrder.LITTLE_ENDIAN);
        }
        for (long i = whole; i < pixels; i++) {
            long lane = i - whole << 2;
            ALL.set(F32, lanes + lane, ALL.get(F32, lanes + lane) + ALL.get(F32, x + from + (i << 2)));
        }
        for (int half = 8; half > 0; half >>= 1)
            for (int j = 0; j < half; j++)
                ALL.set(F32, lanes + ((long) j << 2),
                        ALL.get(F32, lanes + ((long) j << 2)) + ALL.get(F32, lanes + ((long) (j + half) << 2)));
        return ALL.get(F32, lanes) / pixels;
    }

    private static float maxPlane(long x, long from, long pixels) {
        FloatVector max = FloatVector.broadcast(V, Float.NEGATIVE_INFINITY);
        long i = 0;
        for (; i <= pixels - L; i += L)
            max = FloatVector.fromMemorySegment(V, ALL, x + from + (i << 2), ByteOrder.LITTLE_ENDIAN).max(max);
        float m = Float.NEGATIVE_INFINITY;
        for (int j = 0; j < L; j++)
            m = Math.max(m, max.lane(j));
        for (; i < pixels; i++)
            m = Math.max(m, ALL.get(F32, x + from + (i << 2)));
        return m;
    }

    /** The tree over lanes as a recursion over pixels: lane j of the tree's level is a sum over pixels j mod stride. */
    private static void averageBlock(long x, long from, long y, long to, long pixels, int channels) {
        long pixel = (long) channels << 2;
        FloatVector sum = pair(x, from, pixels, pixel, 0).add(pair(x, from, pixels, pixel, 1));
        sum.div(pixels).intoMemorySegment(ALL, y + to, ByteOrder.LITTLE_ENDIAN);
    }

    private static FloatVector pair(long x, long from, long pixels, long pixel, int j) {
        FloatVector a0 = lane(x, from, pixels, pixel, j), a8 = lane(x, from, pixels, pixel, j + 8);
        FloatVector a4 = lane(x, from, pixels, pixel, j + 4), a12 = lane(x, from, pixels, pixel, j + 12);
        FloatVector a2 = lane(x, from, pixels, pixel, j + 2), a10 = lane(x, from, pixels, pixel, j + 10);
        FloatVector a6 = lane(x, from, pixels, pixel, j + 6), a14 = lane(x, from, pixels, pixel, j + 14);
        return a0.add(a8).add(a4.add(a12)).add(a2.add(a10).add(a6.add(a14)));
    }

    private static FloatVector lane(long x, long from, long pixels, long pixel, int j) {
        FloatVector sum = FloatVector.zero(V);
        for (long i = j; i < pixels; i += LANES)
            sum = FloatVector.fromMemorySegment(V, ALL, x + from + i * pixel, ByteOrder.LITTLE_ENDIAN).add(sum);
        return sum;
    }

    private static void maxBlock(long x, long from, long y, long to, long pixels, int channels) {
        FloatVector max = FloatVector.broadcast(V, Float.NEGATIVE_INFINITY);
        for (long i = 0; i < pixels; i++, from += (long) channels << 2)
            max = FloatVector.fromMemorySegment(V, ALL, x + from, ByteOrder.LITTLE_ENDIAN).max(max);
        max.intoMemorySegment(ALL, y + to, ByteOrder.LITTLE_ENDIAN);
    }

    private void tail(long x, long from, long y, long to, int k) {
        for (; k < inner; k++) {
            long at = from + ((long) k << 2);
            float r = average ? tree(x, at, 1, 0) / pixels : Float.NEGATIVE_INFINITY;
            if (!average)
                for (long i = 0; i < pixels; i++)
                    r = Math.max(r, ALL.get(F32, x + at + (i * inner << 2)));
            ALL.set(F32, y + to + ((long) k << 2), r);
        }
    }

    /** Sum of the pixels that are j modulo {@code stride}, by the tree. */
    private float tree(long x, long at, int stride, int j) {
        if (stride < LANES) return tree(x, at, stride * 2, j) + tree(x, at, stride * 2, j + stride);
        float sum = 0;
        for (long i = j; i < pixels; i += LANES)
            sum += ALL.get(F32, x + at + (i * inner << 2));
        return sum;
    }

    @Override
    public long scratchBytes(int threads) { return inner == 1 ? threads * 64L : 0; }

    @Override
    public long flops() { return planes * pixels * inner; }
}
