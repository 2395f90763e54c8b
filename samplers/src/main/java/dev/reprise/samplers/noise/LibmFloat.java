package dev.reprise.samplers.noise;

/**
 * The single-precision {@code logf} and {@code sincosf} of the GNU C library (2.28 and later) on x86-64 machines with FMA, to
 * the last bit: what PyTorch's kernels without vector instructions call. Both compute in double precision with few terms and
 * round at the end. (Source: ARM's optimized routines.)
 */
final class LibmFloat {
    private static final int LOG_BEGIN = 0x3f330000;
    private static final double LN2 = 0x1.62e42fefa39efp-1;
    private static final double[] RECIPROCAL = {0x1.661ec79f8f3bep+0, 0x1.571ed4aaf883dp+0, 0x1.49539f0f010bp+0, 0x1.3c995b0b80385p+0,
        0x1.30d190c8864a5p+0, 0x1.25e227b0b8eap+0, 0x1.1bb4a4a1a343fp+0, 0x1.12358f08ae5bap+0, 0x1.0953f419900a7p+0, 1,
        0x1.e608cfd9a47acp-1, 0x1.ca4b31f026aap-1, 0x1.b2036576afce6p-1, 0x1.9c2d163a1aa2dp-1, 0x1.886e6037841edp-1,
        0x1.767dcf5534862p-1};
    private static final double[] LOG = new double[RECIPROCAL.length];

    /** Of (log(1 + s') - log(1 - s')) / s' - 2 in s'², highest power first. */
    private static final float[] LOG1P = {1.4798198640e-01f, 1.5313838422e-01f, 1.8183572590e-01f, 2.2222198546e-01f, 2.8571429849e-01f,
        4.0000000596e-01f, 6.6666668653e-01f};

    private static final double TO_QUADRANT = 0x1.45f306dc9c883p+23, PI_2 = 0x1.921fb54442d18p+0;

    static {
        for (int i = 0; i < LOG.length; i++)
            LOG[i] = -StrictMath.log(RECIPROCAL[i]) + 0.0;
    }

    private LibmFloat() {}

    /** Natural logarithm of a positive normal number. */
    static float log(float x) {
        if (x == 1) return 0;
        int bits = Float.floatToRawIntBits(x), offset = bits - LOG_BEGIN, i = offset >>> 19 & 15;
        double z = Float.intBitsToFloat(bits - (offset & 0xff800000));
        double r = Math.fma(z, RECIPROCAL[i], -1), r2 = r * r, y0 = Math.fma((double) (offset >> 23), LN2, LOG[i]);
        double y = Math.fma(-0x1.00ea348b88334p-2, r2, Math.fma(0x1.5575b0be00b6ap-2, r, -0x1.ffffef20a4123p-2));
        return (float) Math.fma(r2, y, r + y0);
    }

    /** log(1 + x) for x in (−1, 0], as before version 2.41, which rounds it correctly: Sun's fdlibm, nothing fused. */
    static float log1p(float x) {
        if (x > -0x1p-54f) return x;
        if (x > -0x1p-29f) return x - x * x * 0.5f;
        if (Float.floatToRawIntBits(x) <= 0xbe95f61f) return log1p(x, 0, 0, false);
        float u = 1 + x, c = (x - (u - 1)) / u;
        int bits = Float.floatToRawIntBits(u), k = (bits >> 23) - 127, m = bits & 0x7fffff;
        boolean low = m < 0x3504f7;
        float f = Float.intBitsToFloat(m | (low ? 0x3f800000 : 0x3f000000)) - 1;
        return log1p(f, low ? k : k + 1, c, (low ? m : 0x800000 - m >> 2) == 0);
    }

    /** k ln 2 + log(1 + f) + c. @param tiny where |f| is below 2^-20 */
    private static float log1p(float f, int k, float c, boolean tiny) {
        float half = 0.5f * f * f, ln2High = 6.9313812256e-01f, ln2Low = 9.0580006145e-06f;
        if (tiny) {
            if (f == 0) return k == 0 ? 0 : k * ln2High + (c + k * ln2Low);
            float r = half * (1 - 0.66666666666666666f * f);
            return k == 0 ? f - r : k * ln2High - (r - (k * ln2Low + c) - f);
        }
        float s = f / (2 + f), z = s * s, r = 0;
        for (float p : LOG1P)
            r = (p + r) * z;
        return k == 0 ? f - (half - s * (half + r)) : k * ln2High - (half - (s * (half + r) + (k * ln2Low + c)) - f);
    }

    /**
     * @param v  from 0 to 100
     * @param to element 0 becomes sin v, element 1 cos v
     */
    static void sincos(float v, float[] to) {
        if (!(v >= 0 && v <= 100)) throw new IllegalArgumentException("sincos wants a number from 0 to 100, found " + v);
        int top = Float.floatToRawIntBits(v) >>> 20;
        if (top < 0x398) {
            to[0] = v;
            to[1] = 1;
            return;
        }
        double x = v;
        int quadrant = top < 0x3f4 ? 0 : (int) (x * TO_QUADRANT) + 0x800000 >> 24;
        if (quadrant != 0) x = Math.fma(-(double) quadrant, PI_2, x);
        double x2 = x * x, x4 = x2 * x2;
        if (((quadrant + 1) & 2) != 0) x = -x;
        double x3 = x * x2;
        double s = Math.fma(Math.fma(-0x1.994eb3774cf24p-13, x2, 0x1.1107605230bc4p-7), x2 * x3, Math.fma(x3, -0x1.555545995a603p-3, x));
        double c = Math.fma(Math.fma(0x1.99343027bf8c3p-16, x2, -0x1.6c087e89a359dp-10), x2 * x4,
                Math.fma(x4, 0x1.55553e1068f19p-5, Math.fma(x2, -0x1.ffffffd0c621cp-2, 1)));
        to[quadrant & 1] = (float) s;
        to[1 - (quadrant & 1)] = (float) ((quadrant & 2) == 0 ? c : -c);
    }
}
