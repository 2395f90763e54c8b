package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Resizing by weighted sums (linear, cubic, antialiased), one axis after another from the last to the first. An output of
 * a pass is {@code w0*x0}, then one fma per further tap in ascending order; so the layout (inner = 1 for channels-first,
 * the channels for channels-last) does not change the bits. float32 runs in float32; float64 and the integers in double,
 * integers truncated at the end.
 */
public final class Resample implements Kernel {
    private static final VectorSpecies<Float> V = FloatVector.SPECIES_PREFERRED;
    private static final int L = V.length();

    /** One axis: (outer, in, inner) to (outer, out, inner). */
    private record Pass(ResizeAxis axis, long outer, long inner) {
        long size() { return outer * axis.out * inner; }
    }

    private final Pass[] passes;
    private final boolean wide;
    private final boolean narrow;
    private final long inputs;

    /** @param dtype element type of input and output; not a half type */
    public Resample(DType dtype, ResizeAxis[] axes, long outer, long inner) {
        wide = dtype != DType.FLOAT32;
        narrow = wide && dtype != DType.FLOAT64;
        int n = 0;
        long in = outer * inner;
        for (ResizeAxis a : axes) {
            if (!a.identity()) n++;
            in *= a.in;
        }
        inputs = in;
        passes = new Pass[n];
        long behind = inner;
        for (int a = axes.length - 1, p = 0; a >= 0; a--) {
            long before = outer;
            for (int b = 0; b < a; b++)
                before *= axes[b].in;
            if (!axes[a].identity()) passes[p++] = new Pass(axes[a], before, behind);
            behind *= axes[a].out;
        }
    }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        MemorySegment x = in[0].data();
        long at = 0;
        if (narrow) {
            Tensor t = slice(scratch, at, inputs);
            convert(in[0], t);
            x = t.data();
            at += bytes(inputs);
        }
        if (passes.length == 0 && !narrow) {
            out[0].data().copyFrom(x);
            return;
        }
        for (int p = 0; p < passes.length; p++) {
            boolean last = p == passes.length - 1 && !narrow;
            MemorySegment y = last ? out[0].data() : scratch.asSlice(at, passes[p].size() * (wide ? 8 : 4));
            run(passes[p], x, y, workers);
            at += last ? 0 : bytes(passes[p].size());
            x = y;
        }
        if (narrow) convert(new Tensor(DType.FLOAT64, Shape.of(out[0].size()), x), out[0]);
    }

    private void run(Pass p, MemorySegment x, MemorySegment y, Workers workers) {
        ResizeAxis a = p.axis;
        long inner = p.inner;
        if (inner == 1) workers.run(p.outer, Math.max(1, 8192 / Math.max(a.index.length, 1)), (begin, end, _) -> {
            for (long o = begin; o < end; o++) {
                if (wide) row64(x, o * a.in << 3, y, o * a.out << 3, a);
                else if (a.index.length == 2 * a.out) row2(x, o * a.in << 2, y, o * a.out << 2, a.index, a.weight32);
                else row(x, o * a.in << 2, y, o * a.out << 2, a);
            }
        });
        else workers.run(p.outer * a.out, Math.max(1, 8192 / inner), (begin, end, _) -> {
            for (long r = begin; r < end; r++) {
                long from = r / a.out * a.in * inner, to = r * inner;
                int j = (int) (r % a.out), t = a.begin[j];
                if (wide) lines64(x, from << 3, y, to << 3, a, j, inner);
                else if (a.begin[j + 1] - t == 2) {
                    long row = inner << 2;
                    line2(x, (from << 2) + a.index[t] * row, (from << 2) + a.index[t + 1] * row, y, to << 2, a.weight32[t],
                            a.weight32[t + 1], inner);
                } else lines(x, from << 2, y, to << 2, a, j, inner);
            }
        });
    }

    private static void row2(MemorySegment x, long from, MemorySegment y, long to, int[] index, float[] weight) {
        for (int t = 0; t < index.length; t += 2) {
            float v = weight[t] * x.get(Tensor.F32, from + ((long) index[t] << 2));
            y.set(Tensor.F32, to + ((long) t << 1), Math.fma(weight[t + 1], x.get(Tensor.F32, from + ((long) index[t + 1] << 2)), v));
        }
    }

    private static void row(MemorySegment x, long from, MemorySegment y, long to, ResizeAxis a) {
        for (int j = 0; j < a.out; j++) {
            int t = a.begin[j], end = a.begin[j + 1];
            float v = a.weight32[t] * x.get(Tensor.F32, from + ((long) a.index[t] << 2));
            for (t++; t < end; t++)
                v = Math.fma(a.weight32[t], x.get(Tensor.F32, from + ((long) a.index[t] << 2)), v);
            y.set(Tensor.F32, to + ((long) j << 2), v);
        }
    }

    private static void row64(MemorySegment x, long from, MemorySegment y, long to, ResizeAxis a) {
        for (int j = 0; j < a.out; j++) {
            double v = 0;
            for (int t = a.begin[j]; t < a.begin[j + 1]; t++)
                v = Math.fma(a.weight[t], x.get(Tensor.F64, from + ((long) a.index[t] << 3)), v);
            y.set(Tensor.F64, to + ((long) j << 3), v);
        }
    }

    private static void line2(MemorySegment x, long from0, long from1, MemorySegment y, long to, float w0, float w1, long n) {
        FloatVector v0 = FloatVector.broadcast(V, w0), v1 = FloatVector.broadcast(V, w1);
        long i = 0;
        for (; i <= n - L; i += L) {
            FloatVector a = FloatVector.fromMemorySegment(V, x, from0 + (i << 2), ByteOrder.LITTLE_ENDIAN);
            FloatVector b = FloatVector.fromMemorySegment(V, x, from1 + (i << 2), ByteOrder.LITTLE_ENDIAN);
            v1.fma(b, v0.mul(a)).intoMemorySegment(y, to + (i << 2), ByteOrder.LITTLE_ENDIAN);
        }
        for (; i < n; i++)
            y.set(Tensor.F32, to + (i << 2), Math.fma(w1, x.get(Tensor.F32, from1 + (i << 2)), w0 * x.get(Tensor.F32, from0 + (i << 2))));
    }

    private static void lines(MemorySegment x, long from, MemorySegment y, long to, ResizeAxis a, int j, long n) {
        int begin = a.begin[j], end = a.begin[j + 1];
        long row = n << 2, i = 0;
        for (; i <= n - L; i += L) {
            long at = from + (i << 2);
            FloatVector v = FloatVector.fromMemorySegment(V, x, at + a.index[begin] * row, ByteOrder.LITTLE_ENDIAN).mul(a.weight32[begin]);
            for (int t = begin + 1; t < end; t++)
                v = FloatVector.fromMemorySegment(V, x, at + a.index[t] * row, ByteOrder.LITTLE_ENDIAN)
                        .fma(FloatVector.broadcast(V, a.weight32[t]), v);
            v.intoMemorySegment(y, to + (i << 2), ByteOrder.LITTLE_ENDIAN);
        }
        for (; i < n; i++) {
            long at = from + (i << 2);
            float v = a.weight32[begin] * x.get(Tensor.F32, at + a.index[begin] * row);
            for (int t = begin + 1; t < end; t++)
                v = Math.fma(a.weight32[t], x.get(Tensor.F32, at + a.index[t] * row), v);
            y.set(Tensor.F32, to + (i << 2), v);
        }
    }

    private static void lines64(MemorySegment x, long from, MemorySegment y, long to, ResizeAxis a, int j, long n) {
        for (long i = 0; i < n; i++) {
            double v = 0;
            for (int t = a.begin[j]; t < a.begin[j + 1]; t++)
                v = Math.fma(a.weight[t], x.get(Tensor.F64, from + (a.index[t] * n + i << 3)), v);
            y.set(Tensor.F64, to + (i << 3), v);
        }
    }

    private static void convert(Tensor from, Tensor to) { for (long i = 0; i < from.size(); i++)
        to.setDouble(i, from.getDouble(i)); }

    private static Tensor slice(MemorySegment scratch, long at, long n) {
        return new Tensor(DType.FLOAT64, Shape.of(n), scratch.asSlice(at, n * 8));
    }

    private long bytes(long elements) { return elements * (wide ? 8 : 4) + Tensor.ALIGNMENT - 1 & -Tensor.ALIGNMENT; }

    @Override
    public long scratchBytes(int threads) {
        long n = narrow ? bytes(inputs) : 0;
        for (int p = 0; p < passes.length - (narrow ? 0 : 1); p++)
            n += bytes(passes[p].size());
        return n;
    }

    @Override
    public long flops() {
        long n = 0;
        for (Pass p : passes)
            n += p.outer * p.inner * p.axis.index.length * 2;
        return n;
    }
}
