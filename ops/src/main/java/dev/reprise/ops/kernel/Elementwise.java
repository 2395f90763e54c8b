package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoublePredicate;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * Elementwise kernels by one call an element, for what is rare or never large: integers, float64, comparisons, and
 * functions without a vector form. Floats of any type are read as doubles (exact) and the result is rounded once.
 */
public final class Elementwise {
    /** A predicate of two doubles. */
    @FunctionalInterface
    public interface DoubleRelation {
        boolean test(double x, double y);
    }

    /** A predicate of two longs. */
    @FunctionalInterface
    public interface LongRelation {
        boolean test(long x, long y);
    }

    /** Elements a worker takes at least when each is a call: some 5 ns. */
    private static final long GRAIN = 4096;

    private Elementwise() {}

    /** A kernel that may write over input {@code inPlace} (or -1). */
    static Kernel over(int inPlace, Kernel k) {
        return over(inPlace, false, k);
    }

    /** As {@link #over}, for a kernel of nothing but loops. */
    private static Kernel loops(int inPlace, Kernel k) {
        return over(inPlace, true, k);
    }

    private static Kernel over(int inPlace, boolean repeatable, Kernel k) {
        return new Kernel() {
            @Override
            public boolean repeatable() { return repeatable; }

            @Override
            public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) { k.run(in, out, scratch, workers); }

            @Override
            public int inPlace() { return inPlace; }
        };
    }

    public static Kernel map(DoubleUnaryOperator f) {
        return loops(0, (in, out, _, workers) -> {
            Tensor a = in[0], o = out[0];
            workers.run(o.size(), GRAIN, (begin, end, _) -> {
                for (long i = begin; i < end; i++)
                    o.setDouble(i, f.applyAsDouble(a.getDouble(i)));
            });
        });
    }

    public static Kernel mapIntegers(LongUnaryOperator f) {
        return loops(0, (in, out, _, workers) -> {
            Tensor a = in[0], o = out[0];
            workers.run(o.size(), GRAIN, (begin, end, _) -> {
                for (long i = begin; i < end; i++)
                    o.setLong(i, f.applyAsLong(a.getLong(i)));
            });
        });
    }

    /** float to bool. */
    public static Kernel test(DoublePredicate f) {
        return loops(-1, (in, out, _, workers) -> {
            Tensor a = in[0], o = out[0];
            workers.run(o.size(), GRAIN, (begin, end, _) -> {
                for (long i = begin; i < end; i++)
                    o.setLong(i, f.test(a.getDouble(i)) ? 1 : 0);
            });
        });
    }

    public static Kernel combine(Broadcast layout, int inPlace, DoubleBinaryOperator f) {
        int sa = layout.step(0), sb = layout.step(1);
        return loops(inPlace, (in, out, _, workers) -> {
            Tensor a = in[0], b = in[1], o = out[0];
            layout.run(workers, GRAIN, (ai, bi, _, oi, n) -> {
                for (int i = 0; i < n; i++)
                    o.setDouble(oi + i, f.applyAsDouble(a.getDouble(ai + (long) i * sa), b.getDouble(bi + (long) i * sb)));
            });
        });
    }

    public static Kernel combineIntegers(Broadcast layout, int inPlace, LongBinaryOperator f) {
        int sa = layout.step(0), sb = layout.step(1);
        return loops(inPlace, (in, out, _, workers) -> {
            Tensor a = in[0], b = in[1], o = out[0];
            layout.run(workers, GRAIN, (ai, bi, _, oi, n) -> {
                for (int i = 0; i < n; i++)
                    o.setLong(oi + i, f.applyAsLong(a.getLong(ai + (long) i * sa), b.getLong(bi + (long) i * sb)));
            });
        });
    }

    public static Kernel relate(Broadcast layout, DoubleRelation f) {
        int sa = layout.step(0), sb = layout.step(1);
        return loops(-1, (in, out, _, workers) -> {
            Tensor a = in[0], b = in[1], o = out[0];
            layout.run(workers, GRAIN, (ai, bi, _, oi, n) -> {
                for (int i = 0; i < n; i++)
                    o.setLong(oi + i, f.test(a.getDouble(ai + (long) i * sa), b.getDouble(bi + (long) i * sb)) ? 1 : 0);
            });
        });
    }

    public static Kernel relateIntegers(Broadcast layout, LongRelation f) {
        int sa = layout.step(0), sb = layout.step(1);
        return loops(-1, (in, out, _, workers) -> {
            Tensor a = in[0], b = in[1], o = out[0];
            layout.run(workers, GRAIN, (ai, bi, _, oi, n) -> {
                for (int i = 0; i < n; i++)
                    o.setLong(oi + i, f.test(a.getLong(ai + (long) i * sa), b.getLong(bi + (long) i * sb)) ? 1 : 0);
            });
        });
    }

    /** Where: operand 0 is the condition (bool); elements of 1 to 8 bytes whatever they mean. */
    public static Kernel where(Broadcast layout, int bytes) {
        int sc = layout.step(0), sx = layout.step(1), sy = layout.step(2);
        return loops(-1, (in, out, _, workers) -> {
            MemorySegment c = in[0].data(), x = in[1].data(), y = in[2].data(), o = out[0].data();
            layout.run(workers, GRAIN, (ci, xi, yi, oi, n) -> {
                if (bytes == 4) for (int i = 0; i < n; i++) {
                    boolean first = c.get(Tensor.I8, ci + (long) i * sc) != 0;
                    int v = first ? x.get(Tensor.I32, xi + (long) i * sx << 2) : y.get(Tensor.I32, yi + (long) i * sy << 2);
                    o.set(Tensor.I32, oi + i << 2, v);
                }
                else for (int i = 0; i < n; i++) {
                    boolean first = c.get(Tensor.I8, ci + (long) i * sc) != 0;
                    Elements.copy(first ? x : y, (first ? xi + (long) i * sx : yi + (long) i * sy) * bytes, o, (oi + i) * bytes, bytes);
                }
            });
        });
    }
}
