package dev.reprise.ops.math;

/**
 * x^y of floats as 2^(y log2 x) in doubles, rounded once: at most 0.501 ULP off. Made of IEEE 754 operations alone, as {@link FloatMath};
 * the vector form is in {@code kernel.PowLoops}, the same operations in the same order.
 *
 * <p>The exponents 2, 3, ½, 1 and -1 are one or two float operations instead (a cube 1.5 ULP, the others ½), decided by the value of y alone,
 * so that a scalar exponent and a tensor of them give the same bits. Special cases are IEEE 754's ({@code pow} of C), where
 * 1^y and x^0 are 1 even of NaN, and (-1)^±∞ is 1.
 */
public final class Power {
    private static final double LN2 = 0.6931471805599453;
    /** log2 m = s (L1 + L3 s² + …) with s = (m - 1) / (m + 1): the series of the area tangent. */
    public static final double L1 = 2 / LN2, L3 = L1 / 3, L5 = L1 / 5, L7 = L1 / 7, L9 = L1 / 9, L11 = L1 / 11, L13 = L1 / 13,
            L15 = L1 / 15,
            L17 = L1 / 17, L19 = L1 / 19;
    /** 2^r = 1 + E1 r + E2 r² + …: the power series, cut below a double's last bits for r up to ½. */
    public static final double E1 = LN2, E2 = E1 * LN2 / 2, E3 = E2 * LN2 / 3, E4 = E3 * LN2 / 4, E5 = E4 * LN2 / 5, E6 = E5 * LN2 / 6,
            E7 = E6 * LN2 / 7, E8 = E7 * LN2 / 8, E9 = E8 * LN2 / 9, E10 = E9 * LN2 / 10, E11 = E10 * LN2 / 11, E12 = E11 * LN2 / 12;
    /** Adding it rounds to an integer, which then stands in the low bits, with the bias of a double's exponent. */
    public static final double ROUND_BIASED = 0x1.8p52 + 1023;
    /** Beyond, 2^t is no float. */
    public static final double LARGE = 200;
    /** Bits of √½: mantissas are taken from [√½, √2). */
    public static final int SQRT_HALF_BITS = FloatMath.SQRT_HALF_BITS;
    /** From here on every float is an integer. */
    public static final float INTEGERS = 8388608f;

    private Power() {}

    public static float of(float x, float y) { return finish(x, y, exp2(y * log2(x))); }

    /** log2 |x|; anything for NaN. */
    public static double log2(float x) {
        float a = Math.abs(x);
        boolean tiny = a < Float.MIN_NORMAL;
        int bits = Float.floatToRawIntBits(tiny ? a * INTEGERS : a), e = bits - SQRT_HALF_BITS >> 23;
        double m = Float.intBitsToFloat(bits - (e << 23));
        float n = tiny ? e - 23 : e;
        n = a == 0f ? Float.NEGATIVE_INFINITY : a == Float.POSITIVE_INFINITY ? a : n;
        double s = (m - 1) / (m + 1), z = s * s;
        double p = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(L19, z, L17), z, L15), z, L13), z, L11), z, L9);
        p = Math.fma(Math.fma(Math.fma(Math.fma(p, z, L7), z, L5), z, L3), z, L1);
        return Math.fma(s, p, n);
    }

    /** 2^t, rounded to float; anything for NaN. */
    public static float exp2(double t) {
        double c = t > LARGE ? LARGE : t;
        c = c < -LARGE ? -LARGE : c;
        double biased = c + ROUND_BIASED, r = c - (biased - ROUND_BIASED);
        double p = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(E12, r, E11), r, E10), r, E9), r, E8), r, E7), r, E6);
        p = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(p, r, E5), r, E4), r, E3), r, E2), r, E1), r, 1);
        return (float) (p * Double.longBitsToDouble(Double.doubleToRawLongBits(biased) << 52));
    }

    /** x^y from p = |x|^y: signs, special cases and the exponents with a form of their own. */
    public static float finish(float x, float y, float p) {
        float r = Float.floatToRawIntBits(x) < 0 && isInteger(y) && !isInteger(0.5f * y) ? -p : p;
        r = x < 0f && x > Float.NEGATIVE_INFINITY && !isInteger(y) ? Float.NaN : r;
        r = x == -1f && Math.abs(y) == Float.POSITIVE_INFINITY ? 1f : r;
        r = x != x || y != y ? Float.NaN : r;
        r = y == -1f ? 1f / x : y == 0.5f ? root(x) : y == 1f ? x : y == 2f ? x * x : y == 3f ? x * x * x : r;
        return y == 0f || x == 1f ? 1f : r;
    }

    private static boolean isInteger(float y) {
        float a = Math.abs(y);
        return a >= INTEGERS || a + INTEGERS - INTEGERS == a;
    }

    /** x^½: unlike the square root of -∞ and -0, ∞ and 0. */
    public static float root(float x) {
        return x == Float.NEGATIVE_INFINITY ? Float.POSITIVE_INFINITY : (float) Math.sqrt(x + 0f);
    }
}
