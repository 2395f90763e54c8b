package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Puts every element of input 0 where input 1 (int64) says, into zeros. Positions count the elements of {@code pooled},
 * the shape that was pooled; an output of another shape has that block at its corner. Of two elements for one place the
 * later one stays, so this runs on one thread.
 */
public record MaxUnpool(Shape pooled) implements Kernel {
    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        Shape shape = out[0].shape();
        out[0].data().fill((byte) 0);
        for (long i = 0; i < in[0].size(); i++) {
            long at = in[1].getLong(i), to = 0, stride = 1;
            if (at < 0 || at >= pooled.size())
                throw new IndexOutOfBoundsException("position " + at + " is outside the " + pooled.size() + " elements of shape " + pooled);
            boolean inside = true;
            for (int a = shape.rank() - 1; a >= 0; a--) {
                long k = at % pooled.dim(a);
                inside &= k < shape.dim(a);
                to += k * stride;
                stride *= shape.dim(a);
                at /= pooled.dim(a);
            }
            if (!inside)
                throw new IndexOutOfBoundsException(
                        "position " + in[1].getLong(i) + " of shape " + pooled + " is outside output shape " + shape);
            out[0].setDouble(to, in[0].getDouble(i));
        }
    }
}
