package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * One step of a plan: fills {@code out} from {@code in}. Made once for given shapes, run many times, from several
 * threads at once with different tensors; so it holds no mutable state and allocates nothing.
 *
 * <p>Absent optional inputs and unwanted outputs are null. Outputs hold garbage before the call and must be written
 * whole. An output never overlaps an input unless {@link #inPlace} says that it may.
 */
@FunctionalInterface
public interface Kernel {
    /** @param scratch at least {@link #scratchBytes} bytes, of which the kernel may use all: who runs one kernel within another gives it a part of its own */
    void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers);

    /** Bytes of scratch memory (64-byte aligned, contents undefined) that {@link #run} needs with that many workers. */
    default long scratchBytes(int threads) {
        return 0;
    }

    /**
     * True where {@link #run} does nothing but loops on its workers, whose bodies depend on where tensors lie and not on what they
     * hold. A plan keeps such loops and repeats them, so that a run makes no objects.
     */
    default boolean repeatable() { return false; }

    /** Multiplications and additions of floats, each counted as one; 0 where that says nothing. */
    default long flops() { return 0; }

    /** The input whose memory output 0 may share (same element type and size, read before written), or -1. */
    default int inPlace() {
        return -1;
    }
}
