package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Takes tensors apart: the inverse of {@link Concat}. Outputs that are null are skipped. */
public final class Split implements Kernel {
    private final StridedCopy[] copies;

    /** @param runs bytes of a row in each output */
    public Split(long rows, long... runs) {
        long pitch = 0;
        for (long r : runs)
            pitch += r;
        copies = new StridedCopy[runs.length];
        long at = 0;
        for (int i = 0; i < runs.length; i++) {
            copies[i] = StridedCopy.rows(rows, runs[i], pitch, at, runs[i], 0);
            at += runs[i];
        }
    }

    @Override
    public boolean repeatable() { return true; }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        for (int i = 0; i < copies.length; i++)
            if (out[i] != null) copies[i].copy(in[0].data(), out[i].data(), workers);
    }
}
