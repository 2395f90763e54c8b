package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.lines;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A chain of steps whose intermediate tensors lie in scratch: what an Einsum is lowered to.
 *
 * @param inputs how many tensors come from outside; they are values 0 to inputs - 1, and step i makes value inputs + i. The
 *               last step makes the output.
 */
public record Einsum(DType type, int inputs, List<Step> steps) implements Kernel {
    /** Runs {@code kernel} on earlier values; its result has the given shape. */
    public record Step(Kernel kernel, int[] from, Shape shape) {}

    /** Fills the output with the value 1. */
    public record Ones() implements Kernel {
        @Override
        public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
            for (long i = 0; i < out[0].size(); i++)
                if (out[0].dtype().isFloat()) out[0].setDouble(i, 1);
                else out[0].setLong(i, 1);
        }
    }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        Tensor[] values = new Tensor[inputs + steps.size()];
        System.arraycopy(in, 0, values, 0, inputs);
        long at = 0;
        for (int i = 0; i < steps.size(); i++) {
            Step s = steps.get(i);
            boolean last = i == steps.size() - 1;
            long bytes = s.shape.size() * type.bytes();
            Tensor y = last ? out[0].reshape(s.shape) : new Tensor(type, s.shape, scratch.asSlice(at, bytes));
            if (!last) at += lines(bytes);
            Tensor[] from = new Tensor[s.from.length];
            for (int j = 0; j < from.length; j++)
                from[j] = values[s.from[j]];
            long own = s.kernel.scratchBytes(workers.threads());
            s.kernel.run(from, new Tensor[]{values[inputs + i] = y}, own == 0 ? MemorySegment.NULL : scratch.asSlice(kept(), own), workers);
        }
    }

    private long kept() {
        long n = 0;
        for (Step s : steps.subList(0, steps.size() - 1))
            n += lines(s.shape.size() * type.bytes());
        return n;
    }

    @Override
    public long scratchBytes(int threads) {
        long own = 0;
        for (Step s : steps)
            own = Math.max(own, s.kernel.scratchBytes(threads));
        return kept() + own;
    }

    @Override
    public long flops() { return steps.stream().mapToLong(s -> s.kernel.flops()).sum(); }
}
