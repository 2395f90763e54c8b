package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Pooling of channels-first planes computed in double and rounded once: for float64 and the byte types, for L^p norms of
 * any type, and wherever the positions of the maxima are asked for (output 1, int64).
 *
 * @param p           the norm's order, for {@link Kind#LP}
 * @param columnMajor whether positions count the first spatial axis fastest
 */
public record PoolWide(Kind kind, PoolWindow window, long outer, double p, boolean columnMajor) implements Kernel {
    public enum Kind {
        AVERAGE, MAX, LP
    }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        int rows = window.rows;
        Tensor x = in[0], y = out[0], positions = out.length > 1 ? out[1] : null;
        workers.run(outer * rows, Math.max(1, 4096 / Math.max(1, window.taps() / Math.max(rows, 1))), (begin, end, _) -> {
            for (long r = begin; r < end; r++) {
                long plane = r / rows * window.inPixels;
                int row = (int) (r % rows);
                for (int c = 0; c < window.columns; c++) {
                    long to = r * window.columns + c;
                    switch (kind) {
                        case AVERAGE -> y.setDouble(to, sum(x, plane, row, c) / ((double) window.rowCount[row] * window.columnCount[c]));
                        case LP -> y.setDouble(to, root(sum(x, plane, row, c)));
                        case MAX -> max(x, plane, row, c, y, to, positions);
                    }
                }
            }
        });
    }

    private double sum(Tensor x, long plane, int row, int column) {
        double sum = 0;
        for (int r = window.rowBegin[row]; r < window.rowBegin[row + 1]; r++)
            for (int t = 0; t < window.columnTaps[column]; t++) {
                double v = x.getDouble(plane + window.rowAt[r] + window.columnAt[column] + (long) t * window.step);
                sum += kind == Kind.LP ? power(Math.abs(v)) : v;
            }
        return sum;
    }

    private double power(double v) { return p == 1 ? v : p == 2 ? v * v : StrictMath.pow(v, p); }

    private double root(double v) { return p == 1 ? v : p == 2 ? Math.sqrt(v) : StrictMath.pow(v, 1 / p); }

    /** The first of equal maxima counts; a NaN is larger than all. */
    private void max(Tensor x, long plane, int row, int column, Tensor y, long to, Tensor positions) {
        double max = 0;
        long best = -1;
        for (int r = window.rowBegin[row]; r < window.rowBegin[row + 1]; r++)
            for (int t = 0; t < window.columnTaps[column]; t++) {
                long at = window.rowAt[r] + window.columnAt[column] + (long) t * window.step;
                double v = x.getDouble(plane + at);
                if (best < 0 || v > max || v != v && max == max) {
                    max = v;
                    best = at;
                }
            }
        // A window that lies in the padding alone has no maximum.
        y.setDouble(to, best >= 0
                ? max
                : x.dtype().isFloat() ? Double.NEGATIVE_INFINITY : x.dtype().kind() == dev.reprise.ops.tensor.DType.Kind.SIGNED ? -128 : 0);
        if (positions != null) positions.setLong(to, best < 0 ? -1 : plane + (columnMajor ? window.columnMajor(best) : best));
    }

    @Override
    public long flops() { return window.taps() * outer; }
}
