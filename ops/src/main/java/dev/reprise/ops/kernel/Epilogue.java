package dev.reprise.ops.kernel;

import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
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
     * Applies it in place to a block. {@code bias} and {@code residual} may be null; every offset and stride is in bytes.
     *
     * @param biasAt     of the block's first column
     * @param residualAt of the block's first element
     */
    void apply(MemorySegment c, long at, long ldc, int rows, int columns, MemorySegment bias, long biasAt, MemorySegment residual,
            long residualAt,
            long ldr) {
        if (alpha == 1 && bias == null && activation == Activation.NONE && residual == null && scale == 1) return;
        for (int i = 0; i < rows; i++) {
            if (alpha != 1) scale(c, at, columns, alpha);
            if (bias != null) add(c, at, columns, bias, biasAt);
            if (residual != null) add(c, at, columns, residual, residualAt);
            activation.apply(c, at, columns);
            if (scale != 1) scale(c, at, columns, scale);
            at += ldc;
            residualAt += ldr;
        }
    }

    private static void scale(MemorySegment c, long at, int n, float by) {
        int i = 0;
        for (; i <= n - PackedB.LANES; i += PackedB.LANES) {
            long o = at + i * 4L;
            FloatVector.fromMemorySegment(WideTiles.S, c, o, WideTiles.LE).mul(by).intoMemorySegment(c, o, WideTiles.LE);
        }
        for (; i < n; i++)
            c.set(Tensor.F32, at + i * 4L, c.get(Tensor.F32, at + i * 4L) * by);
    }

    private static void add(MemorySegment c, long at, int n, MemorySegment d, long dAt) {
        int i = 0;
        for (; i <= n - PackedB.LANES; i += PackedB.LANES) {
            long o = at + i * 4L;
            FloatVector x = FloatVector.fromMemorySegment(WideTiles.S, c, o, WideTiles.LE);
            x.add(FloatVector.fromMemorySegment(WideTiles.S, d, dAt + i * 4L, WideTiles.LE)).intoMemorySegment(c, o, WideTiles.LE);
        }
        for (; i < n; i++)
            c.set(Tensor.F32, at + i * 4L, c.get(Tensor.F32, at + i * 4L) + d.get(Tensor.F32, dAt + i * 4L));
    }
}
