package dev.reprise.samplers.noise;

/**
 * The double-precision {@code log}, {@code log1p}, {@code sin} and {@code cos} of the GNU C library (2.28 and later) on x86-64
 * machines with FMA, to the last bit. They are not correctly rounded, so PyTorch's and NumPy's float64 numbers on Linux can
 * only be had by repeating their arithmetic: reductions, tables, the order of every polynomial, and which multiply-adds the
 * compiler fused. A {@code *} followed by {@code +} is rounded twice there too.
 *
 * <p>The logarithm is that of ARM's optimized routines, log1p that of Sun's fdlibm with its polynomial in four parts, sine and
 * cosine descend from IBM's accurate library. Arguments are what random number generators ask for.
 */
final class Libm {
    private static final double LN2_HI = 0x1.62e42fefa3800p-1, LN2_LO = 0x1.ef35793c76730p-45;
    /** Between these the logarithm has a polynomial of its own. */
    private static final double NEAR_ONE_BEGIN = 1 - 0x1p-4, NEAR_ONE_END = 1 + 0x1.09p-4;

    private static final double FD_LN2_HI = 6.93147180369123816490e-01, FD_LN2_LO = 1.90821492927058770002e-10;

    private static final double PI_2 = 0x1.921fb54442d18p+0, PI_2_LOW = 0x1.1a62633145c07p-54;
    /** Adding it leaves a number's nearest multiple of 1/128 in the low bits. */
    private static final double TO_128 = 0x1.8p45;
    private static final double TO_INTEGER = 0x1.8p52;

    private Libm() {}

    /** Natural logarithm of a positive normal number. */
    static double log(double x) {
        if (x >= NEAR_ONE_BEGIN && x < NEAR_ONE_END) return x == 1 ? 0 : logNearOne(x - 1);
        long bits = Double.doubleToRawLongBits(x), offset = bits - LibmTables.LOG_BEGIN;
        int i = LibmTables.interval(offset);
        double k = offset >> 52;
        double z = Double.longBitsToDouble(bits - (offset & 0xfffL << 52));
        double r = Math.fma(z, LibmTables.RECIPROCAL[i], -1);
        double w = Math.fma(k, LN2_HI, LibmTables.LOG[i]), hi = r + w;
        double lo = Math.fma(k, LN2_LO, w - hi + r);
        double r2 = r * r;
        double p = Math.fma(r, -0x1.fffffffeb459p-3, 0x1.555555551305bp-2);
        double q = Math.fma(Math.fma(r, -0x1.55575e506c89fp-3, 0x1.999b324f10111p-3), r2, p);
        return Math.fma(r * r2, q, Math.fma(r2, -0x1.0000000000001p-1, lo)) + hi;
    }

    /** log(1 + r), with r − r²/2 in two doubles. */
    private static double logNearOne(double r) {
        double r2 = r * r, r3 = r * r2;
        double a = Math.fma(r2, 0x1.999999995dd0cp-3, Math.fma(r, -0x1.ffffffffffdcbp-3, 0x1.5555555555577p-2));
        double b = Math.fma(r2, -0x1.fffffa4423d65p-4, Math.fma(r, 0x1.24924a344de3p-3, -0x1.55555556745a7p-3));
        double c = Math.fma(r2, 0x1.78182f7afd085p-4, Math.fma(r, -0x1.999eb43b068ffp-4, 0x1.c7184282ad6cap-4));
        double p = Math.fma(Math.fma(Math.fma(r3, -0x1.5521375d145cdp-4, c), r3, b), r3, a);
        double high = Math.fma(-0x1p27, r, Math.fma(r, 0x1p27, r)), low = r - high;
        double square = high * high, hi = Math.fma(square, -0.5, r);
        double lo = Math.fma(-0.5 * low, r + high, Math.fma(square, -0.5, r - hi));
        return Math.fma(p, r3, lo) + hi;
    }

    /** log(1 + x) for x in (−1, 0]. */
    static double log1p(double x) {
        if (x > -0x1p-54) return x;
        if (x > -0x1p-29) return x - x * x * 0.5;
        if (high(x) < 0xbfd2bec4) return log1p(x, 0, 0, false);
        double u = 1 + x, c = (x - (u - 1)) / u;
        int k = (high(u) >> 20) - 1023, m = high(u) & 0xfffff;
        if (m >= 0x6a09e) k++;
        // The fraction, in [√½, √2).
        long exponent = m < 0x6a09e ? 0x3ffL : 0x3feL;
        double f = Double.longBitsToDouble(Double.doubleToRawLongBits(u) & (1L << 52) - 1 | exponent << 52) - 1;
        return log1p(f, k, c, (m < 0x6a09e ? m : 0x100000 - m >> 2) == 0);
    }

