package dev.reprise.tornado.lower;

import dev.reprise.ops.tensor.Shape;
import dev.reprise.tornado.kernel.Scalar;
import java.util.Arrays;

/** Functions of one value and of two that broadcast. */
final class Elementwise {
    private Elementwise() {}

    static boolean lower(Op o) {
        if (o.inputs() == 0 || !o.has(0)) return false;
        switch (o.type()) {
            case "Relu" -> map(o, Scalar.RELU, 0, 0);
            case "Sigmoid" -> map(o, Scalar.SIGMOID, 0, 0);
            case "Tanh" -> map(o, Scalar.TANH, 0, 0);
            case "Gelu" -> map(o, o.string("approximate", "none").equals("tanh") ? Scalar.GELU_TANH : Scalar.GELU, 0, 0);
            case "Mish" -> map(o, Scalar.MISH, 0, 0);
            case "Swish" -> map(o, Scalar.SWISH, o.real("alpha", 1), 0);
            case "Neg" -> map(o, Scalar.NEG, 0, 0);
            case "Abs" -> map(o, Scalar.ABS, 0, 0);
            case "Sqrt" -> map(o, Scalar.SQRT, 0, 0);
            case "Exp" -> map(o, Scalar.EXP, 0, 0);
            case "Log" -> map(o, Scalar.LOG, 0, 0);
            case "Reciprocal" -> map(o, Scalar.RECIPROCAL, 0, 0);
            case "Erf" -> map(o, Scalar.ERF, 0, 0);
            case "Sin" -> map(o, Scalar.SIN, 0, 0);
            case "Cos" -> map(o, Scalar.COS, 0, 0);
            case "Softplus" -> map(o, Scalar.SOFTPLUS, 0, 0);
            case "Softsign" -> map(o, Scalar.SOFTSIGN, 0, 0);
            case "LeakyRelu" -> map(o, Scalar.LEAKY_RELU, o.real("alpha", 0.01f), 0);
            case "Elu" -> map(o, Scalar.ELU, o.real("alpha", 1), 0);
            case "Clip" -> clip(o);
            case "Add" -> zip(o, Scalar.ADD);
            case "Sub" -> zip(o, Scalar.SUB);
            case "Mul" -> zip(o, Scalar.MUL);
            case "Div" -> zip(o, Scalar.DIV);
            case "Pow" -> zip(o, Scalar.POW);
            case "Max", "Min", "Sum" -> many(o);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static void map(Op o, int code, float p, float q) {
        o.require(!o.constant(0), "of a constant");
        o.launch(Kind.MAP).words(0, o.result().size(), code).read(2, o.in(0), 0).write(3, o.out(0), 0).weight(4, o.region(p, q))
                .each(o.result().size(), 0);
    }

    private static void clip(Op o) {
        float low = o.real("min", Float.NEGATIVE_INFINITY), high = o.real("max", Float.POSITIVE_INFINITY);
        if (o.has(1)) low = o.floats(1)[0];
        if (o.has(2)) high = o.floats(2)[0];
        map(o, Scalar.CLIP, low, high);
    }

    private static void many(Op o) {
        o.require(o.inputs() == 2, "of " + o.inputs() + " inputs");
        zip(o, o.type().equals("Max") ? Scalar.MAX : o.type().equals("Min") ? Scalar.MIN : Scalar.ADD);
    }

    private static void zip(Op o, int code) {
        o.require(o.opset() >= 7 || !o.string("broadcast", "").isEmpty() || o.integer("broadcast", 0) == 0, "the old broadcast");
        zip(o, code, o.in(0), o.shape(0), o.in(1), o.shape(1), o.out(0), o.result());
    }

    /** out = p code q with NumPy's broadcast. */
    static void zip(Op o, int code, int p, Shape ps, int q, Shape qs, int out, Shape shape) {
        int rank = shape.rank();
        long[] dims = shape.dims(), sp = strides(ps, rank), sq = strides(qs, rank);
        // Neighbouring dimensions that both operands walk through evenly are one.
        int n = 0;
        long[] d = new long[rank], u = new long[rank], v = new long[rank];
        for (int i = 0; i < rank; i++) {
            if (dims[i] == 1) continue;
            if (n > 0 && u[n - 1] == sp[i] * dims[i] && v[n - 1] == sq[i] * dims[i]) d[n - 1] *= dims[i];
            else d[n++] = dims[i];
            u[n - 1] = sp[i];
            v[n - 1] = sq[i];
        }
        o.require(n <= 6, "a broadcast over " + n + " dimensions");
        o.launch(Kind.ZIP).words(0, shape.size(), code).readAny(2, 3, p, 0).readAny(4, 5, q, 0).write(6, out, 0)
                .words(7, Op.six(Arrays.copyOf(d, n), 1)).words(13, Op.six(Arrays.copyOf(u, n), 0))
                .words(19, Op.six(Arrays.copyOf(v, n), 0))
                .each(shape.size(), 0);
    }

    private static long[] strides(Shape s, int rank) {
        long[] own = s.strides(), r = new long[rank];
        for (int i = 0; i < s.rank(); i++)
            r[rank - s.rank() + i] = s.dim(i) == 1 ? 0 : own[i];
        return r;
    }
}
