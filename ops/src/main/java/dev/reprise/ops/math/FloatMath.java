package dev.reprise.ops.math;

/**
 * Elementary functions of floats, made of IEEE 754 operations alone ({@code +}, {@code *}, {@code /}, {@code fma}, bit
 * shifts), so that every machine computes the same bits. {@link VectorMath} holds the vector twins: the same operations in
 * the same order, hence the same bits in every lane (a NaN counts as one value: Java leaves its payload open).
 *
 * <p>Errors against the exact value are at most 2 ULP unless a method says otherwise. The polynomials and rational functions
 * are minimax fits of relative error, made for this project by iteratively reweighted least squares.
 */
public final class FloatMath {
    /** The constants of {@link #expNonPositive} are public for loops in which a call would be one too many. */
    public static final float LOG2_E = 1.44269504f, LN2_HIGH = 0.693147182f, LN2_LOW = -1.90465421e-9f;
    /** Adding 1.5·2^23 rounds to an integer, which then stands in the low bits. */
    static final float ROUND = 12582912f;
    /** As {@link #ROUND}, with the bias of a float's exponent: the sum's bits shifted left by 23 are the power of two. */
    public static final float ROUND_BIASED = ROUND + 127f;
    /** Below, e^x is no normal float. */
    public static final float EXP_NORMAL = -87.33654f;
    static final float EXP_ZERO = -103.97208f, EXP_INFINITE = 88.72284f;
    public static final float E2 = 0.5f, E3 = 0.166665182f, E4 = 0.041666206f, E5 = 0.0083688898f, E6 = 0.00139504916f;
    static final float M2 = 0.5f, M3 = 0.166666672f, M4 = 0.041666355f, M5 = 0.00833327323f, M6 = 0.00139410084f, M7 = 0.000199141708f;
    static final float L3 = 0.333333313f, L4 = -0.250008225f, L5 = 0.200012282f, L6 = -0.166233361f, L7 = 0.142017186f, L8 = -0.131603643f,
            L9 = 0.127619624f, L10 = -0.07634487f;
    static final float SQRT2_MINUS_1 = 0.41421357f;
    /** Bits of √½: mantissas are taken from [√½, √2). */
    static final int SQRT_HALF_BITS = 0x3f3504f3;
    /** Up to here tanh is its odd polynomial, above 1 - 2 e^-2x / (1 + e^-2x). */
    static final float TANH_SMALL = 0.625f;
    static final float T3 = -0.333332807f, T5 = 0.133314416f, T7 = -0.0537397154f, T9 = 0.020639088f, T11 = -0.00570498686f;
    /** From here erf is taken for 1 (it is 4 ULP below); so no result passes 1. */
    public static final float ERF_ONE = 3.66f;
    public static final float RP0 = 1.12837911f, RP1 = 0.190783978f, RP2 = 0.0527903065f, RP3 = 0.00377961597f, RP4 = 0.000284808804f,
            RP5 = 2.04197022e-06f;
    public static final float RQ1 = 0.50241065f, RQ2 = 0.114257589f, RQ3 = 0.0149974516f, RQ4 = 0.00116521446f, RQ5 = 3.80040765e-05f;
    public static final float SQRT_HALF = 0.70710678f;
    /** 2·√(2/π) and that times 0.044715: the argument of the sigmoid that the tanh form of GELU is. */
    public static final float GELU_1 = 1.59576912f, GELU_3 = 0.0713548163f;

    /** Up to here a multiple of π/2 is subtracted with 106 bits of π/2, of which no float cancels more than fifty. */
    static final double TURNS_LARGE = 1e6;
    /** π/2 less the double nearest to it. */
    static final double HALF_PI_LOW = 6.123233995736766e-17;
    /** The power series of sine and cosine, cut where a term is below a double's last bit at π/4. */
    static final double S3 = -1 / 6.0, S5 = 1 / 120.0, S7 = -1 / 5040.0, S9 = 1 / 362_880.0, S11 = -1 / 39_916_800.0,
            S13 = 1 / 6_227_020_800.0, S15 = -1 / 1_307_674_368_000.0;
    static final double C2 = -1 / 2.0, C4 = 1 / 24.0, C6 = -1 / 720.0, C8 = 1 / 40_320.0, C10 = -1 / 3_628_800.0, C12 = 1 / 479_001_600.0,
            C14 = -1 / 87_178_291_200.0, C16 = 1 / 20_922_789_888_000.0;

