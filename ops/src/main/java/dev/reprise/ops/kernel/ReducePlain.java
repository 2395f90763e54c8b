package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * {@link Reduce} of the other element types, value by value: float64 in 16 lanes of doubles, integers exactly (modulo their
 * width). Of integers MEAN, L2 and LOG_SUM are truncated toward zero, and LOG_SUM_EXP is computed in doubles and truncated.
 */
public record ReducePlain(Reduce.Of of, ReducedAxes axes) implements Kernel {
    private static final long WORKER = 8L * Lanes.COUNT;

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        Tensor x = in[0], y = out[0];
        boolean doubles = x.dtype().isFloat() || of == Reduce.Of.LOG_SUM_EXP;
        workers.run(axes.outputs(), 1 + 4096 / Math.max(axes.count(), 1), (begin, end, w) -> {
            for (long o = begin; o < end; o++)
                if (doubles) y.setDouble(o, real(x, axes.first(o), scratch, WORKER * w));
            else y.setLong(o, integer(x, axes.first(o)));
        });
    }

    private double real(Tensor x, long at, MemorySegment s, long lb) {
        double shift = of.step == ReduceStep.EXP ? lanes(ReduceStep.MAX, x, at, s, lb, 0) : 0, v = lanes(of.step, x, at, s, lb, shift);
        return switch (of) {
            case MEAN -> v / axes.count();
            case L2 -> Math.sqrt(v);
            case LOG_SUM -> StrictMath.log(v);
            case LOG_SUM_EXP -> Double.isFinite(shift) ? shift + StrictMath.log(v) : shift;
            default -> v;
        };
    }

    private double lanes(ReduceStep step, Tensor x, long at, MemorySegment s, long lb, double shift) {
        for (int l = 0; l < Lanes.COUNT; l++)
            s.set(Tensor.F64, lb + 8L * l, step.identity);
        long run = axes.run(), rows = run == 0 ? 0 : axes.count() / run, pitch = axes.step();
        for (long r = 0; r < rows; r++) {
            long from = at + axes.runAt(r);
            for (long i = 0; i < run; i++)
                take(step, s, lb + 8 * (r * run + i & Lanes.COUNT - 1), x.getDouble(from + i * pitch), shift);
        }
        for (int w = Lanes.COUNT / 2; w > 0; w >>= 1)
            for (int l = 0; l < w; l++)
                take(step.merge(), s, lb + 8L * l, s.get(Tensor.F64, lb + 8L * (l + w)), 0);
        return s.get(Tensor.F64, lb);
    }

    private static void take(ReduceStep step, MemorySegment s, long lane, double v, double shift) {
        s.set(Tensor.F64, lane, step.take(s.get(Tensor.F64, lane), v, shift));
    }

    private long integer(Tensor x, long at) {
        boolean unsigned = x.dtype() == DType.UINT64;
        long v = identity(x.dtype()), run = axes.run(), rows = run == 0 ? 0 : axes.count() / run, pitch = axes.step();
        for (long r = 0; r < rows; r++) {
            long from = at + axes.runAt(r);
            for (long i = 0; i < run; i++)
                v = of.step.take(v, x.getLong(from + i * pitch), unsigned);
        }
        return switch (of) {
            case MEAN -> axes.count() == 0 ? 0 : unsigned ? Long.divideUnsigned(v, axes.count()) : v / axes.count();
            case L2 -> (long) Math.sqrt(v);
            case LOG_SUM -> (long) StrictMath.log(v);
            default -> v;
        };
    }

    /** For MAX and MIN the least and the greatest number of the type. */
    private long identity(DType t) {
        int bits = 8 * t.bytes();
        return switch (of.step) {
            case MAX -> t.kind() == DType.Kind.SIGNED ? -1L << bits - 1 : 0;
            case MIN -> t == DType.BOOL ? 1 : t.kind() == DType.Kind.SIGNED ? ~(-1L << bits - 1) : -1L >>> 64 - bits;
            default -> (long) of.step.identity;
        };
    }

    @Override
    public long scratchBytes(int threads) { return WORKER * threads; }
}
