package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Joins tensors: each of the output's {@code rows} rows is one run of every input after the other. With channels last
 * that is a concatenation along channels; with channels first a row is a whole sample.
 */
public final class Concat implements Kernel {
    private final StridedCopy[] copies;

    /** @param runs bytes of a row in each input */
    public Concat(long rows, long... runs) {
        long pitch = 0;
        for (long r : runs)
            pitch += r;
        copies = new StridedCopy[runs.length];
        long at = 0;
        for (int i = 0; i < runs.length; i++) {
            copies[i] = StridedCopy.rows(rows, runs[i], runs[i], 0, pitch, at);
            at += runs[i];
        }
    }

    @Override
    public boolean repeatable() { return true; }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        for (int i = 0; i < copies.length; i++)
            copies[i].copy(in[i].data(), out[0].data(), workers);
    }
}
