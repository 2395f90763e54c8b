package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.ConvPlain;
import dev.reprise.ops.kernel.ConvShape;
import dev.reprise.ops.kernel.DynamicQuantize;
import dev.reprise.ops.kernel.MatMulInteger;
import dev.reprise.ops.kernel.MatMulPlain;
import dev.reprise.ops.kernel.QuantizeLinear;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.List;

/**
 * Quantization: QuantizeLinear and DequantizeLinear (since 10, 13, 19, 21, 23), DynamicQuantizeLinear (11), MatMulInteger
 * (10), QLinearMatMul (10, 21), ConvInteger (10), QLinearConv (10). Types are int8, uint8, int16, uint16 and int32; float8
 * and 4-bit types are not supported.
 */
final class Quantizes {
    private Quantizes() {}

    static void register(Registry r) {
        r.add("QuantizeLinear", 10, Quantizes::quantize, "axis");
        r.add("QuantizeLinear", 19, Quantizes::quantize, "axis", "saturate");
        r.add("QuantizeLinear", 21, Quantizes::quantize, "axis", "block_size", "output_dtype", "saturate");
        r.add("QuantizeLinear", 23, Quantizes::quantize, "axis", "block_size", "output_dtype", "precision", "saturate");
        r.add("DequantizeLinear", 10, Quantizes::dequantize, "axis");
        r.add("DequantizeLinear", 21, Quantizes::dequantize, "axis", "block_size");
        r.add("DequantizeLinear", 23, Quantizes::dequantize, "axis", "block_size", "output_dtype");
        r.add("DynamicQuantizeLinear", 11, Quantizes::dynamic);
        r.add("MatMulInteger", 10, c -> matMul(c, 0, 1, 2, 3, null));
        r.add("QLinearMatMul", 10, c -> matMul(c, 0, 3, 2, 5, new int[]{1, 4, 6, 7}));
        r.add("ConvInteger", 10, c -> conv(c, 1, new ConvPlain.Quantization(0, 1, 2, 3, -1, -1, -1, -1, -1)), ConvAttributes.NAMES);
        r.add("QLinearConv", 10, c -> conv(c, 3, new ConvPlain.Quantization(0, 3, 2, 5, 8, 1, 4, 6, 7)), ConvAttributes.NAMES);
    }

    private static Binding quantize(BindContext c) {
        long said = c.attributes().integer("output_dtype", 0);
        DType to = c.has(2) ? c.dtype(2) : said == 0 ? DType.UINT8 : type(c, said);
        c.require(!c.has(2) || said == 0 || type(c, said) == to, "output_dtype is " + said + ", but the zero points are " + to);
        if (!to.isInteger() || to.bytes() > 2) throw c.unsupported("quantization to " + to);
        DType x = c.dtype(0);
        if (!x.isFloat() && x != DType.INT32 || x == DType.FLOAT64) throw c.unsupported("quantization of " + x);
        long precision = c.attributes().integer("precision", 0);
        if (precision != 0 && precision != DType.FLOAT32.code()) throw c.unsupported("precision " + precision);
        return linear(c, true, to);
    }

    private static Binding dequantize(BindContext c) {
        DType x = c.dtype(0);
        if (!x.isInteger() || x.bytes() > 4 || x == DType.UINT32) throw c.unsupported("dequantization of " + x);
        c.require(!c.has(2) || c.dtype(2) == x,
                "the zero points must be " + x + " like the input, found " + (c.has(2) ? c.dtype(2) : null));
        long said = c.attributes().integer("output_dtype", 0);
        return linear(c, false, said == 0 ? c.dtype(1) : type(c, said));
    }

    private static DType type(BindContext c, long code) {
        try {
            return DType.ofCode(Math.toIntExact(code));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw c.unsupported("output_dtype " + code);
        }
    }

