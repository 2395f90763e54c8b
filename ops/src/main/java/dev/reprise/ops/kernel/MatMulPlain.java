package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Batched matrix products of row-major float64 (one fma a step, K ascending) and 32- and 64-bit integers (which wrap
 * around). Inputs 0 and 1, output 0; offsets as in {@link Gemm}.
 */
public record MatMulPlain(DType type, int m, int n, int k, long[] a, int[] b) implements Kernel {
    public static boolean supports(DType t) { return t == DType.FLOAT64 || t.isInteger() && t.bytes() >= 4; }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        multiply(in[0].data(), in[1].data(), out[0].data(), 0, workers);
    }

    /** The products, written from byte {@code cAt} of {@code c} on. */
    void multiply(MemorySegment am, MemorySegment bm, MemorySegment c, long cAt, Workers workers) {
        int bytes = type.bytes();
        workers.run((long) a.length * m, Math.max(1, 20_000 / Math.max(1, (long) n * k)), (begin, end, _) -> {
            for (long t = begin; t < end; t++) {
                int i = (int) (t / m);
                long aAt = (a[i] + t % m * k) * bytes, bAt = (long) b[i] * k * n * bytes, at = cAt + t * n * bytes;
                c.asSlice(at, (long) n * bytes).fill((byte) 0);
                switch (type) {
                    case FLOAT64 -> row64(am, aAt, bm, bAt, c, at);
                    case INT64, UINT64 -> rowLong(am, aAt, bm, bAt, c, at);
                    default -> rowInt(am, aAt, bm, bAt, c, at);
                }
            }
        });
    }

    private void row64(MemorySegment am, long aAt, MemorySegment bm, long bAt, MemorySegment c, long at) {
        for (int p = 0; p < k; p++) {
            double x = am.get(Tensor.F64, aAt + p * 8L);
            long o = bAt + (long) p * n * 8;
            for (int j = 0; j < n; j++)
                c.set(Tensor.F64, at + j * 8L, Math.fma(x, bm.get(Tensor.F64, o + j * 8L), c.get(Tensor.F64, at + j * 8L)));
        }
    }

    private void rowLong(MemorySegment am, long aAt, MemorySegment bm, long bAt, MemorySegment c, long at) {
        for (int p = 0; p < k; p++) {
            long x = am.get(Tensor.I64, aAt + p * 8L), o = bAt + (long) p * n * 8;
            for (int j = 0; j < n; j++)
                c.set(Tensor.I64, at + j * 8L, c.get(Tensor.I64, at + j * 8L) + x * bm.get(Tensor.I64, o + j * 8L));
        }
    }

    private void rowInt(MemorySegment am, long aAt, MemorySegment bm, long bAt, MemorySegment c, long at) {
        for (int p = 0; p < k; p++) {
            int x = am.get(Tensor.I32, aAt + p * 4L);
            long o = bAt + (long) p * n * 4;
            for (int j = 0; j < n; j++)
                c.set(Tensor.I32, at + j * 4L, c.get(Tensor.I32, at + j * 4L) + x * bm.get(Tensor.I32, o + j * 4L));
        }
    }

    @Override
    public long flops() { return 2L * m * n * k * a.length; }
}
