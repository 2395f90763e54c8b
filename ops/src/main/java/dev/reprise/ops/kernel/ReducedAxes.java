package dev.reprise.ops.kernel;

import dev.reprise.ops.tensor.Shape;
import java.util.Arrays;

/**
 * Which elements of a tensor are reduced together. Neighbouring axes that are all reduced, or all kept, are seen as one, and
 * axes of length 1 not at all. Outputs, and the elements reduced to one of them, are numbered row by row over their axes.
 */
public final class ReducedAxes {
    private final long[] kept;
    private final long[] keptStrides;
    private final long[] reduced;
    private final long[] reducedStrides;
    private final boolean alongMemory;
    private final long outputs;
    private final long count;

    /** @param axes one a dimension: true where it is reduced */
    public ReducedAxes(Shape shape, boolean... axes) {
        int n = shape.rank(), k = 0, r = 0;
        long[] strides = shape.strides(), kd = new long[n], ks = new long[n], rd = new long[n], rs = new long[n];
        Boolean last = null;
        for (int i = 0; i < n; i++) {
            if (shape.dim(i) == 1) continue;
            boolean merge = last != null && last == axes[i];
            if (axes[i]) {
                r += merge ? 0 : 1;
                rd[r - 1] = (merge ? rd[r - 1] : 1) * shape.dim(i);
                rs[r - 1] = strides[i];
            } else {
                k += merge ? 0 : 1;
                kd[k - 1] = (merge ? kd[k - 1] : 1) * shape.dim(i);
                ks[k - 1] = strides[i];
            }
            last = axes[i];
        }
        kept = Arrays.copyOf(kd, k);
        keptStrides = Arrays.copyOf(ks, k);
        reduced = Arrays.copyOf(rd, r);
        reducedStrides = Arrays.copyOf(rs, r);
        alongMemory = last == null || last;
        outputs = product(kept);
        count = product(reduced);
    }

    private static long product(long[] dims) {
        long n = 1;
        for (long d : dims)
            n *= d;
        return n;
    }

    /** True where the elements reduced to one output lie in runs of neighbours; false where the outputs' elements do. */
    boolean alongMemory() {
        return alongMemory;
    }

    long outputs() { return outputs; }

    /** How many elements are reduced to one output. */
    public long count() { return count; }

    /** Outputs along the last kept axis. */
    long columns() { return kept.length == 0 ? 1 : kept[kept.length - 1]; }

    /** Elements along the last reduced axis, {@link #step} apart. */
    long run() {
        return reduced.length == 0 ? 1 : reduced[reduced.length - 1];
    }

    long step() { return reduced.length == 0 ? 1 : reducedStrides[reduced.length - 1]; }

    /** Position of the first element of an output. */
    long first(long output) { return position(output, kept, keptStrides, kept.length); }

    /** Position, relative to {@link #first}, of element i of those reduced to one output. */
    long element(long i) {
        return position(i, reduced, reducedStrides, reduced.length);
    }

    /** Position, relative to {@link #first}, of run {@code row} of neighbours along the last reduced axis. */
    long runAt(long row) {
        return position(row, reduced, reducedStrides, Math.max(reduced.length - 1, 0));
    }

    private static long position(long i, long[] dims, long[] strides, int n) {
        long at = 0;
        for (int a = n - 1; a > 0; a--) {
            long q = i / dims[a];
            at += (i - q * dims[a]) * strides[a];
            i = q;
        }
        return n == 0 ? 0 : at + i * strides[0];
    }
}
