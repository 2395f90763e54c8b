package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * alpha * A' B' + beta * C for float64 and integers (inputs 0, 1, 2). Integers are computed exactly where both factors are
 * whole numbers, and otherwise through double, truncated toward zero.
 *
 * @param add       C takes part
 * @param rowStride elements of C from one row of the result to the next, 0 where it broadcasts
 */
public record GemmPlain(DType type, int m, int n, int k, boolean transA, boolean transB, float alpha, float beta, boolean add,
        long rowStride,
        long colStride) implements Kernel {
    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        long ar = transA ? 1 : k, ac = transA ? m : 1, br = transB ? 1 : n, bc = transB ? k : 1;
        boolean real = type.isFloat(), whole = alpha == Math.rint(alpha) && beta == Math.rint(beta);
        workers.run(m, Math.max(1, 5_000 / Math.max(1, (long) n * k)), (begin, end, _) -> {
            for (long i = begin; i < end; i++)
                for (int j = 0; j < n; j++) {
                    long at = i * n + j, cAt = i * rowStride + j * colStride;
                    if (real) {
                        double s = 0;
                        for (int p = 0; p < k; p++)
                            s = Math.fma(in[0].getDouble(i * ar + p * ac), in[1].getDouble(p * br + j * bc), s);
                        out[0].setDouble(at, add ? alpha * s + beta * in[2].getDouble(cAt) : alpha * s);
                    } else {
                        long s = 0;
                        for (int p = 0; p < k; p++)
                            s += in[0].getLong(i * ar + p * ac) * in[1].getLong(p * br + j * bc);
                        long addend = add ? in[2].getLong(cAt) : 0;
                        out[0].setLong(at,
                                whole ? (long) alpha * s + (long) beta * addend : (long) (alpha * (double) s + beta * (double) addend));
                    }
                }
        });
    }

    @Override
    public long flops() { return 2L * m * n * k; }
}
