package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Activation;
import dev.reprise.ops.kernel.Epilogue;
import dev.reprise.ops.kernel.Gemm;
import dev.reprise.ops.kernel.GemmAddend;
import dev.reprise.ops.kernel.GemmPlain;
import dev.reprise.ops.kernel.MatMulPlain;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;

/** Gemm (since 1, 6, 7, 9, 11, 13): alpha * A' B' + beta * C, where C broadcasts to the result. */
final class Gemms {
    private Gemms() {}

    static void register(Registry r) {
        r.add("Gemm", 1, Halves.of(Gemms::bind), "alpha", "beta", "broadcast", "transA", "transB");
        r.add("Gemm", 7, Halves.of(Gemms::bind), "alpha", "beta", "transA", "transB");
    }

    private static Binding bind(BindContext c) {
        float alpha = c.attributes().real("alpha", 1), beta = c.attributes().real("beta", 1);
        boolean transA = c.attributes().flag("transA", false), transB = c.attributes().flag("transB", false);
        Shape a = c.shape(0), b = c.shape(1);
        c.require(a.rank() == 2 && b.rank() == 2, "A and B must be matrices, found shapes " + a + " and " + b);
        int m = a.dimInt(transA ? 1 : 0), k = a.dimInt(transA ? 0 : 1), n = b.dimInt(transB ? 0 : 1);
        c.require(b.dim(transB ? 1 : 0) == k,
                "A " + a + (transA ? " transposed" : "") + " and B " + b + (transB ? " transposed" : "") + " do not multiply");
        DType t = c.dtype(0);
        c.require(c.dtype(1) == t && (!c.has(2) || c.dtype(2) == t), "the inputs must have one type");
        Shape out = Shape.of(m, n);
        boolean add = c.has(2) && beta != 0;
        long[] strides = add ? strides(c, c.shape(2), m, n) : new long[2];
        if (t != DType.FLOAT32) {
            if (!MatMulPlain.supports(t)) throw c.unsupported("Gemm of " + t);
            return Binding.of(t, out, new GemmPlain(t, m, n, k, transA, transB, alpha, beta, add, strides[0], strides[1]));
        }
        boolean bias = add && beta == 1 && strides[0] == 0 && strides[1] == 1, whole = add && !bias;
        MatMulShape s = new MatMulShape(out, m, n, k, new long[1], new int[1], 1);
        Tensor packed = MatMuls.packed(c, 1, s, transB);
        Gemm kernel = new Gemm(m, n, k, transA, transB, s.a(), s.b(), 1, packed,
                new Epilogue(alpha, Activation.NONE, 1), bias ? 2 : -1, whole ? 2 : -1);
        return Binding.of(t, out, whole ? new GemmAddend(kernel, beta, strides[0], strides[1]) : kernel);
    }

    /** Element strides of C along rows and columns of the result. */
    private static long[] strides(BindContext c, Shape s, int m, int n) {
        long columns = s.rank() > 0 ? s.dim(-1) : 1, rows = s.rank() > 1 ? s.dim(-2) : 1;
        c.require(s.rank() <= 2 && (columns == n || columns == 1) && (rows == m || rows == 1),
                "C of shape " + s + " does not broadcast to [" + m + ", " + n + "]");
        return new long[]{rows == 1 ? 0 : columns, columns == 1 && n != 1 ? 0 : 1};
    }
}
