package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.LANES;
import static dev.reprise.ops.kernel.Memory.LE;
import static dev.reprise.ops.kernel.Memory.S;
import static dev.reprise.ops.kernel.Memory.V;
import static dev.reprise.ops.tensor.Tensor.F32;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import jdk.incubator.vector.FloatVector;

/**
 * What a float32 product does to a block of its sums s before they leave the cache:
 * {@code y = activation(alpha * s + bias[column] + residual) * scale}, each operation rounded on its own, and left out
 * where there is no bias, no residual, or a factor is 1.
 */
public record Epilogue(float alpha, Activation activation, float scale) {
    public static final Epilogue NONE = new Epilogue(1, Activation.NONE, 1);

    public static Epilogue of(Activation activation) { return new Epilogue(1, activation, 1); }

    /** One element, in scalar arithmetic. {@code bias} and {@code residual} count only where their flag is set. */
    public float apply(float s, boolean hasBias, float bias, boolean hasResidual, float residual) {
        if (alpha != 1) s *= alpha;
        if (hasBias) s += bias;
        if (hasResidual) s += residual;
        s = activation.apply(s);
        return scale != 1 ? s * scale : s;
    }

    /**
     * Applies it in place to a block at {@code at}, rows {@code ldc} bytes apart.
     *
     * @param bias     of the block's first column, or 0
     * @param residual the block's first element, rows {@code ldr} bytes apart, or 0
     */
    void apply(long at, long ldc, int rows, int columns, long bias, long residual, long ldr) {
        if (alpha == 1 && bias == 0 && activation == Activation.NONE && residual == 0 && scale == 1) return;
        if (columns % LANES == 0 && columns <= 4 * LANES) {
            vectors(at, ldc, rows, columns, bias == 0 ? Memory.NOTHING : bias, residual, ldr);
            return;
        }
        for (int i = 0; i < rows; i++) {
            if (alpha != 1) scale(at, columns, alpha);
            if (bias != 0) add(at, columns, bias);
            if (residual != 0) add(at, columns, residual);
            activation.apply(at, columns);
            if (scale != 1) scale(at, columns, scale);
            at += ldc;
            if (residual != 0) residual += ldr;
        }
    }

    /** Whether a product's tiles may begin it on their way into C, with {@code max(s + bias + residual, floor())}, and have something to do there. */
    boolean beginsInTile(long bias, long residual) {
        return alpha == 1 && (bias != 0 || residual != 0 || activation == Activation.RELU);
    }

    /** Whether that is all of it. */
    boolean endsInTile() {
        return (activation == Activation.NONE || activation == Activation.RELU) && scale == 1;
    }

    float floor() { return activation == Activation.RELU ? 0 : Float.NEGATIVE_INFINITY; }

    /** What the tiles have left to do, in place. */
    void afterTile(long at, long ldc, int rows, int columns) {
        for (int i = 0; i < rows; i++, at += ldc) {
            if (activation != Activation.RELU) activation.apply(at, columns);
            if (scale != 1) scale(at, columns, scale);
        }
    }

    /** In one pass where the activation is simple: a factor of 1 and an addend of -0 change no bit. */
    private void vectors(long at, long ldc, int rows, int columns, long bias, long residual, long ldr) {
        boolean none = activation == Activation.NONE, relu = activation == Activation.RELU;
        float last = none || relu ? scale : 1;
        for (long j = 0; j < columns * 4L; j += V) {
            long b = bias + j;
            if (residual == 0) {
                if (relu) sumRelu(at + j, ldc, rows, alpha, b, last);
                else sum(at + j, ldc, rows, alpha, b, last);
            } else if (relu) sumRelu(at + j, ldc, rows, alpha, b, residual + j, ldr, last);
            else sum(at + j, ldc, rows, alpha, b, residual + j, ldr, last);
        }
        if (none || relu) return;
        for (int i = 0; i < rows; i++, at += ldc) {
            activation.apply(at, columns);
            if (scale != 1) scale(at, columns, scale);
        }
    }

    private static void scale(long at, int n, float by) {
        int i = 0;
        for (; i <= n - LANES; i += LANES)
            fromMemorySegment(S, ALL, at + i * 4L, LE).mul(by).intoMemorySegment(ALL, at + i * 4L, LE);
        for (; i < n; i++)
            ALL.set(F32, at + i * 4L, ALL.get(F32, at + i * 4L) * by);
    }

    private static void add(long at, int n, long other) {
        int i = 0;
        for (; i <= n - LANES; i += LANES)
            fromMemorySegment(S, ALL, at + i * 4L, LE).add(fromMemorySegment(S, ALL, other + i * 4L, LE)).intoMemorySegment(ALL,
                    at + i * 4L, LE);
        for (; i < n; i++)
            ALL.set(F32, at + i * 4L, ALL.get(F32, at + i * 4L) + ALL.get(F32, other + i * 4L));
    }

    static void sum(long at, long ldc, int rows, float alpha, long bias, float scale) {
        FloatVector b = fromMemorySegment(S, ALL, bias, LE);
        for (int i = 0; i < rows; i++) {
            long o = at + i * ldc;
            fromMemorySegment(S, ALL, o, LE).mul(alpha).add(b).mul(scale).intoMemorySegment(ALL, o, LE);
        }
    }

    private static void sumRelu(long at, long ldc, int rows, float alpha, long bias, float scale) {
        FloatVector b = fromMemorySegment(S, ALL, bias, LE);
        for (int i = 0; i < rows; i++) {
            long o = at + i * ldc;
            fromMemorySegment(S, ALL, o, LE).mul(alpha).add(b).max(0f).mul(scale).intoMemorySegment(ALL, o, LE);
        }
    }

    static void sum(long at, long ldc, int rows, float alpha, long bias, long residual, long ldr, float scale) {
        FloatVector b = fromMemorySegment(S, ALL, bias, LE);
        for (int i = 0; i < rows; i++) {
            long o = at + i * ldc;
            fromMemorySegment(S, ALL, o, LE).mul(alpha).add(b).add(fromMemorySegment(S, ALL, residual + i * ldr, LE)).mul(scale)
                    .intoMemorySegment(ALL, o, LE);
        }
    }

    private static void sumRelu(long at, long ldc, int rows, float alpha, long bias, long residual, long ldr, float scale) {
        FloatVector b = fromMemorySegment(S, ALL, bias, LE);
        for (int i = 0; i < rows; i++) {
            long o = at + i * ldc;
            fromMemorySegment(S, ALL, o, LE).mul(alpha).add(b).add(fromMemorySegment(S, ALL, residual + i * ldr, LE)).max(0f).mul(scale)
                    .intoMemorySegment(ALL, o, LE);
        }
    }
}
