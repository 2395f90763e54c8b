package dev.reprise.samplers.noise;

/**
 * Turns a block of 16 uniform numbers into 16 normal ones in place: {@code d[j], d[j+8]} become {@code r cos θ, r sin θ}
 * with {@code r = √(−2 ln(1 − d[j]))} and {@code θ = 2π d[j+8]}.
 *
 * <p>The float version repeats every rounding of PyTorch's AVX2 kernel: Cephes' {@code logf} and {@code sincosf} with the
 * multiply-adds that the compiler fused. An operation written as {@code *} then {@code +} is rounded twice there too.
 */
final class BoxMuller {
    private static final float TWO_PI = (float) (2 * Math.PI);

    private BoxMuller() {}

    static void block(float[] d, int at) {
        for (int j = at; j < at + 8; j++) {
            float r = (float) Math.sqrt(-2f * log(1f - d[j]));
            float theta = TWO_PI * d[j + 8];
            // The sum with zero is the mean of the distribution: it turns −0 into +0.
            float normal = r * cos(theta) + 0f;
            d[j + 8] = r * sin(theta) + 0f;
            d[j] = normal;
        }
    }

    /** As PyTorch without vector instructions: the angle is computed in double precision and rounded once. */
    static void libmBlock(float[] d, int at) {
        float[] turn = new float[2];
        for (int j = at; j < at + 8; j++) {
            float r = (float) Math.sqrt(-2f * LibmFloat.log(1f - d[j]));
            LibmFloat.sincos((float) (2 * Math.PI * d[j + 8]), turn);
            d[j] = r * turn[1] + 0f;
            d[j + 8] = r * turn[0] + 0f;
        }
    }

    static void block(double[] d, int at) {
        double[] turn = new double[2];
        for (int j = at; j < at + 8; j++) {
            double r = Math.sqrt(-2 * Libm.log(1 - d[j]));
            Libm.sincos(2 * Math.PI * d[j + 8], turn);
            d[j] = r * turn[1] + 0.0;
            d[j + 8] = r * turn[0] + 0.0;
        }
    }

    /** Natural logarithm of a normal number in (0, 1]. */
    static float log(float v) {
        int bits = Float.floatToRawIntBits(v);
        float e = (bits >>> 23) - 126;
        float m = Float.intBitsToFloat(bits & 0x7fffff | 0x3f000000), x;
        if (m < 0.70710678f) {
            e -= 1;
            x = m - 1f + m;
        } else {
            x = m - 1f;
        }
        float z = x * x;
        float y = Math.fma(7.0376836292e-2f, x, -1.1514610310e-1f);
        y = Math.fma(y, x, 1.1676998740e-1f);
        y = Math.fma(y, x, -1.2420140846e-1f);
        y = Math.fma(y, x, 1.4249322787e-1f);
        y = Math.fma(y, x, -1.6668057665e-1f);
        y = Math.fma(y, x, 2.0000714765e-1f);
        y = Math.fma(y, x, -2.4999993993e-1f);
        y = Math.fma(y, x, 3.3333331174e-1f);
        y = y * x;
        y = Math.fma(y, z, e * -2.12194440e-4f);
        y = Math.fma(-z, 0.5f, y);
        return Math.fma(e, 0.693359375f, x + y);
    }

    static float sin(float v) {
        int j = octant(v);
        float x = reduce(v, j), z = x * x;
        float s = (j & 2) == 0 ? sinPolynomial(x, z) : cosPolynomial(z);
        return (j & 4) == 0 ? s : -s;
    }

    static float cos(float v) {
        int j = octant(v);
        float x = reduce(v, j), z = x * x;
        float c = (j & 2) == 0 ? cosPolynomial(z) : sinPolynomial(x, z);
        return (j - 2 & 4) == 0 ? -c : c;
    }

    private static int octant(float v) { return (int) (v * 1.27323954473516f) + 1 & ~1; }

    /** v − j π/4, with π/4 in three parts. */
    private static float reduce(float v, int j) {
        float x = Math.fma((float) j, -0.78515625f, v);
        x = Math.fma((float) j, -2.4187564849853515625e-4f, x);
        return Math.fma((float) j, -3.77489497744594108e-8f, x);
    }

    private static float cosPolynomial(float z) {
        float c = Math.fma(2.443315711809948e-5f, z, -1.388731625493765e-3f);
        c = Math.fma(c, z, 4.166664568298827e-2f);
        c = c * z;
        c = Math.fma(c, z, -(z * 0.5f));
        return c + 1f;
    }

    private static float sinPolynomial(float x, float z) {
        float s = Math.fma(-1.9515295891e-4f, z, 8.3321608736e-3f);
        s = Math.fma(s, z, -1.6666654611e-1f);
        s = s * z;
        return Math.fma(s, x, x);
    }
}
