package dev.reprise.ops.kernel;

import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;

/** Norms element by element in doubles, of any float type: for float64, and for norms that are rare. Two passes, ascending order. */
public final class NormDoubles {
    private NormDoubles() {}

    /** Runs of a tensor: {@code count} runs of {@code length} elements, {@code step} apart. */
    private record Run(Tensor x, long at, long length, long step) {
        double mean() {
            double s = 0;
            for (long i = 0; i < length; i++)
                s += x.getDouble(at + i * step);
            return s / length;
        }

        double variance(double mean) {
            double s = 0;
            for (long i = 0; i < length; i++) {
                double d = x.getDouble(at + i * step) - mean;
                s += d * d;
            }
            return s / length;
        }
    }

    /** Group normalization of (N, C, pixels): inputs x, scale, bias. */
    public static Kernel groups(int samples, int channels, int pixels, int groups, double epsilon, int scaleRepeat) {
        long run = (long) channels / groups * pixels;
        return (in, out, _, workers) -> workers.run((long) samples * groups, 1, (begin, end, _) -> {
            for (long g = begin; g < end; g++) {
                Run r = new Run(in[0], g * run, run, 1);
                double mean = r.mean(), inverse = 1 / Math.sqrt(r.variance(mean) + epsilon);
                for (long i = 0; i < run; i++) {
                    long c = (g * run + i) / pixels % channels / scaleRepeat;
                    out[0].setDouble(r.at + i, (in[0].getDouble(r.at + i) - mean) * inverse * in[1].getDouble(c) + in[2].getDouble(c));
                }
            }
        });
    }

    /** Layer normalization, or RMS normalization where not centered: inputs x, scale, bias (may be absent); outputs y, mean, inverse deviation. */
    public static Kernel rows(long rows, long size, double epsilon, boolean centered) {
        return (in, out, _, workers) -> workers.run(rows, 1, (begin, end, _) -> {
            for (long row = begin; row < end; row++) {
                Run r = new Run(in[0], row * size, size, 1);
                double mean = centered ? r.mean() : 0, inverse = 1 / Math.sqrt(r.variance(mean) + epsilon);
                for (long i = 0; i < size; i++) {
                    double v = (in[0].getDouble(r.at + i) - mean) * inverse * (in.length > 1 && in[1] != null ? in[1].getDouble(i) : 1);
                    out[0].setDouble(r.at + i, in.length > 2 && in[2] != null ? v + in[2].getDouble(i) : v);
                }
                if (out.length > 1 && out[1] != null) out[1].setDouble(row, mean);
                if (out.length > 2 && out[2] != null) out[2].setDouble(row, inverse);
            }
        });
    }

    /** Batch normalization with given statistics: inputs x, scale, bias, mean, variance. */
    public static Kernel batch(int samples, int channels, long pixels, double epsilon) {
        return (in, out, _, workers) -> workers.run((long) samples * channels, 1, (begin, end, _) -> {
            for (long r = begin; r < end; r++) {
                long c = r % channels;
                double inverse = in[1].getDouble(c) / Math.sqrt(in[4].getDouble(c) + epsilon);
                for (long i = r * pixels; i < (r + 1) * pixels; i++)
                    out[0].setDouble(i, (in[0].getDouble(i) - in[3].getDouble(c)) * inverse + in[2].getDouble(c));
            }
        });
    }

    /** Batch normalization with the batch's own statistics; outputs y, running mean, running variance. */
    public static Kernel batchTraining(int samples, int channels, long pixels, double epsilon, double momentum) {
        return (in, out, _, workers) -> workers.run(channels, 1, (begin, end, _) -> {
            for (long c = begin; c < end; c++) {
                double mean = 0, variance = 0, count = (double) samples * pixels;
                for (int n = 0; n < samples; n++)
                    mean += new Run(in[0], (n * (long) channels + c) * pixels, pixels, 1).mean() * (pixels / count);
                for (int n = 0; n < samples; n++)
                    variance += new Run(in[0], (n * (long) channels + c) * pixels, pixels, 1).variance(mean) * (pixels / count);
                double inverse = in[1].getDouble(c) / Math.sqrt(variance + epsilon);
                for (int n = 0; n < samples; n++)
                    for (long i = (n * (long) channels + c) * pixels, end1 = i + pixels; i < end1; i++)
                        out[0].setDouble(i, (in[0].getDouble(i) - mean) * inverse + in[2].getDouble(c));
                if (out.length > 1 && out[1] != null) out[1].setDouble(c, in[3].getDouble(c) * momentum + mean * (1 - momentum));
                if (out.length > 2 && out[2] != null) out[2].setDouble(c, in[4].getDouble(c) * momentum + variance * (1 - momentum));
            }
        });
    }