    private static Binding linear(BindContext c, boolean quantize, DType to) {
        Shape x = c.shape(0), s = c.shape(1);
        if (c.has(2)) c.require(c.shape(2).size() == s.size(), "the zero points " + c.shape(2) + " must have the shape of the scales " + s);
        long block = c.attributes().integer("block_size", 0);
        if (s.size() == 1 && block == 0) return Binding.of(to, x, new QuantizeLinear(quantize, to, 1, 1, x.size(), 0, true));
        int axis = Shape.axis(c.attributes().integer("axis", 1), x.rank());
        if (block == 0)
            c.require(s.rank() == 1 && s.dim(0) == x.dim(axis),
                    "the scales " + s + " must be one for each element of axis " + axis + " of " + x);
        else
            c.require(block > 0 && s.equals(x.with(axis, Math.ceilDiv(x.dim(axis), block))),
                    "the scales " + s + " do not fit blocks of " + block + " along axis " + axis + " of " + x);
        return Binding.of(to, x,
                new QuantizeLinear(quantize, to, x.product(0, axis), x.dim(axis), x.product(axis + 1, x.rank()), block, false));
    }

    private static Binding dynamic(BindContext c) {
        if (c.dtype(0) != DType.FLOAT32) throw c.unsupported("dynamic quantization of " + c.dtype(0));
        return Binding.of(List.of(new Binding.Output(DType.UINT8, c.shape(0)), new Binding.Output(DType.FLOAT32, Shape.SCALAR),
                new Binding.Output(DType.UINT8, Shape.SCALAR)), new DynamicQuantize());
    }

    private static Binding matMul(BindContext c, int a, int b, int aZero, int bZero, int[] quantize) {
        bytes(c, a);
        bytes(c, b);
        MatMulShape s = MatMulShape.of(c, c.shape(a), c.shape(b), false);
        MatMulPlain p = new MatMulPlain(DType.INT32, s.m(), s.n(), s.k(), s.a(), s.b());
        if (c.has(aZero)) {
            long n = c.shape(aZero).size(), rows = c.rank(a) == 1 ? 1 : c.shape(a).size() / Math.max(1, s.k());
            c.require(n == 1 || n == rows || c.rank(a) > 1 && n == c.shape(a).dim(-2),
                    "zero points of A must be one, or one for each row of " + c.shape(a) + ", found " + c.shape(aZero));
        }
        if (c.has(bZero)) {
            long n = c.shape(bZero).size();
            c.require(n == 1 || n == s.n() || n == (long) s.n() * s.bCount(),
                    "zero points of B must be one, or one for each column of " + c.shape(b) + ", found " + c.shape(bZero));
        }
        return Binding.of(quantize == null ? DType.INT32 : c.dtype(quantize[3]), s.out(),
                new MatMulInteger(p, a, b, aZero, bZero, quantize));
    }

    private static Binding conv(BindContext c, int w, ConvPlain.Quantization q) {
        bytes(c, q.x());
        bytes(c, w);
        ConvAttributes a = ConvAttributes.of(c, c.shape(w));
        ConvShape s = a.shape(c, c.shape(0), c.shape(w));
        if (q.xZero() >= 0 && c.has(q.xZero())) c.require(c.shape(q.xZero()).size() == 1, "the input's zero point must be one number");
        if (q.wZero() >= 0 && c.has(q.wZero()))
            c.require(c.shape(q.wZero()).size() == 1 || c.shape(q.wZero()).size() == s.m(),
                    "the weights' zero points must be one, or one for each output channel");
        long[] y = c.shape(0).dims();
        y[1] = s.m();
        for (int i = 2; i < y.length; i++)
            y[i] = s.out()[i + 3 - y.length];
        DType to = q.yZero() < 0 ? DType.INT32 : c.dtype(q.yZero());
        return Binding.of(to, Shape.of(y), new ConvPlain(s, to, q));
    }

    private static void bytes(BindContext c, int i) {
        DType t = c.dtype(i);
        if (!t.isInteger() || t.bytes() != 1) throw c.unsupported("an 8-bit product of " + t);
    }
}
