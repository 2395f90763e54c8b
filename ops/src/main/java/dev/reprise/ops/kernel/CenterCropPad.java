package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Cuts or zero-pads every axis around its centre, the odd element at the end; any element type. */
public record CenterCropPad(Shape from, Shape to, int bytes) implements Kernel {
    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        int last = to.rank() - 1;
        long row = to.dim(last) * bytes, common = Math.min(from.dim(last), to.dim(last)) * bytes;
        workers.run(to.product(0, last), Math.max(1, 65536 / Math.max(row, 1)), (begin, end, _) -> {
            out[0].data().asSlice(begin * row, (end - begin) * row).fill((byte) 0);
            for (long r = begin; r < end; r++) {
                long source = source(r);
                if (source >= 0)
                    MemorySegment.copy(in[0].data(), (source * from.dim(last) + offset(last, true)) * bytes, out[0].data(),
                            r * row + offset(last, false) * bytes, common);
            }
        });
    }

    /** The input row that lies at output row r, or -1. */
    private long source(long r) {
        long at = 0, stride = 1;
        for (int a = to.rank() - 2; a >= 0; a--) {
            long i = r % to.dim(a) - offset(a, false) + offset(a, true);
            if (i < 0 || i >= from.dim(a)) return -1;
            at += i * stride;
            stride *= from.dim(a);
            r /= to.dim(a);
        }
        return at;
    }

    /** Where the common part starts in the input (of a cut axis) or the output (of a padded one). */
    private long offset(int a, boolean input) {
        return Math.max(input ? from.dim(a) - to.dim(a) : to.dim(a) - from.dim(a), 0) / 2;
    }
}
