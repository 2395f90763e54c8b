package dev.reprise.ops.kernel;

import dev.reprise.ops.tensor.Tensor;

/** Softmax, LogSoftmax and Hardmax along one axis, element by element in doubles: for float64, and what is rare. */
public final class AxisDoubles {
    /** What is done with each run along the axis. */
    public enum Of {
        SOFTMAX, LOG_SOFTMAX, HARDMAX
    }

    private AxisDoubles() {}

    public static Kernel kernel(Of of, long outer, long size, long inner) {
        return (in, out, _, workers) -> {
            Tensor x = in[0], y = out[0];
            workers.run(outer * inner, 1 + 1024 / Math.max(size, 1), (begin, end, _) -> {
                for (long r = begin; r < end; r++)
                    run(of, x, y, r / inner * size * inner + r % inner, size, inner);
            });
        };
    }

    private static void run(Of of, Tensor x, Tensor y, long at, long size, long step) {
        double max = Double.NEGATIVE_INFINITY, sum = 0;
        long where = 0;
        for (long i = 0; i < size; i++) {
            double v = x.getDouble(at + i * step);
            if (v > max) where = i;
            max = Math.max(max, v);
        }
        if (of == Of.HARDMAX) {
            for (long i = 0; i < size; i++)
                y.setDouble(at + i * step, i == where ? 1 : 0);
            return;
        }
        for (long i = 0; i < size; i++)
            sum += StrictMath.exp(x.getDouble(at + i * step) - max);
        double log = StrictMath.log(sum);
        for (long i = 0; i < size; i++) {
            double d = x.getDouble(at + i * step) - max;
            y.setDouble(at + i * step, of == Of.SOFTMAX ? StrictMath.exp(d) / sum : d - log);
        }
    }
}
