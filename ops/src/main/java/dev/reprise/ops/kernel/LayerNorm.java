package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.tensor.Tensor.F32;
import static dev.reprise.ops.tensor.Tensor.F64;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.reprise.ops.math.VectorMath;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Layer normalization of float32: rows of mean 0 and variance 1 (or, {@code centered} false, of mean square 1: RMS
 * normalization), times a scale, plus a bias. Inputs x, scale, bias (may be absent, alone or both); outputs y, and where they are asked for
 * the mean and the inverse deviation of each row. Sums as {@link Moments} says.
 *
 * @param rows product of the dimensions before the normalized ones
 * @param size product of the normalized dimensions
 */
public record LayerNorm(long rows, int size, float epsilon, boolean centered) implements Kernel {
    private static final VectorSpecies<Float> S = VectorMath.SPECIES;
    private static final int L = S.length();
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final long WORKER = 8L * 2 * Moments.LANES + 64;

    @Override
    public boolean repeatable() { return true; }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment memory, Workers workers) {
        long scratch = memory.address();
        long x = in[0].address(), y = out[0].address(), scale = in.length > 1 && in[1] != null ? in[1].address() : 0,
                bias = in.length > 2 && in[2] != null ? in[2].address() : 0;
        Tensor means = out.length > 1 ? out[1] : null, inverses = out.length > 2 ? out[2] : null;
        workers.run(rows, 1 + 8192 / Math.max(size, 1), (begin, end, w) -> {
            long lanes = WORKER * w, sums = lanes + WORKER - 64;
            for (long r = begin; r < end; r++) {
                long at = 4 * r * size;
                Moments.contiguous(x, at, size, scratch, lanes, scratch, sums);
                double mean = centered ? ALL.get(F64, scratch + sums) / size : 0;
                double variance = Math.max(ALL.get(F64, scratch + sums + 8) / size - mean * mean, 0);
                float inverse = (float) (1 / Math.sqrt(variance + epsilon)), high = (float) mean, rest = (float) (mean - high);
                if (scale == 0) row(x, y, at, high, rest, inverse);
                else if (bias == 0) row(x, y, at, high, rest, inverse, scale);
                else row(x, y, at, high, rest, inverse, scale, bias);
                if (means != null) means.setFloat(r, high);
                if (inverses != null) inverses.setFloat(r, inverse);
            }
        });
    }

    private void row(long x, long y, long at, float mean, float rest, float inverse) {
        FloatVector m = FloatVector.broadcast(S, mean), r = FloatVector.broadcast(S, rest), a = FloatVector.broadcast(S, inverse);
        int i = 0;
        for (; i <= size - L; i += L)
            fromMemorySegment(S, ALL, x + at + 4L * i, LE).sub(m).sub(r).mul(a).intoMemorySegment(ALL, y + at + 4L * i, LE);
        for (; i < size; i++)
            ALL.set(F32, y + at + 4L * i, (ALL.get(F32, x + at + 4L * i) - mean - rest) * inverse);
    }

    private void row(long x, long y, long at, float mean, float rest, float inverse, long scale) {
        FloatVector m = FloatVector.broadcast(S, mean), r = FloatVector.broadcast(S, rest), a = FloatVector.broadcast(S, inverse);
        int i = 0;
        for (; i <= size - L; i += L)
            fromMemorySegment(S, ALL, x + at + 4L * i, LE).sub(m).sub(r).mul(a).mul(fromMemorySegment(S, ALL, scale + 4L * i, LE))
                    .intoMemorySegment(ALL, y + at + 4L * i, LE);
        for (; i < size; i++)
            ALL.set(F32, y + at + 4L * i, (ALL.get(F32, x + at + 4L * i) - mean - rest) * inverse * ALL.get(F32, scale + 4L * i));
    }

    private void row(long x, long y, long at, float mean, float rest, float inverse, long scale,
            long bias) {
        FloatVector m = FloatVector.broadcast(S, mean), r = FloatVector.broadcast(S, rest), a = FloatVector.broadcast(S, inverse);
        int i = 0;
        for (; i <= size - L; i += L)
            fromMemorySegment(S, ALL, x + at + 4L * i, LE).sub(m).sub(r).mul(a)
                    .fma(fromMemorySegment(S, ALL, scale + 4L * i, LE), fromMemorySegment(S, ALL, bias + 4L * i, LE)).intoMemorySegment(ALL,
                            y + at + 4L * i, LE);
        for (; i < size; i++)
            ALL.set(F32, y + at + 4L * i, Math.fma((ALL.get(F32, x + at + 4L * i) - mean - rest) * inverse, ALL.get(F32, scale + 4L * i),
                    ALL.get(F32, bias + 4L * i)));
    }

    @Override
    public long scratchBytes(int threads) { return WORKER * threads; }

    @Override
    public int inPlace() { return 0; }
}
