package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.lines;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * A {@link Gemm} whose residual (input 2) must first be multiplied by {@code beta} and broadcast: element [i][j] is element
 * {@code i * rowStride + j * colStride} of the input.
 */
public record GemmAddend(Gemm gemm, float beta, long rowStride, long colStride) implements Kernel {
    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        long at = lines(gemm.scratchBytes(workers.threads()));
        int m = gemm.m(), n = gemm.n();
        Tensor c = in[2], whole = new Tensor(DType.FLOAT32, Shape.of(m, n), scratch.asSlice(at, 4L * m * n));
        for (long i = 0; i < m; i++)
            for (long j = 0; j < n; j++)
                whole.setFloat(i * n + j, beta * c.getFloat(i * rowStride + j * colStride));
        gemm.run(new Tensor[]{in[0], in[1], whole}, out, scratch.asSlice(0, at), workers);
    }

    @Override
    public long scratchBytes(int threads) { return lines(gemm.scratchBytes(threads)) + 4L * gemm.m() * gemm.n(); }

    @Override
    public long flops() { return gemm.flops(); }
}
