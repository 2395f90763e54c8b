package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.tensor.Tensor.F32;
import static dev.reprise.ops.tensor.Tensor.F64;

import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums and sums of squares of floats, in doubles: squares are exact there, so that one pass gives a variance as good as two
 * would, even where the mean is thousands of deviations large.
 *
 * <p>The order is fixed: element i is added to lane i mod 16, in ascending order, and the lanes are added in a tree (lane
 * j += lane j + 8, then 4, 2, 1). {@link #contiguous} has the elements side by side and a vector holds lanes;
 * {@link #columns} has them a row apart and a vector holds columns; a column's bits are the same.
 */
final class Moments {
    static final int LANES = 16;
    /** Columns that {@link #columns} takes at most: their lanes fill half of a small L1 cache. */
    static final int MAX_COLUMNS = 64;
    /** Doubles of scratch that {@link #columns} needs; {@link #contiguous} needs 32. */
    static final int SCRATCH = 2 * LANES * MAX_COLUMNS;

    private static final VectorSpecies<Double> D = DoubleVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> H = VectorSpecies.of(float.class, VectorShape.forBitSize(D.vectorBitSize() / 2));
    private static final int L = D.length();
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

    private Moments() {}

    private static DoubleVector load(long x, long at) {
        return (DoubleVector) FloatVector.fromMemorySegment(H, ALL, x + at, LE).convertShape(VectorOperators.F2D, D, 0);
    }

    /** Of n floats from byte xb: writes the sum and the sum of squares as two doubles at byte ob of {@code o}. */
    static void contiguous(long x, long xb, int n, long lanes, long lb, long o, long ob) {
        int bulk = n & -LANES;
        for (int b = 0; b < LANES; b += 2 * L)
            pass(x, xb, bulk, b, lanes, lb);
        for (int i = bulk; i < n; i++) {
            double v = ALL.get(F32, x + xb + 4L * i);
            long s = lb + 8L * (i & LANES - 1), q = s + 8L * LANES;
            ALL.set(F64, lanes + s, ALL.get(F64, lanes + s) + v);
            ALL.set(F64, lanes + q, Math.fma(v, v, ALL.get(F64, lanes + q)));
        }
        ALL.set(F64, o + ob, tree(lanes, lb, 8));
        ALL.set(F64, o + ob + 8, tree(lanes, lb + 8L * LANES, 8));
    }

    /** Lanes b to b + 2L over all whole groups of 16: two chains, to hide the latency of an addition. */
    static void pass(long x, long xb, int bulk, int b, long lanes, long lb) {
        DoubleVector s0 = DoubleVector.zero(D), s1 = s0, q0 = s0, q1 = s0;
        for (int i = b; i < bulk; i += LANES) {
            DoubleVector v0 = load(x, xb + 4L * i), v1 = load(x, xb + 4L * (i + L));
            s0 = v0.add(s0);
            s1 = v1.add(s1);
            q0 = v0.fma(v0, q0);
            q1 = v1.fma(v1, q1);
        }
        s0.intoMemorySegment(ALL, lanes + lb + 8L * b, LE);
        s1.intoMemorySegment(ALL, lanes + lb + 8L * (b + L), LE);
        q0.intoMemorySegment(ALL, lanes + lb + 8L * (LANES + b), LE);
        q1.intoMemorySegment(ALL, lanes + lb + 8L * (LANES + b + L), LE);
    }

    /** The sum of 16 doubles that lie {@code step} bytes apart, in the fixed tree. Overwrites them. */
    private static double tree(long s, long at, long step) {
        for (int w = LANES / 2; w > 0; w >>= 1)
            for (int j = 0; j < w; j++)
                ALL.set(F64, s + at + j * step, ALL.get(F64, s + at + j * step) + ALL.get(F64, s + at + (j + w) * step));
        return ALL.get(F64, s + at);
    }

    /**
     * Of the columns of a matrix of {@code rows} rows that lie {@code stride} bytes apart: for each of the n (at most
     * {@link #MAX_COLUMNS}) columns from byte xb on, two doubles as {@link #contiguous} writes them.
     */
    static void columns(long x, long xb, long stride, int rows, int n, long lanes, long lb, long o, long ob) {
        Memory.zero(lanes + lb, 8L * SCRATCH);
        int r = 0;
        for (; r + 4 * LANES <= rows; r += 4 * LANES)
            for (int l = 0; l < LANES; l++)
                four(x, xb + (r + l) * stride, LANES * stride, n, lanes, lb + 16L * MAX_COLUMNS * l);
        for (; r < rows; r++)
            one(x, xb + r * stride, n, lanes, lb + 16L * MAX_COLUMNS * (r & LANES - 1));
        treeOfRows(lanes + lb);
        for (int j = 0; j < n; j++) {
            ALL.set(F64, o + ob + 16L * j, ALL.get(F64, lanes + lb + 8L * j));
            ALL.set(F64, o + ob + 16L * j + 8, ALL.get(F64, lanes + lb + 8L * (MAX_COLUMNS + j)));
        }
    }

    /** {@link #tree} of all columns at once: rows of sums are added to rows, and the first is left. */
    private static void treeOfRows(long s) {
        long row = 16L * MAX_COLUMNS;
        for (int w = LANES / 2; w > 0; w >>= 1)
            for (long at = s; at < s + w * row; at += 8L * L)
                DoubleVector.fromMemorySegment(D, ALL, at, LE).add(DoubleVector.fromMemorySegment(D, ALL, at + w * row, LE))
                        .intoMemorySegment(ALL, at, LE);
    }

    /** Four rows of one lane: its sums are loaded and stored once for them. */
    static void four(long x, long xb, long step, int n, long lanes, long s) {
        int j = 0;
        long q = s + 8L * MAX_COLUMNS;
        for (; j <= n - L; j += L) {
            long at = xb + 4L * j;
            DoubleVector a = load(x, at), b = load(x, at + step), c = load(x, at + 2 * step), d = load(x, at + 3 * step);
            DoubleVector sum = DoubleVector.fromMemorySegment(D, ALL, lanes + s + 8L * j, LE),
                    squares = DoubleVector.fromMemorySegment(D, ALL, lanes + q + 8L * j, LE);
            sum.add(a).add(b).add(c).add(d).intoMemorySegment(ALL, lanes + s + 8L * j, LE);
            d.fma(d, c.fma(c, b.fma(b, a.fma(a, squares)))).intoMemorySegment(ALL, lanes + q + 8L * j, LE);
        }
        for (; j < n; j++)
            for (int r = 0; r < 4; r++)
                add(ALL.get(F32, x + xb + 4L * j + r * step), lanes, s + 8L * j, q + 8L * j);
    }

    private static void one(long x, long xb, int n, long lanes, long s) {
        int j = 0;
        long q = s + 8L * MAX_COLUMNS;
        for (; j <= n - L; j += L) {
            DoubleVector v = load(x, xb + 4L * j);
            DoubleVector.fromMemorySegment(D, ALL, lanes + s + 8L * j, LE).add(v).intoMemorySegment(ALL, lanes + s + 8L * j,
                    LE);
            v.fma(v, DoubleVector.fromMemorySegment(D, ALL, lanes + q + 8L * j, LE)).intoMemorySegment(ALL,
                    lanes + q + 8L * j, LE);
        }
        for (; j < n; j++)
            add(ALL.get(F32, x + xb + 4L * j), lanes, s + 8L * j, q + 8L * j);
    }

    private static void add(double v, long lanes, long s, long q) {
        ALL.set(F64, lanes + s, ALL.get(F64, lanes + s) + v);
        ALL.set(F64, lanes + q, Math.fma(v, v, ALL.get(F64, lanes + q)));
    }
}
