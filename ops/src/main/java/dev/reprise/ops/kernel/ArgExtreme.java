package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * The position (int64) of the largest or smallest element along an axis, of any numeric type. A NaN is more extreme than every
 * number, as NumPy has it. Input 0 is seen as (outer, n, inner).
 *
 * @param last among equals the last position, not the first
 */
public record ArgExtreme(long outer, long n, long inner, boolean largest, boolean last) implements Kernel {
    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        Tensor x = in[0], y = out[0];
        workers.run(outer * inner, 1 + 4096 / n, (begin, end, _) -> {
            for (long o = begin; o < end; o++)
                y.setLong(o, position(x, o / inner * n * inner + o % inner));
        });
    }

    private long position(Tensor x, long at) {
        boolean floats = x.dtype().isFloat();
        long best = 0, found = 0;
        for (long i = 0; i < n; i++) {
            long key = Order.key(x, at + i * inner);
            if (!largest) key = floats && Double.isNaN(x.getDouble(at + i * inner)) ? Long.MAX_VALUE : ~key;
            if (i > 0 && (last ? key < best : key <= best)) continue;
            best = key;
            found = i;
        }
        return found;
    }
}
