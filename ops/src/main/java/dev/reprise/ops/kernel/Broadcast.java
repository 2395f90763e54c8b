package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;

/**
 * How up to three operands walk along with an output they broadcast to (NumPy rules): the dimensions, merged as far as all
 * operands allow, and each operand's strides in elements, 0 along what it repeats. The innermost merged dimension is a
 * row: there an operand is either contiguous or one value, so that rows need no index arithmetic.
 */
public final class Broadcast {
    /** What is done with a row of {@code n} outputs from index {@code o}; a, b, c are the operands' first indices. */
    @FunctionalInterface
    public interface Row {
        void run(long a, long b, long c, long o, int n);
    }

    /** Elements a worker takes at least, of cheap loops: below, handing over costs more. */
    static final long GRAIN = 16384;
    /** Workers start at multiples of this many outputs: whole cache lines, whole vectors. */
    private static final long ALIGN = 64;
    private static final int MAX_ROW = 1 << 16;

    private final Shape shape;
    private final long[] dims;
    private final long[][] strides;
    private final long inner;
    private final boolean[] repeats;

    private Broadcast(Shape shape, long[] dims, long[][] strides, long inner, boolean[] repeats) {
        this.shape = shape;
        this.dims = dims;
        this.strides = strides;
        this.inner = inner;
        this.repeats = repeats;
    }

    /** @throws IllegalArgumentException where an operand does not broadcast to {@code out} */
    public static Broadcast of(Shape out, Shape... operands) {
        int rank = out.rank();
        long[][] full = new long[operands.length][];
        for (int k = 0; k < full.length; k++)
            full[k] = strides(operands[k], out);
        // Merge from the inside: a dimension joins the one within where every operand steps evenly across both.
        long[] d = new long[rank + 2];
        long[][] s = new long[3][rank + 2];
        int n = 0;
        for (int i = rank - 1; i >= 0; i--) {
            if (out.dim(i) == 1) continue;
            boolean merge = n > 0;
            for (int k = 0; k < full.length && merge; k++)
                merge = full[k][i] == s[k][n - 1] * d[n - 1];
            if (merge) {
                d[n - 1] *= out.dim(i);
                continue;
            }
            d[n] = out.dim(i);
            for (int k = 0; k < full.length; k++)
                s[k][n] = full[k][i];
            n++;
        }
        long inner = n == 0 ? 1 : d[0];
        boolean[] repeats = new boolean[3];
        for (int k = 0; k < 3; k++)
            repeats[k] = n > 0 && s[k][0] == 0;
        // Without the row; outermost last; at least one.
        int outer = Math.max(n - 1, 1);
        long[] dims = new long[outer];
        long[][] strides = new long[3][outer];
        for (int i = 0; i < outer; i++) {
            dims[i] = i + 1 < n ? d[i + 1] : 1;
            for (int k = 0; k < 3; k++)
                strides[k][i] = i + 1 < n ? s[k][i + 1] : 0;
        }
        return new Broadcast(out, dims, strides, inner, repeats);
    }

    private static long[] strides(Shape operand, Shape out) {
        long[] own = operand.strides(), s = new long[out.rank()];
        int shift = out.rank() - operand.rank();
        for (int i = 0; i < operand.rank(); i++) {
            if (shift + i < 0 || operand.dim(i) != out.dim(shift + i) && operand.dim(i) != 1)
                throw new IllegalArgumentException("shape " + operand + " does not broadcast to " + out);
            s[shift + i] = operand.dim(i) == 1 ? 0 : own[i];
        }
        return s;
    }

    public Shape shape() { return shape; }

    /** Outputs in a row. */
    long inner() { return inner; }

    /** True where operand k is one value along a row, false where it is contiguous. */
    public boolean repeats(int k) { return repeats[k]; }

    /** 0 or 1: the step of operand k along a row. */
    int step(int k) { return repeats[k] ? 0 : 1; }

    /** Runs {@code row} over all outputs, split over the workers; {@code grain} is in elements. */
    void run(Workers workers, long grain, Row row) {
        long total = shape.size(), blocks = (total + ALIGN - 1) / ALIGN;
        workers.run(blocks, Math.max(1, grain / ALIGN), (begin, end, _) -> walk(begin * ALIGN, Math.min(end * ALIGN, total), row));
    }

    /** As {@link #run(Workers, long, Row)} with a row for each worker, which may have memory of its own. */
    void run(Workers workers, long grain, Row[] rows) {
        long total = shape.size(), blocks = (total + ALIGN - 1) / ALIGN;
        workers.run(blocks, Math.max(1, grain / ALIGN), (begin, end, w) -> walk(begin * ALIGN, Math.min(end * ALIGN, total), rows[w]));
    }

    private void walk(long at, long end, Row row) {
        long[] sa = strides[0], sb = strides[1], sc = strides[2];
        while (at < end) {
            long r = at / inner, from = at - r * inner, rest = r, a = 0, b = 0, c = 0;
            for (int i = 0; i < dims.length; i++) {
                long next = rest / dims[i], x = rest - next * dims[i];
                a += x * sa[i];
                b += x * sb[i];
                c += x * sc[i];
                rest = next;
            }
            for (long m = r % dims[0]; m < dims[0] && at < end; m++) {
                long n = Math.min(inner - from, end - at);
                for (long j = from; j < from + n; j += MAX_ROW)
                    row.run(repeats[0] ? a : a + j, repeats[1] ? b : b + j, repeats[2] ? c : c + j, at + j - from,
                            (int) Math.min(MAX_ROW, from + n - j));
                at += n;
                from = 0;
                a += sa[0];
                b += sb[0];
                c += sc[0];
            }
        }
    }

}
