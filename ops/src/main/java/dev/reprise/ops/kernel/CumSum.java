package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Running sums along an axis, each element added to the sum before it; integers wrap. Input 0 is seen as (outer, n, inner).
 *
 * @param exclusive an element is not part of its own sum: the first sum is 0
 * @param reverse   from the end of the axis to its beginning
 */
public record CumSum(long outer, long n, long inner, boolean exclusive, boolean reverse) implements Kernel {
    private static final long WIDE = 256;

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        if (n == 0 || inner == 0) return;
        long blocks = (inner + WIDE - 1) / WIDE;
        workers.run(outer * blocks, 1 + 4096 / (n * Math.min(inner, WIDE)), (begin, end, _) -> {
            for (long i = begin; i < end; i++) {
                long c = i % blocks * WIDE, at = i / blocks * n * inner + (reverse ? (n - 1) * inner : 0) + c;
                block(in[0], out[0], at, reverse ? -inner : inner, (int) Math.min(WIDE, inner - c));
            }
        });
    }

    /** Of {@code columns} neighbouring columns, from row {@code at} on. */
    private void block(Tensor x, Tensor y, long at, long step, int columns) {
        int bytes = x.dtype().bytes();
        if (exclusive) Elements.fill(y.data(), at * bytes, columns, bytes, 0);
        else MemorySegment.copy(x.data(), at * bytes, y.data(), at * bytes, (long) columns * bytes);
        for (long i = 1; i < n; i++) {
            long to = at + i * step;
            add(x, exclusive ? to - step : to, y, to - step, to, columns);
        }
    }

    private static void add(Tensor x, long from, Tensor y, long before, long to, int columns) {
        if (x.dtype() == DType.FLOAT32) BinaryLoops.addVV(y.address(), before, x.address(), from, y.address(), to, columns);
        else
            if (x.dtype() == DType.FLOAT64)
                for (int j = 0; j < columns; j++)
                    y.setDouble(to + j, y.getDouble(before + j) + x.getDouble(from + j));
            else
                for (int j = 0; j < columns; j++)
                    y.setLong(to + j, y.getLong(before + j) + x.getLong(from + j));
    }
}
