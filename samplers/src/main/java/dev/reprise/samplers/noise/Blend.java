package dev.reprise.samplers.noise;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;

/**
 * Paths between noises and planes through them. Each row (first dimension) is one sample and is blended by itself, in double
 * precision and one fixed order; results are of the first noise's element type.
 */
public enum Blend {
    /** {@code (1 − t) a + t b}: shorter than a normal sample in between. */
    LINEAR,
    /** On the great circle (Shoemake 1985), {@code (sin((1 − t)Ω) a + sin(tΩ) b) / sin Ω} with Ω the angle between a and b. */
    SLERP;

    /** Closer to parallel than this, a circle is not defined well enough, and a line is as good. */
    private static final double PARALLEL = 1 - 1e-9;

    /**
     * The point at t of the path from a to b.
     *
     * @param a and b of the same shape (N, …) and type
     * @param t 0 gives a, 1 gives b, to the bit; outside [0, 1] goes on beyond
     */
    public Tensor at(Arena arena, Tensor a, Tensor b, double t) {
        same(a, b);
        Tensor out = Tensor.allocate(arena, a.dtype(), a.shape());
        long n = rows(a), size = n == 0 ? 0 : a.size() / n;
        for (long r = 0; r < n; r++) {
            double p = 1 - t, q = t;
            double cos = this == SLERP ? cosine(a, b, r * size, size) : 1;
            if (Math.abs(cos) < PARALLEL) {
                double angle = StrictMath.acos(cos), sin = StrictMath.sin(angle);
                p = StrictMath.sin((1 - t) * angle) / sin;
                q = StrictMath.sin(t * angle) / sin;
            }
            for (long i = r * size; i < (r + 1) * size; i++)
                out.setDouble(i, p * a.getDouble(i) + q * b.getDouble(i));
        }
        return out;
    }

    /**
     * Points of the path at equal distances, both ends included.
     *
     * @param a and b one sample each, (1, …) or without a batch dimension
     * @param n at least 2
     * @return (n, sample shape…)
     */
    public Tensor path(Arena arena, Tensor a, Tensor b, int n) {
        if (n < 2) throw new IllegalArgumentException("a path needs at least 2 points, found " + n);
        Shape sample = sample(a);
        Tensor out = Tensor.allocate(arena, a.dtype(), batch(n, sample));
        try (Arena scratch = Arena.ofConfined()) {
            for (int i = 0; i < n; i++)
                put(at(scratch, a.reshape(batch(1, sample)), b.reshape(batch(1, sample(b))), i / (n - 1.0)), out, i);
        }
        return out;
    }

    /**
     * A square of points of the plane through three noises: row i, column j is the point at β = i/(n−1), α = j/(n−1). LINEAR gives
     * {@code a + α (b − a) + β (c − a)}, whose corners are a, b, c and b + c − a; SLERP goes by α from a to b and from c to the point
     * opposite a, then by β from the one to the other.
     *
     * @return (n², sample shape…), row by row
     */
    public Tensor plane(Arena arena, Tensor a, Tensor b, Tensor c, int n) {
        if (n < 2) throw new IllegalArgumentException("a plane needs at least 2 points a side, found " + n);
        Shape sample = sample(a), one = batch(1, sample);
        same(a, b);
        same(a, c);
        Tensor out = Tensor.allocate(arena, a.dtype(), batch((long) n * n, sample));
        try (Arena scratch = Arena.ofConfined()) {
            Tensor p = a.reshape(one), q = b.reshape(one), r = c.reshape(one), s = Tensor.allocate(scratch, a.dtype(), one);
            for (long i = 0; i < s.size(); i++)
                s.setDouble(i, q.getDouble(i) + (r.getDouble(i) - p.getDouble(i)));
            for (int j = 0; j < n; j++) {
                double alpha = j / (n - 1.0);
                Tensor top = at(scratch, p, q, alpha), bottom = at(scratch, r, s, alpha);
                for (int i = 0; i < n; i++)
                    put(at(scratch, top, bottom, i / (n - 1.0)), out, i * n + j);
            }
        }
        return out;
    }

    private static void put(Tensor row, Tensor out, int at) { out.rows(at, at + 1).data().copyFrom(row.data()); }

    private static double cosine(Tensor a, Tensor b, long at, long n) {
        double ab = 0, aa = 0, bb = 0;
        for (long i = at; i < at + n; i++) {
            double x = a.getDouble(i), y = b.getDouble(i);
            ab += x * y;
            aa += x * x;
            bb += y * y;
        }
        // A sample of zeros has no direction.
        return aa == 0 || bb == 0 ? 1 : ab / Math.sqrt(aa * bb);
    }

    private static long rows(Tensor t) { return t.shape().rank() == 0 ? 1 : t.shape().dim(0); }

    /** The shape of one sample; with a leading 1 or without. */
    private static Shape sample(Tensor t) {
        long[] d = t.shape().dims();
        return d.length > 0 && d[0] == 1 ? Shape.of(java.util.Arrays.copyOfRange(d, 1, d.length)) : t.shape();
    }

    private static Shape batch(long n, Shape sample) {
        long[] d = new long[sample.rank() + 1];
        d[0] = n;
        System.arraycopy(sample.dims(), 0, d, 1, sample.rank());
        return Shape.of(d);
    }

    private static void same(Tensor a, Tensor b) {
        if (!a.shape().equals(b.shape()) || a.dtype() != b.dtype() || a.dtype() != DType.FLOAT32 && a.dtype() != DType.FLOAT64)
            throw new IllegalArgumentException("noises to blend must be of one shape, float32 or float64, found " + a + " and " + b);
    }
}
