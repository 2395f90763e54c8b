package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Binary;
import dev.reprise.ops.kernel.Broadcast;
import dev.reprise.ops.kernel.Elementwise;
import dev.reprise.ops.kernel.Kernel;
import dev.reprise.ops.kernel.Pow;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;

/** Add, Sub, Mul, Div (since 1, 6, 7, 13, 14), Mod (10, 13), Pow (1, 7, 12, 13, 15) and PRelu (1, 6, 7, 9, 16). */
final class Arithmetic {
    private Arithmetic() {}

    static void register(Registry r) {
        add(r, "Add", Binary.ADD, (x, y) -> x + y, (x, y) -> x + y, (x, y) -> x + y);
        add(r, "Sub", Binary.SUB, (x, y) -> x - y, (x, y) -> x - y, (x, y) -> x - y);
        add(r, "Mul", Binary.MUL, (x, y) -> x * y, (x, y) -> x * y, (x, y) -> x * y);
        add(r, "Div", Binary.DIV, (x, y) -> x / y, Arithmetic::divide, Arithmetic::divideUnsigned);
        r.add("Mod", 10, Arithmetic::mod, "fmod");
        r.add("Pow", 1, Halves.of(Arithmetic::pow), Broadcasts.LEGACY);
        r.add("PRelu", 1, Halves.of(Arithmetic::prelu), "consumed_inputs");
    }

    private static void add(Registry r, String name, Binary f32, DoubleBinaryOperator f64, LongBinaryOperator signed,
            LongBinaryOperator unsigned) {
        Operator.Static operator = Halves.of(c -> {
            Broadcasts.sameType(c);
            return bind(c, Broadcasts.pair(c), f32, f64, signed, unsigned);
        });
        r.add(name, 1, operator, Broadcasts.LEGACY);
        r.add(name, 7, operator);
    }

    static Binding bind(BindContext c, Broadcast layout, Binary f32, DoubleBinaryOperator f64, LongBinaryOperator signed,
            LongBinaryOperator unsigned) {
        DType t = c.dtype(0);
        int inPlace = Broadcasts.inPlace(c, t, layout.shape());
        Kernel k = switch (t) {
            case FLOAT32 -> f32.kernel(layout, inPlace);
            case FLOAT64 -> Elementwise.combine(layout, inPlace, f64);
            case UINT64 -> Elementwise.combineIntegers(layout, inPlace, unsigned);
            default -> {
                if (!t.isInteger()) throw c.unsupported("element type " + t);
                yield Elementwise.combineIntegers(layout, inPlace, signed);
            }
        };
        return Binding.of(t, layout.shape(), k).withBatched(Broadcasts.batched(c, layout.shape()));
    }

    private static long divide(long x, long y) {
        if (y == 0) throw new ArithmeticException("integer division by zero");
        return x / y;
    }

    private static long divideUnsigned(long x, long y) {
        if (y == 0) throw new ArithmeticException("integer division by zero");
        return Long.divideUnsigned(x, y);
    }

    private static Binding mod(BindContext c) {
        Broadcasts.sameType(c);
        Broadcast layout = Broadcasts.pair(c);
        DType t = c.dtype(0);
        boolean fmod = c.attributes().flag("fmod", false);
        c.require(fmod || !t.isFloat(), "attribute 'fmod' must be 1 for " + t);
        int inPlace = Broadcasts.inPlace(c, t, layout.shape());
        if (t.isFloat()) return Binding.of(t, layout.shape(), Elementwise.combine(layout, inPlace, (x, y) -> x % y));
        LongBinaryOperator f = t == DType.UINT64 ? Long::remainderUnsigned : fmod ? (x, y) -> x % y : Math::floorMod;
        return Binding.of(t, layout.shape(), Elementwise.combineIntegers(layout, inPlace, f));
    }

    private static Binding pow(BindContext c) {
        Broadcast layout = Broadcasts.pair(c);
        DType t = c.dtype(0), e = c.dtype(1);
        int inPlace = t == e ? Broadcasts.inPlace(c, t, layout.shape()) : -1;
        Kernel k;
        if (t == DType.FLOAT32) k = new Pow(layout, inPlace);
        else if (t.isInteger() && e.isInteger()) k = Elementwise.combineIntegers(layout, inPlace, Arithmetic::power);
        else k = Elementwise.combine(layout, inPlace, StrictMath::pow);
        return Binding.of(t, layout.shape(), k);
    }

    /** x^n modulo 2^64; for negative n what truncating the real result gives. */
    private static long power(long x, long n) {
        if (n < 0) return x == 1 ? 1 : x == -1 ? (n & 1) == 0 ? 1 : -1 : 0;
        long y = 1;
        for (long b = x; n != 0; n >>>= 1, b *= b)
            if ((n & 1) != 0) y *= b;
        return y;
    }

    private static Binding prelu(BindContext c) {
        Broadcasts.sameType(c);
        Shape x = c.shape(0), slope = c.shape(1);
        // Before set 7 a slope of one dimension belongs to the channels.
        if (c.opset() < 7 && slope.rank() == 1 && slope.size() > 1 && x.rank() > 1) {
            long[] d = new long[x.rank() - 1];
            java.util.Arrays.fill(d, 1);
            d[0] = slope.size();
            slope = Shape.of(d);
        }
        return bind(c, Broadcast.of(x, x, slope), Binary.PRELU, (a, s) -> a < 0 ? a * s : a, (a, s) -> a < 0 ? a * s : a, (a, _) -> a);
    }
}
