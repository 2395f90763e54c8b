package dev.reprise.ops.kernel;

/**
 * Where the windows of a pooling lie, worked out once for given shapes. A plane of pixels (any number of spatial axes)
 * is taken as rows along its last axis: an output row reads some input rows (all taps of the leading axes that fall
 * inside the input, in row-major order), and an output column some pixels of each.
 */
public final class PoolWindow {
    /**
     * One spatial axis.
     *
     * @param in       pixels of the input
     * @param out      pixels of the output
     * @param dilation distance between taps
     * @param begin    padding before the first pixel
     * @param end      padding after the last one
     */
    public record Axis(int in, int out, int kernel, int stride, int dilation, int begin, int end) {
        private int start(int o) { return o * stride - begin; }

        /** First tap at or after pixel {@code bound}. */
        private int tapFrom(int o, int bound) {
            return Math.clamp(Math.ceilDiv((long) bound - start(o), dilation), 0, kernel);
        }

        private int first(int o) { return tapFrom(o, 0); }

        private int last(int o) { return tapFrom(o, in); }

        /** The first pixel of the input in window o, which holds one. */
        int firstPixel(int o) { return start(o) + first(o) * dilation; }

        /** The last one. */
        int lastPixel(int o) { return start(o) + (last(o) - 1) * dilation; }

        /** Taps that an average counts. */
        private int count(int o, boolean padded) {
            return padded ? tapFrom(o, in + end) : Math.max(last(o) - first(o), 0);
        }
    }

    private final Axis[] axes;
    /** Input row starts (in pixels of the plane) of output row r: {@code rowAt[rowBegin[r] .. rowBegin[r+1])}. */
    final int[] rowBegin;
    final int[] rowAt;
    final int[] rowCount;
    /** First pixel that output column c reads in a row, and how many, {@link #step} apart. */
    final int[] columnAt;
    final int[] columnTaps;
    final int[] columnCount;
    final int step;
    final int columns;
    final int rows;
    final long inPixels;

    /**
     * @param axes        outermost first, at least one
     * @param countPadded whether an average counts the padding (but never what lies beyond it)
     */
    public PoolWindow(boolean countPadded, Axis... axes) {
        this.axes = axes.clone();
        Axis w = axes[axes.length - 1];
        columns = w.out;
        step = w.dilation;
        columnAt = new int[columns];
        columnTaps = new int[columns];
        columnCount = new int[columns];
        for (int o = 0; o < columns; o++) {
            columnTaps[o] = Math.max(w.last(o) - w.first(o), 0);
            columnAt[o] = columnTaps[o] == 0 ? 0 : w.start(o) + w.first(o) * w.dilation;
            columnCount[o] = w.count(o, countPadded);
        }
        long r = 1, in = w.in, taps = 0;
        for (int a = 0; a < axes.length - 1; a++) {
            r *= axes[a].out;
            in *= axes[a].in;
        }
        rows = Math.toIntExact(r);
        inPixels = Math.toIntExact(in);
        rowBegin = new int[rows + 1];
        rowCount = new int[rows];
        for (int row = 0; row < rows; row++) {
            long n = 1, count = 1;
            for (int a = axes.length - 2, rest = row; a >= 0; rest /= axes[a].out, a--) {
                int o = rest % axes[a].out;
                n *= Math.max(axes[a].last(o) - axes[a].first(o), 0);
                count *= axes[a].count(o, countPadded);
            }
            taps += n;
            rowBegin[row + 1] = Math.toIntExact(taps);
            rowCount[row] = Math.toIntExact(count);
        }
        rowAt = new int[Math.toIntExact(taps)];
        for (int row = 0; row < rows; row++)
            for (int i = rowBegin[row]; i < rowBegin[row + 1]; i++)
                rowAt[i] = rowOf(row, i - rowBegin[row]);
    }

    /** Start of the i-th input row that an output row reads. */
    private int rowOf(int row, int i) {
        long at = 0, stride = axes[axes.length - 1].in;
        for (int a = axes.length - 2; a >= 0; a--) {
            Axis x = axes[a];
            int o = row % x.out, n = x.last(o) - x.first(o);
            at += (x.start(o) + (long) (x.first(o) + i % n) * x.dilation) * stride;
            stride *= x.in;
            row /= x.out;
            i /= n;
        }
        return (int) at;
    }

    /** A window as large as the whole plane. */
    public static PoolWindow whole(int... in) {
        Axis[] axes = new Axis[in.length];
        for (int i = 0; i < in.length; i++)
            axes[i] = new Axis(in[i], 1, in[i], 1, 1, 0, 0);
        return new PoolWindow(false, axes);
    }

    /** Output pixels of a plane. */
    public long outPixels() { return (long) rows * columns; }

    public long inPixels() { return inPixels; }

    /** Additions (or comparisons) for one plane of one channel. */
    public long taps() {
        long c = 0;
        for (int t : columnTaps)
            c += t;
        return c * rowAt.length;
    }

    /** The number of pixel {@code p} where the first spatial axis is counted fastest (ONNX {@code storage_order} 1). */
    long columnMajor(long p) {
        long at = 0;
        for (int a = axes.length - 1; a >= 0; a--) {
            long i = p % axes[a].in, stride = 1;
            for (int b = 0; b < a; b++)
                stride *= axes[b].in;
            at += i * stride;
            p /= axes[a].in;
        }
        return at;
    }
}