    private FloatMath() {}

    /** sin x, rounded once from a double: at most 0.51 ULP off. */
    public static float sin(float x) { return turned(x, 0); }

    /** cos x, rounded once from a double: at most 0.51 ULP off. */
    public static float cos(float x) { return turned(x, 1); }

    /**
     * sin(x + quarters π/2). x less the nearest multiple of π/2 is exact to a double's last bits up to {@link #TURNS_LARGE}; beyond,
     * where no network goes, StrictMath knows π to a thousand bits but makes objects.
     */
    private static float turned(float x, int quarters) {
        double d = x;
        if (!(Math.abs(d) < TURNS_LARGE)) return (float) (quarters == 0 ? StrictMath.sin(d) : StrictMath.cos(d));
        double n = Math.rint(d * (2 / Math.PI));
        // Without the question -0 would lose its sign.
        double r = n == 0 ? d : Math.fma(n, -HALF_PI_LOW, Math.fma(n, -Math.PI / 2, d)), z = r * r;
        int q = (int) n + quarters;
        double y;
        if ((q & 1) == 0) {
            y = S15;
            y = S11 + z * (S13 + z * y);
            y = S7 + z * (S9 + z * y);
            y = r * (1 + z * (S3 + z * (S5 + z * y)));
        } else {
            y = C14 + z * C16;
            y = C10 + z * (C12 + z * y);
            y = C6 + z * (C8 + z * y);
            y = 1 + z * (C2 + z * (C4 + z * y));
        }
        return (float) ((q & 2) == 0 ? y : -y);
    }

