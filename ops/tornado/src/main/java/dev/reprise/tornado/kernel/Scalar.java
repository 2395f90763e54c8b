package dev.reprise.tornado.kernel;

import uk.ac.manchester.tornado.api.math.TornadoMath;

/** Functions of one number by code, for epilogues and elementwise kernels. Called from device code: no tables, no enums, no fma. */
public final class Scalar {
    public static final int NONE = 0, RELU = 1, SILU = 2, SIGMOID = 3, TANH = 4, GELU = 5, GELU_TANH = 6, QUICK_GELU = 7, MISH = 8, NEG = 9,
            ABS = 10, SQRT = 11, EXP = 12, LOG = 13, RECIPROCAL = 14, ERF = 15, SIN = 16, COS = 17, SOFTPLUS = 18, LEAKY_RELU = 19,
            ELU = 20,
            CLIP = 21, SWISH = 22, SOFTSIGN = 23;
    public static final int ADD = 0, SUB = 1, MUL = 2, DIV = 3, MAX = 4, MIN = 5, POW = 6;

    private Scalar() {}

    /** An activation that needs no parameters: codes up to {@link #MISH}. */
    public static float rpActivate(int code, float x) {
        float y = x;
        if (code == RELU) {
            if (x < 0f) y = 0f;
        } else if (code == SILU) y = x / (1f + TornadoMath.exp(-x));
        else if (code == SIGMOID) y = 1f / (1f + TornadoMath.exp(-x));
        else if (code == TANH) y = TornadoMath.tanh(x);
        else if (code == GELU) y = 0.5f * x * (1f + rpErf(x * 0.70710678f));
        else if (code == GELU_TANH) y = 0.5f * x * (1f + TornadoMath.tanh(0.7978845608f * (x + 0.044715f * x * x * x)));
        else if (code == QUICK_GELU) y = x / (1f + TornadoMath.exp(-1.702f * x));
        else if (code == MISH) y = x * TornadoMath.tanh(rpSoftplus(x));
        return y;
    }

    /** Any of the unary functions. @param p, q its parameters, where it has some */
    public static float rpUnary(int code, float x, float p, float q) {
        float y = x;
        if (code <= MISH) y = rpActivate(code, x);
        else if (code == NEG) y = -x;
        else if (code == ABS) y = x < 0f ? -x : x;
        else if (code == SQRT) y = TornadoMath.sqrt(x);
        else if (code == EXP) y = TornadoMath.exp(x);
        else if (code == LOG) y = TornadoMath.log(x);
        else if (code == RECIPROCAL) y = 1f / x;
        else if (code == ERF) y = rpErf(x);
        else if (code == SIN) y = TornadoMath.sin(x);
        else if (code == COS) y = TornadoMath.cos(x);
        else if (code == SOFTPLUS) y = rpSoftplus(x);
        else if (code == LEAKY_RELU) {
            if (x < 0f) y = p * x;
        } else if (code == ELU) {
            if (x < 0f) y = p * (TornadoMath.exp(x) - 1f);
        } else if (code == CLIP) {
            if (y < p) y = p;
            if (y > q) y = q;
        } else if (code == SWISH) y = x / (1f + TornadoMath.exp(-p * x));
        else if (code == SOFTSIGN) y = x / (1f + (x < 0f ? -x : x));
        return y;
    }

    public static float rpBinary(int code, float x, float y) {
        float z = x + y;
        if (code == SUB) z = x - y;
        else if (code == MUL) z = x * y;
        else if (code == DIV) z = x / y;
        else if (code == MAX) z = x > y ? x : y;
        else if (code == MIN) z = x < y ? x : y;
        else if (code == POW) {
            if (y == 2f) z = x * x;
            else if (y == 0.5f) z = TornadoMath.sqrt(x);
            else z = TornadoMath.pow(x, y);
        }
        return z;
    }

    private static float rpSoftplus(float x) {
        // log1p(exp(-|x|)): for small e the quotient of log(1 + e) and (1 + e) - 1 repairs what 1 + e rounds off.
        float a = x < 0f ? -x : x;
        float e = TornadoMath.exp(-a);
        float u = 1f + e;
        float l = e;
        if (u != 1f) l = TornadoMath.log(u) * e / (u - 1f);
        return x > 0f ? x + l : l;
    }

    /**
     * The error function: its Taylor series up to 1, beyond it Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26,
     * which errs by 1.5e-7 at most.
     */
    public static float rpErf(float x) {
        float a = x < 0f ? -x : x;
        float s = a * a;
        float y;
        if (a < 1f) {
            float t = -s / 75600f + 1f / 9360f;
            t = t * s - 1f / 1320f;
            t = t * s + 1f / 216f;
            t = t * s - 1f / 42f;
            t = t * s + 0.1f;
            t = t * s - 1f / 3f;
            t = t * s + 1f;
            // The next two terms of the series, s^8 / 685440 - s^9 / 6894720, matter near 1 alone.
            float h = s * s * s * s;
            t = t + h * h * (1f / 685440f - s / 6894720f);
            y = 1.1283791671f * a * t;
        } else {
            float t = 1f / (1f + 0.3275911f * a);
            float p = 1.061405429f;
            p = p * t - 1.453152027f;
            p = p * t + 1.421413741f;
            p = p * t - 0.284496736f;
            p = p * t + 0.254829592f;
            y = 1f - p * t * TornadoMath.exp(-s);
        }
        return x < 0f ? -y : y;
    }
}