    /** k ln 2 + log(1 + f) + c. @param tiny where |f| is below 2^-20 */
    private static double log1p(double f, int k, double c, boolean tiny) {
        double half = 0.5 * f * f;
        if (tiny) {
            if (f == 0) return k == 0 ? 0 : Math.fma(k, FD_LN2_HI, Math.fma(k, FD_LN2_LO, c));
            double r = half * Math.fma(-0.66666666666666666, f, 1);
            return k == 0 ? f - r : Math.fma(k, FD_LN2_HI, -(r - Math.fma(k, FD_LN2_LO, c) - f));
        }
        double s = f / (2 + f), z = s * s, z2 = z * z, z4 = z2 * z2, z6 = z2 * z4;
        double r2 = Math.fma(z, 2.857142874366239149e-01, 3.999999999940941908e-01);
        double r3 = Math.fma(z, 1.818357216161805012e-01, 2.222219843214978396e-01);
        double r4 = Math.fma(z, 1.479819860511658591e-01, 1.531383769920937332e-01);
        double r = Math.fma(z6, r4, Math.fma(z4, r3, Math.fma(z, 6.666666666666735130e-01, z2 * r2)));
        double t = (r + half) * s;
        return k == 0 ? f - (half - t) : Math.fma(k, FD_LN2_HI, -(half - (Math.fma(k, FD_LN2_LO, c) + t) - f));
    }

    private static int high(double x) { return (int) (Double.doubleToRawLongBits(x) >> 32); }

    /**
     * Sine and cosine as {@code sincos} computes them in one call, which is what compilers make of both functions.
     *
     * @param x  from 0 to 10^8
     * @param to element 0 becomes sin x, element 1 cos x
     */
    static void sincos(double x, double[] to) {
        if (!(x >= 0 && x <= 1e8)) throw new IllegalArgumentException("sincos wants a number from 0 to 1e8, found " + x);
        int top = high(x);
        if (top < 0x3e400000) {
            to[0] = x;
            to[1] = 1;
        } else if (top < 0x3feb6000) {
            to[0] = sin(x, 0);
            to[1] = cos(x, 0);
        } else if (top < 0x400368fd) {
            double y = PI_2 - x, a = y + PI_2_LOW, da = y - a + PI_2_LOW;
            to[0] = cos(a, da);
            to[1] = sin(a, da);
        } else {
            reduced(x, to);
        }
    }

    /** Takes off the nearest multiple of π/2, with π/2 in four parts. */
    private static void reduced(double x, double[] to) {
        double t = Math.fma(x, 0x1.45f306dc9c883p-1, TO_INTEGER), n = t - TO_INTEGER;
        int quadrant = (int) Double.doubleToRawLongBits(t) & 3;
        double y = Math.fma(-n, -0x1.dde973c000000p-27, Math.fma(-n, 0x1.921fb58000000p+0, x));
        double p3 = -0x1.cb3b398000000p-55, p4 = -0x1.d747f23e32ed7p-83;
        double t2 = Math.fma(-n, p3, y), a = Math.fma(-n, p4, t2);
        double da = Math.fma(-n, p3, y - t2) + Math.fma(-n, p4, t2 - a);
        if (quadrant == 1 || quadrant == 2) {
            a = -a;
            da = -da;
        }
        int swap = quadrant & 1;
        to[swap] = sin(a, da);
        double c = cos(a, da);
        to[1 - swap] = (quadrant & 2) == 0 ? c : -c;
    }

    /** sin(a + da). */
    private static double sin(double a, double da) {
        double size = Math.abs(a);
        if (size < 0.126) {
            double xx = a * a;
            double p = Math.fma(-0x1.addffc2fcdf59p-26, xx, 0x1.71de27b9a7ed9p-19);
            p = Math.fma(p, xx, -0x1.a01a019db08b8p-13);
            p = Math.fma(p, xx, 0x1.1111111110ecep-7);
            p = Math.fma(p, xx, -0x1.5555555555555p-3);
            return Math.fma(Math.fma(p, a, -(0.5 * da)), xx, da) + a;
        }
        double dx = a <= 0 ? -da : da, u = TO_128 + size, x = size - (u - TO_128), xx = x * x;
        double s = Math.fma(x * xx, sinTerms(xx), dx) + x;
        double c = Math.fma(dx, x, xx * cosTerms(xx));
        int k = 4 * (int) Double.doubleToRawLongBits(u);
        double[] t = LibmTables.SINE;
        double correction = Math.fma(s, t[k + 2], Math.fma(-c, t[k], Math.fma(s, t[k + 3], t[k + 1])));
        return Math.copySign(t[k] + correction, a);
    }

    /** cos(a + da). */
    private static double cos(double a, double da) {
        double size = Math.abs(a), u = TO_128 + size, x = size - (u - TO_128) + (a < 0 ? -da : da), xx = x * x;
        double s = Math.fma(x * xx, sinTerms(xx), x), c = xx * cosTerms(xx);
        int k = 4 * (int) Double.doubleToRawLongBits(u);
        double[] t = LibmTables.SINE;
        return t[k + 2] + Math.fma(-s, t[k], Math.fma(-t[k + 2], c, Math.fma(-s, t[k + 1], t[k + 3])));
    }

    private static double sinTerms(double xx) { return Math.fma(xx, 0x1.11110e829872fp-7, -0x1.5555555555515p-3); }

    private static double cosTerms(double xx) { return Math.fma(Math.fma(xx, 0x1.6c16bedd9e239p-10, -0x1.5555555555535p-5), xx, 0.5); }
}
