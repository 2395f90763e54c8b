package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** The upper or lower triangle of matrices (…, rows, columns), zeros elsewhere. Input 1, where given, is the diagonal k. */
public record Trilu(long rows, long columns, boolean upper) implements Kernel {
    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        MemorySegment from = in[0].data(), to = out[0].data();
        int bytes = in[0].dtype().bytes();
        long k = in.length > 1 && in[1] != null ? in[1].getLong(0) : 0;
        if (columns == 0) return;
        workers.run(in[0].size() / columns, Math.max(1, Elements.GRAIN_BYTES / (columns * bytes)), (begin, end, _) -> {
            for (long r = begin; r < end; r++) {
                // Columns [0, cut) are below the diagonal (or on it, for the lower triangle).
                long i = r % rows, row = r * columns * bytes;
                long cut = Math.clamp(saturatedAdd(i, k, upper ? 0 : 1), 0, columns) * bytes, rest = columns * bytes - cut;
                if (upper) {
                    Elements.fill(to, row, cut, 1, 0);
                    MemorySegment.copy(from, row + cut, to, row + cut, rest);
                } else {
                    MemorySegment.copy(from, row, to, row, cut);
                    Elements.fill(to, row + cut, rest, 1, 0);
                }
            }
        });
    }

    private static long saturatedAdd(long i, long k, long one) { return k > Long.MAX_VALUE - i - one ? Long.MAX_VALUE : i + k + one; }
}
