package dev.reprise.audit.command;

import dev.reprise.ops.tensor.Tensor;

/**
 * How far two tensors of one shape are apart, as {@code numpy.allclose(a, b)} sees it: within where
 * {@code |a - b| <= atol + rtol |b|}. Equal infinities and two NaNs are equal; an infinity or a NaN against anything
 * else is outside every tolerance.
 *
 * @param elements    compared
 * @param different   elements that are not equal as numbers
 * @param outside     elements outside the tolerance
 * @param maxAbsolute largest {@code |a - b|}; infinite where an infinity or NaN meets a number
 * @param maxRelative largest {@code |a - b| / |b|} over elements with b not 0
 * @param maxUlp      most floating-point numbers of the type that lie between a and b; null for other types
 * @param bitEqual    whether the bytes are the same
 * @param worst       index of the largest absolute difference, row-major, or -1
 */
public record Comparison(long elements, long different, long outside, double maxAbsolute, double maxRelative, Long maxUlp, boolean bitEqual,
        long worst) {

    /** @throws IllegalArgumentException where the types or shapes differ */
    public static Comparison of(Tensor a, Tensor b, double atol, double rtol) {
        if (a.dtype() != b.dtype()) throw new IllegalArgumentException("types differ: " + a.dtype() + " and " + b.dtype());
        if (!a.shape().equals(b.shape())) throw new IllegalArgumentException("shapes differ: " + a.shape() + " and " + b.shape());
        boolean integers = !a.dtype().isFloat();
        long different = 0, outside = 0, ulp = 0, worst = -1;
        double absolute = 0, relative = 0;
        for (long i = 0; i < a.size(); i++) {
            double x = a.getDouble(i), y = b.getDouble(i);
            // Beyond 2^53 two integers may be equal as doubles and yet differ.
            boolean equal = integers ? a.getLong(i) == b.getLong(i) : x == y || Double.isNaN(x) && Double.isNaN(y);
            if (equal) continue;
            different++;
            double d = integers && x == y ? 1 : Math.abs(x - y);
            if (Double.isNaN(d)) d = Double.POSITIVE_INFINITY;
            if (!(d <= atol + rtol * Math.abs(y)) || Double.isInfinite(d)) outside++;
            if (worst < 0 || d > absolute) {
                absolute = d;
                worst = i;
            }
            if (y != 0) relative = Math.max(relative, d / Math.abs(y));
            if (!integers) ulp = Math.max(ulp, ulps(a, b, i));
        }
        return new Comparison(a.size(), different, outside, absolute, relative, integers ? null : ulp, a.data().mismatch(b.data()) < 0,
                worst);
    }

    /** Distance in steps of the type's own numbers; saturates, and is the largest where either is NaN. */
    private static long ulps(Tensor a, Tensor b, long i) {
        if (Double.isNaN(a.getDouble(i)) || Double.isNaN(b.getDouble(i))) return Long.MAX_VALUE;
        long x = ordered(a, i), y = ordered(b, i);
        long d = x - y;
        return ((x ^ y) & (x ^ d)) < 0 ? Long.MAX_VALUE : Math.abs(d);
    }

    /** The bits of a float as an integer that grows with the number; both zeros are 0. */
    private static long ordered(Tensor t, long i) {
        int bytes = t.dtype().bytes();
        long bits = switch (bytes) {
            case 8 -> t.data().get(Tensor.I64, i << 3);
            case 4 -> t.data().get(Tensor.I32, i << 2);
            default -> t.data().get(Tensor.I16, i << 1);
        };
        long magnitude = bits & (-1L >>> (65 - 8 * bytes));
        return bits < 0 ? -magnitude : magnitude;
    }
}
