package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Discrete Fourier transforms of many signals, each output a sum over its own signal: y[k] = sum over j of
 * x[j] w[j] exp(-2 pi i j k / n), or with +i and divided by n. Sums run in double in ascending j, whatever the element type,
 * so the bits do not depend on how the work is split. The cost grows with the square of n: meant for the hundreds to
 * thousands of samples of a signal frame.
 */
public final class FourierTransform implements Kernel {
    /**
     * Where signals lie: sample j of signal (o, i) begins at element {@code o * outer + i * inner + j * step}.
     *
     * @param parts 1 where elements are real, 2 where real and imaginary part follow each other
     */
    public record Layout(long outer, long inner, long step, int parts) {
        long at(long o, long i, long j) { return o * outer + i * inner + j * step; }
    }

    /** What is summed. */
    public enum Kind {
        FORWARD, INVERSE,
        /** The samples are the first half of a spectrum whose other half is its mirror image; the result is real. */
        INVERSE_OF_HALF
    }

    private final long outer;
    private final long inner;
    private final Layout from;
    private final Layout to;
    private final long samples;
    private final int n;
    private final long bins;
    private final Kind kind;
    private final int window;
    private final double[] cos;
    private final double[] sin;

    /**
     * @param outer   number of signals is {@code outer * inner}
     * @param samples of each signal that are there; further ones are 0, those from n on are left out
     * @param n       length of the transform
     * @param bins    how many values of the result are wanted, from the first
     * @param window  the input that holds n factors for the samples, or -1
     */
    public FourierTransform(long outer, long inner, Layout from, Layout to, long samples, int n, long bins, Kind kind, int window) {
        this.outer = outer;
        this.inner = inner;
        this.from = from;
        this.to = to;
        this.samples = samples;
        this.n = n;
        this.bins = bins;
        this.kind = kind;
        this.window = window;
        cos = new double[n];
        sin = new double[n];
        for (int i = 0; i < n; i++) {
            cos[i] = StrictMath.cos(2 * Math.PI * i / n);
            sin[i] = StrictMath.sin(2 * Math.PI * i / n) * (kind == Kind.FORWARD ? -1 : 1);
        }
    }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        workers.run(outer * inner * bins, 1 + 4096 / n, (begin, end, _) -> {
            for (long item = begin; item < end; item++)
                bin(in, out[0], item / bins / inner, item / bins % inner, item % bins);
        });
    }

    private void bin(Tensor[] in, Tensor out, long o, long i, long k) {
        Tensor x = in[0];
        double re = 0, im = 0;
        int angle = 0, turn = (int) (k % n);
        for (int j = 0; j < n; j++) {
            boolean mirrored = kind == Kind.INVERSE_OF_HALF && j > n / 2;
            int source = mirrored ? n - j : j;
            if (source < samples) {
                long at = from.at(o, i, source);
                double factor = window < 0 ? 1 : in[window].getDouble(j);
                double a = x.getDouble(at) * factor, b = from.parts == 1 ? 0 : x.getDouble(at + 1) * (mirrored ? -factor : factor);
                re = Math.fma(a, cos[angle], Math.fma(-b, sin[angle], re));
                im = Math.fma(a, sin[angle], Math.fma(b, cos[angle], im));
            }
            angle += turn;
            if (angle >= n) angle -= n;
        }
        double scale = kind == Kind.FORWARD ? 1 : n;
        long at = to.at(o, i, k);
        out.setDouble(at, re / scale);
        if (to.parts == 2) out.setDouble(at + 1, im / scale);
    }

    @Override
    public long flops() { return 8 * outer * inner * bins * n; }
}
