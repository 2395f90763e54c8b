package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Samples x (N, C, spatial…) at the points of a grid (N, points…, spatial rank), whose last axis holds normalized
 * coordinates, the innermost axis of x first (ONNX GridSample). Coordinates are computed in the grid's own precision, so
 * that nearest points fall as they do elsewhere; the weighted sum in double, rounded once.
 */
public record GridSample(Mode mode, Padding padding, boolean alignCorners, Shape x, long points) implements Kernel {
    /** ONNX {@code mode}; cubic is Keys' convolution with a = -0.75. */
    public enum Mode {
        NEAREST(1), LINEAR(2), CUBIC(4);

        final int taps;

        Mode(int taps) { this.taps = taps; }
    }

    /** ONNX {@code padding_mode}. */
    public enum Padding {
        ZEROS, BORDER, REFLECTION
    }

    private static final double A = -0.75;

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        int spatial = x.rank() - 2, taps = mode.taps;
        long channels = x.dim(1), plane = x.product(2, x.rank()), each = bytes();
        workers.run(x.dim(0) * points, 64, (begin, end, worker) -> {
            // For each axis its taps: an offset in the plane (or -1 for a zero) and a weight.
            MemorySegment table = scratch.asSlice(worker * each, each);
            for (long p = begin; p < end; p++) {
                long n = p / points, stride = 1;
                for (int a = spatial - 1; a >= 0; a--) {
                    axis(in[1], p * spatial + spatial - 1 - a, x.dim(a + 2), stride, table, a * taps, spatial);
                    stride *= x.dim(a + 2);
                }
                for (long c = 0; c < channels; c++) {
                    long at = n * channels + c;
                    out[0].setDouble(at * points + p % points, value(in[0], at * plane, table, 0, spatial));
                }
            }
        });
    }

    /** The sum over the taps of axis a and all axes within. */
    private double value(Tensor x, long at, MemorySegment table, int a, int spatial) {
        if (a == spatial) return x.getDouble(at);
        double sum = 0;
        for (int t = 0; t < mode.taps; t++) {
            long offset = table.get(Tensor.I64, (a * mode.taps + t) * 16L);
            if (offset >= 0)
                sum = Math.fma(table.get(Tensor.F64, (a * mode.taps + t) * 16L + 8), value(x, at + offset, table, a + 1, spatial), sum);
        }
        return sum;
    }

    private void axis(Tensor grid, long i, long size, long stride, MemorySegment table, int slot, int spatial) {
        double v = grid.dtype() == DType.FLOAT32 ? single(grid.getFloat(i), size) : twice(grid.getDouble(i), size);
        if (mode == Mode.NEAREST) v = spatial == 3 ? Math.copySign(Math.floor(Math.abs(v) + 0.5), v) : Math.rint(v);
        if (mode != Mode.CUBIC) v = inside(v, size);
        // A coordinate that is no number reads as zero.
        double first = mode == Mode.NEAREST ? v : mode == Mode.LINEAR ? Math.floor(v) : Math.floor(v) - 1, r = v - Math.floor(v);
        for (int t = 0; t < mode.taps; t++) {
            double at = mode == Mode.CUBIC ? inside(first + t, size) : first + t;
            table.set(Tensor.I64, (slot + t) * 16L, at >= 0 && at <= size - 1 ? (long) at * stride : -1);
            table.set(Tensor.F64, (slot + t) * 16L + 8, switch (mode) {
                case NEAREST -> 1;
                case LINEAR -> t == 0 ? 1 - r : r;
                case CUBIC -> cubic(Math.abs(t - 1 - r));
            });
        }
    }

    private float single(float v, long size) { return alignCorners ? (v + 1) / 2 * (size - 1) : ((v + 1) * size - 1) / 2; }

    private double twice(double v, long size) { return alignCorners ? (v + 1) / 2 * (size - 1) : ((v + 1) * size - 1) / 2; }

    /** A coordinate moved into the image, or as it is where what lies outside is zero. */
    private double inside(double v, long size) {
        return switch (padding) {
            case ZEROS -> v;
            case BORDER -> Math.max(0, Math.min(v, size - 1));
            case REFLECTION -> {
                double low = alignCorners ? 0 : -0.5, range = alignCorners ? size - 1 : size;
                if (range == 0) yield 0;
                double d = Math.abs(v - low), turns = Math.floor(d / range), rest = d - turns * range;
                double back = turns % 2 == 0 ? low + rest : low + range - rest;
                yield Math.max(0, Math.min(back, size - 1));
            }
        };
    }

    private static double cubic(double d) {
        return d <= 1 ? ((A + 2) * d - (A + 3)) * d * d + 1 : ((A * d - 5 * A) * d + 8 * A) * d - 4 * A;
    }

    private long bytes() { return (x.rank() - 2) * mode.taps * 16L + Tensor.ALIGNMENT - 1 & -Tensor.ALIGNMENT; }

    @Override
    public long scratchBytes(int threads) { return threads * bytes(); }

    @Override
    public long flops() { return 2 * x.dim(0) * x.dim(1) * points * (long) Math.pow(mode.taps, x.rank() - 2); }
}
