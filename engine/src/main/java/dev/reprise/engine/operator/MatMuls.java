package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Epilogue;
import dev.reprise.ops.kernel.Gemm;
import dev.reprise.ops.kernel.MatMulPlain;
import dev.reprise.ops.kernel.PackedB;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;

/**
 * MatMul (since 1, 9, 13), and the internal MatMulFused: inputs A (…, K), B (K, N) or batched, optional bias (N), optional
 * residual of the output's shape; attributes "transB" (1: B is (…, N, K)), "alpha" and "scale" (floats, default 1),
 * "activation" ({@link dev.reprise.ops.kernel.Activation#attribute}, default "none"); output
 * activation(alpha * A B + bias + residual) * scale.
 */
final class MatMuls {
    private MatMuls() {}

    static void register(Registry r) {
        r.add("MatMul", 1, Halves.of(c -> bind(c, false, Epilogue.NONE)));
        r.addInternal("MatMulFused", Halves.of(c -> bind(c, c.attributes().flag("transB", false),
                new Epilogue(c.attributes().real("alpha", 1), Fused.activation(c), c.attributes().real("scale", 1)))));
    }

    private static Binding bind(BindContext c, boolean transB, Epilogue e) {
        MatMulShape s = MatMulShape.of(c, c.shape(0), c.shape(1), transB);
        DType t = c.dtype(0);
        c.require(c.dtype(1) == t, "the inputs must have one type, found " + t + " and " + c.dtype(1));
        int bias = c.has(2) ? 2 : -1, residual = c.has(3) ? 3 : -1;
        if (bias >= 0) c.require(c.shape(2).equals(Shape.of(s.n())), "the bias must have shape [" + s.n() + "], found " + c.shape(2));
        if (residual >= 0) c.require(c.shape(3).equals(s.out()), "the residual must have shape " + s.out() + ", found " + c.shape(3));
        if (t == DType.FLOAT32)
            return Binding.of(t, s.out(), new Gemm(s.m(), s.n(), s.k(), false, transB, s.a(), s.b(), s.bCount(),
                    packed(c, 1, s, transB), e, bias, residual));
        if (!MatMulPlain.supports(t) || transB || bias >= 0 || residual >= 0 || !e.equals(Epilogue.NONE))
            throw c.unsupported("a matrix product of " + t);
        return Binding.of(t, s.out(), new MatMulPlain(t, s.m(), s.n(), s.k(), s.a(), s.b()));
    }

    /** The packed form of a constant B, or null. */
    static Tensor packed(BindContext c, int input, MatMulShape s, boolean transB) {
        if (!c.isConstant(input)) return null;
        return c.packed(input, "gemm-b/" + s.k() + "/" + transB + "/" + PackedB.form(),
                PackedB.packing(s.bCount(), s.k(), s.n(), transB ? 1 : s.n(), transB ? s.k() : 1));
    }
}