    /** e^x, over the whole range with gradual underflow. */
    public static float exp(float x) {
        float t = Math.fma(x, LOG2_E, ROUND), n = t - ROUND;
        float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
        float p = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(E6, r, E5), r, E4), r, E3), r, E2), r, 1f), r, 1f);
        int i = Float.floatToRawIntBits(t) - 0x4b400000, half = i >> 1;
        float y = p * Float.intBitsToFloat(half + 127 << 23) * Float.intBitsToFloat(i - half + 127 << 23);
        y = x > EXP_INFINITE ? Float.POSITIVE_INFINITY : y;
        return x < EXP_ZERO ? 0f : y;
    }

    /**
     * e^x for x up to about 88, cheaper than {@link #exp}: results that would be no normal floats (x below -87.33) are 0.
     * What softmax and the sigmoids use, whose arguments are never positive.
     */
    public static float expNonPositive(float x) {
        float t = Math.fma(x, LOG2_E, ROUND_BIASED), n = t - ROUND_BIASED;
        float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
        float p = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(E6, r, E5), r, E4), r, E3), r, E2), r, 1f), r, 1f);
        float y = p * Float.intBitsToFloat(Float.floatToRawIntBits(t) << 23);
        return x < EXP_NORMAL ? 0f : y;
    }

    /** e^x - 1 for x up to 0, accurate near 0 (the negative half of ELU, SELU, CELU). */
    public static float expm1NonPositive(float x) {
        float t = Math.fma(x, LOG2_E, ROUND_BIASED), n = t - ROUND_BIASED;
        float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
        float q = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(M7, r, M6), r, M5), r, M4), r, M3), r, M2);
        float p = Math.fma(q, r * r, r), s = Float.intBitsToFloat(Float.floatToRawIntBits(t) << 23);
        float y = Math.fma(s, p, s - 1f);
        return x < EXP_NORMAL ? -1f : y;
    }

    /** The natural logarithm: of 0 it is -∞, of negative numbers NaN. */
    public static float log(float x) {
        boolean tiny = x < Float.MIN_NORMAL;
        float v = tiny ? x * 8388608f : x;
        int bits = Float.floatToRawIntBits(v), e = bits - SQRT_HALF_BITS >> 23;
        float f = Float.intBitsToFloat(bits - (e << 23)) - 1f, n = (float) (tiny ? e - 23 : e);
        float y = Math.fma(n, LN2_HIGH, Math.fma(n, LN2_LOW, logNearOne(f)));
        y = x == 0f ? Float.NEGATIVE_INFINITY : x < Float.POSITIVE_INFINITY ? y : x;
        return x < 0f ? Float.NaN : y;
    }

    /** log(1 + e) for e in [0, 1], accurate near 0. */
    public static float log1pUnit(float e) {
        boolean high = e > SQRT2_MINUS_1;
        float f = high ? Math.fma(e, 0.5f, -0.5f) : e;
        return logNearOne(f) + (high ? LN2_HIGH : 0f);
    }

    /** log(1 + f) for 1 + f in [√½, √2]. */
    private static float logNearOne(float f) {
        float q = Math.fma(Math.fma(Math.fma(Math.fma(L10, f, L9), f, L8), f, L7), f, L6);
        q = Math.fma(Math.fma(Math.fma(q, f, L5), f, L4), f, L3);
        return Math.fma(f * f, Math.fma(q, f, -0.5f), f);
    }

    public static float tanh(float x) {
        float z = x * x;
        float p = Math.fma(Math.fma(Math.fma(Math.fma(T11, z, T9), z, T7), z, T5), z, T3);
        float small = Math.fma(x * z, p, x), a = Math.abs(x);
        float e = expNonPositive(-2f * a);
        float y = 1f - (e + e) / (1f + e);
        return a < TANH_SMALL ? small : x < 0f ? -y : y;
    }

    /** The error function; at most 6 ULP. */
    public static float erf(float x) {
        float z = x * x;
        float p = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(RP5, z, RP4), z, RP3), z, RP2), z, RP1), z, RP0);
        float q = Math.fma(Math.fma(Math.fma(Math.fma(Math.fma(RQ5, z, RQ4), z, RQ3), z, RQ2), z, RQ1), z, 1f);
        float y = x * p / q;
        y = x > ERF_ONE ? 1f : y;
        return x < -ERF_ONE ? -1f : y;
    }

    /** 1 / (1 + e^-x); results below the normal floats are 0. */
    public static float sigmoid(float x) {
        float e = expNonPositive(-Math.abs(x));
        return (x < 0f ? e : 1f) / (1f + e);
    }

    /** x · sigmoid(x), the SiLU. */
    public static float silu(float x) {
        float e = expNonPositive(-Math.abs(x));
        return (x < 0f ? x * e : x) / (1f + e);
    }

    /** x · sigmoid(w): what SiLU, Swish and two forms of GELU are. */
    private static float gate(float x, float w) {
        float e = expNonPositive(-Math.abs(w));
        return (w < 0f ? x * e : x) / (1f + e);
    }

    /** x · sigmoid(alpha · x): Swish, and with 1.702 the quick GELU. */
    public static float swish(float x, float alpha) {
        return gate(x, alpha * x);
    }

    /** 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))), computed as x · sigmoid(2 …), which does not cancel. */
    public static float geluTanh(float x) {
        return gate(x, x * Math.fma(x * x, GELU_3, GELU_1));
    }

    /** 0.5 x (1 + erf(x / √2)); absolute error up to 3e-7 |x| for negative x, where the sum cancels. */
    public static float geluErf(float x) {
        float h = 0.5f * x;
        return Math.fma(h, erf(x * SQRT_HALF), h);
    }

    /** log(1 + e^x) without overflow. */
    public static float softplus(float x) {
        return (x > 0f ? x : 0f) + log1pUnit(expNonPositive(-Math.abs(x)));
    }

    /** x · tanh(softplus(x)), through tanh(log(1 + e^x)) = (e² + 2e) / (e² + 2e + 2). */
    public static float mish(float x) {
        float e = expNonPositive(-Math.abs(x));
        float p = Math.fma(e, e, e + e), m = Math.fma(e, 2f, 1f);
        float num = x < 0f ? p : m, den = x < 0f ? p + 2f : Math.fma(e + e, e, m);
        return x * num / den;
    }

    /** x for x &gt; 0, else alpha · (e^x - 1). */
    public static float elu(float x, float alpha) {
        return x > 0f ? x : alpha * expm1NonPositive(x);
    }
}