    /** Division by the L1 or L2 norm along an axis; runs of zeros stay zero. */
    public static Kernel lp(long outer, long size, long inner, boolean l1) {
        return (in, out, _, workers) -> workers.run(outer * inner, 1 + 1024 / Math.max(size, 1), (begin, end, _) -> {
            for (long r = begin; r < end; r++) {
                long at = r / inner * size * inner + r % inner;
                double s = 0;
                for (long i = 0; i < size; i++) {
                    double v = in[0].getDouble(at + i * inner);
                    s += l1 ? Math.abs(v) : v * v;
                }
                double norm = l1 ? s : Math.sqrt(s);
                for (long i = 0; i < size; i++)
                    out[0].setDouble(at + i * inner, norm == 0 ? 0 : in[0].getDouble(at + i * inner) / norm);
            }
        });
    }

    /** (x - mean) / (deviation + 1e-9) over the reduced axes. */
    public static Kernel meanVariance(Shape shape, boolean[] reduced) {
        long[] strides = shape.strides();
        long kept = 1, count = 1;
        for (int i = 0; i < reduced.length; i++)
            if (reduced[i]) count *= shape.dim(i);
            else kept *= shape.dim(i);
        long n = count, rows = kept;
        return (in, out, _, workers) -> workers.run(rows, 1, (begin, end, _) -> {
            for (long r = begin; r < end; r++) {
                long base = offset(r, shape, strides, reduced, false);
                double mean = 0, variance = 0;
                for (long i = 0; i < n; i++)
                    mean += in[0].getDouble(base + offset(i, shape, strides, reduced, true));
                mean /= n;
                for (long i = 0; i < n; i++) {
                    double d = in[0].getDouble(base + offset(i, shape, strides, reduced, true)) - mean;
                    variance += d * d;
                }
                double deviation = Math.sqrt(variance / n) + 1e-9;
                for (long i = 0; i < n; i++) {
                    long at = base + offset(i, shape, strides, reduced, true);
                    out[0].setDouble(at, (in[0].getDouble(at) - mean) / deviation);
                }
            }
        });
    }

    /** Where the i-th index over those axes whose {@code reduced} is {@code which} lies. */
    private static long offset(long i, Shape shape, long[] strides, boolean[] reduced, boolean which) {
        long at = 0;
        for (int d = reduced.length - 1; d >= 0; d--)
            if (reduced[d] == which) {
                at += i % shape.dim(d) * strides[d];
                i /= shape.dim(d);
            }
        return at;
    }

    /** x / (bias + alpha / size * sum of squares over {@code size} neighbouring channels)^beta. */
    public static Kernel lrn(int samples, int channels, long pixels, int size, double alpha, double beta, double bias) {
        return (in, out, _, workers) -> workers.run((long) samples * channels, 1, (begin, end, _) -> {
            for (long r = begin; r < end; r++) {
                long c = r % channels, n = r - c, from = Math.max(0, c - (size - 1) / 2), to = Math.min(channels, c + size / 2 + 1);
                for (long p = 0; p < pixels; p++) {
                    double s = 0;
                    for (long k = from; k < to; k++) {
                        double v = in[0].getDouble((n + k) * pixels + p);
                        s += v * v;
                    }
                    out[0].setDouble(r * pixels + p, in[0].getDouble(r * pixels + p) / StrictMath.pow(bias + alpha / size * s, beta));
                }
            }
        });
    }
}
