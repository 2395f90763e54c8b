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
    /** Bytes that a worker needs: a vector a lane. */
    private static final long SCRATCH = LANES * 4L * Math.max(LANES, L);

    @Override
    public boolean repeatable() { return true; }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment memory, Workers workers) {
        long scratch = memory.address();
        long x = in[0].address(), y = out[0].address();
        if (inner == 1) {
            workers.run(planes, Math.max(1, 16384 / Math.max(pixels, 1)), (begin, end, worker) -> {
                long lanes = scratch + worker * SCRATCH;
                for (long p = begin; p < end; p++)
                    ALL.set(F32, y + (p << 2),
                            average ? averagePlane(x, p * pixels << 2, pixels, lanes) : maxPlane(x, p * pixels << 2, pixels));
            });
        } else {
            // Channels are split in blocks of one vector, so that one image keeps all workers busy.
            long blocks = (inner + L - 1) / L;
            workers.run(planes * blocks, Math.max(1, 16384 / Math.max(pixels * L, 1)), (begin, end, worker) -> {
                for (long b = begin; b < end; b++) {
                    long plane = b / blocks, from = plane * pixels * inner << 2, to = plane * inner << 2;
                    int k = (int) (b % blocks) * L;
                    long offset = (long) k << 2;
                    if (k + L > inner) tail(x, from, y, to, k);
                    else if (average) averageBlock(x, from + offset, y, to + offset, pixels, inner, scratch + worker * SCRATCH);
                    else maxBlock(x, from + offset, y, to + offset, pixels, inner);
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

    /**
     * The same lanes and the same tree for a vector of channels. The sums wait in memory, not in what a method returns: that
     * is an object wherever the JIT compiler does not inline the method.
     */
    private static void averageBlock(long x, long from, long y, long to, long pixels, int channels, long lanes) {
        long pixel = (long) channels << 2, vector = (long) L << 2;
        for (int lane = 0; lane < LANES; lane++) {
            FloatVector sum = FloatVector.zero(V);
            for (long i = lane; i < pixels; i += LANES)
                sum = FloatVector.fromMemorySegment(V, ALL, x + from + i * pixel, ByteOrder.LITTLE_ENDIAN).add(sum);
            sum.intoMemorySegment(ALL, lanes + lane * vector, ByteOrder.LITTLE_ENDIAN);
        }
        for (int half = LANES / 2; half > 0; half >>= 1)
            for (int lane = 0; lane < half; lane++)
                FloatVector.fromMemorySegment(V, ALL, lanes + lane * vector, ByteOrder.LITTLE_ENDIAN)
                        .add(FloatVector.fromMemorySegment(V, ALL, lanes + (lane + half) * vector, ByteOrder.LITTLE_ENDIAN))
                        .intoMemorySegment(ALL, lanes + lane * vector, ByteOrder.LITTLE_ENDIAN);
        FloatVector.fromMemorySegment(V, ALL, lanes, ByteOrder.LITTLE_ENDIAN).div(pixels)
                .intoMemorySegment(ALL, y + to, ByteOrder.LITTLE_ENDIAN);
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
    public long scratchBytes(int threads) { return average ? threads * SCRATCH : 0; }

    @Override
    public long flops() { return planes * pixels * inner; }
}
