package dev.reprise.samplers.ideal;

import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The two loops of {@link MultiDelta}: squared distances to many float32 rows, and their weighted sum, in float64. Sums over
 * elements use 16 virtual lanes and a fixed tree; a vector of fewer lanes walks the row once for each of its shares.
 */
final class DeltaKernels {
    private static final int LANES = 16;
    private static final VectorSpecies<Double> D = DoubleVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> F = VectorSpecies.of(float.class, VectorShape.forBitSize(D.vectorBitSize() / 2));
    private static final int L = D.length();
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

    private DeltaKernels() {}

    /** {@code out[i] = |x − y_i|²} for rows i in [begin, end) of y, each of x.length floats. */
    static void distances(double[] x, MemorySegment y, int begin, int end, double[] out) {
        double[] lanes = new double[4 * LANES];
        int i = begin;
        for (; i + 4 <= end; i += 4) {
            for (int p = 0; p < LANES; p += L)
                share(x, y, i, p, lanes);
            for (int r = 0; r < 4; r++)
                out[i + r] = finish(x, y, i + r, lanes, r * LANES);
        }
        for (; i < end; i++)
            out[i] = distance(x, y, i);
    }

    /** Lanes [p, p + L) of four rows. */
    private static void share(double[] x, MemorySegment y, int i, int p, double[] lanes) {
        int n = x.length, whole = n / LANES * LANES;
        long row = (long) n * Float.BYTES, at = i * row;
        DoubleVector a = DoubleVector.zero(D), b = a, c = a, d = a;
        for (int e = p; e < whole; e += LANES) {
            DoubleVector v = DoubleVector.fromArray(D, x, e);
            long o = at + (long) e * Float.BYTES;
            DoubleVector q = v.sub(load(y, o));
            a = q.fma(q, a);
            q = v.sub(load(y, o + row));
            b = q.fma(q, b);
            q = v.sub(load(y, o + 2 * row));
            c = q.fma(q, c);
            q = v.sub(load(y, o + 3 * row));
            d = q.fma(q, d);
        }
        a.intoArray(lanes, p);
        b.intoArray(lanes, LANES + p);
        c.intoArray(lanes, 2 * LANES + p);
        d.intoArray(lanes, 3 * LANES + p);
    }

    private static DoubleVector load(MemorySegment y, long offset) {
        return (DoubleVector) FloatVector.fromMemorySegment(F, y, offset, LE).convertShape(VectorOperators.F2D, D, 0);
    }

    /** One row, in scalar code: the meaning of {@link #distances}. */
    static double distance(double[] x, MemorySegment y, int i) {
        double[] lanes = new double[LANES];
        int n = x.length, whole = n / LANES * LANES;
        for (int e = 0; e < whole; e++) {
            double q = x[e] - y.getAtIndex(Tensor.F32, (long) i * n + e);
            lanes[e % LANES] = Math.fma(q, q, lanes[e % LANES]);
        }
        return finish(x, y, i, lanes, 0);
    }

    /** The elements past the last 16, then the tree. */
    private static double finish(double[] x, MemorySegment y, int i, double[] lanes, int at) {
        int n = x.length;
        for (int e = n / LANES * LANES; e < n; e++) {
            double q = x[e] - y.getAtIndex(Tensor.F32, (long) i * n + e);
            lanes[at + e % LANES] = Math.fma(q, q, lanes[at + e % LANES]);
        }
        for (int half = LANES / 2; half > 0; half /= 2)
            for (int j = 0; j < half; j++)
                lanes[at + j] += lanes[at + j + half];
        return lanes[at];
    }

    /** {@code out[e] += Σ_j w[j] y[rows[j]][e]} for e in [from, to), j from begin to end in that order, one fma a step. */
    static void accumulate(double[] w, int[] rows, int begin, int end, MemorySegment y, int n, int from, int to, double[] out) {
        int j = begin;
        for (; j + 4 <= end; j += 4)
            four(w, rows, j, y, n, from, to, out);
        for (; j < end; j++)
            for (int e = from; e < to; e++)
                out[e] = Math.fma(w[j], y.getAtIndex(Tensor.F32, (long) rows[j] * n + e), out[e]);
    }

    private static void four(double[] w, int[] rows, int j, MemorySegment y, int n, int from, int to, double[] out) {
        double w0 = w[j], w1 = w[j + 1], w2 = w[j + 2], w3 = w[j + 3];
        long r0 = (long) rows[j] * n, r1 = (long) rows[j + 1] * n, r2 = (long) rows[j + 2] * n, r3 = (long) rows[j + 3] * n;
        DoubleVector v0 = DoubleVector.broadcast(D, w0), v1 = DoubleVector.broadcast(D, w1);
        DoubleVector v2 = DoubleVector.broadcast(D, w2), v3 = DoubleVector.broadcast(D, w3);
        int e = from;
        for (; e + L <= to; e += L) {
            DoubleVector o = DoubleVector.fromArray(D, out, e);
            o = load(y, r0 + e << 2).fma(v0, o);
            o = load(y, r1 + e << 2).fma(v1, o);
            o = load(y, r2 + e << 2).fma(v2, o);
            o = load(y, r3 + e << 2).fma(v3, o);
            o.intoArray(out, e);
        }
        for (; e < to; e++) {
            double o = Math.fma(w0, y.getAtIndex(Tensor.F32, r0 + e), out[e]);
            o = Math.fma(w1, y.getAtIndex(Tensor.F32, r1 + e), o);
            o = Math.fma(w2, y.getAtIndex(Tensor.F32, r2 + e), o);
            out[e] = Math.fma(w3, y.getAtIndex(Tensor.F32, r3 + e), o);
        }
    }
}
