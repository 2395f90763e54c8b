package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Elementwise;
import dev.reprise.ops.kernel.Unary;
import dev.reprise.ops.math.FloatMath;
import dev.reprise.ops.tensor.DType;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * Functions of one value without attributes: Abs, Neg, Sign, Ceil, Floor, Round, Sqrt, Reciprocal, Exp, Log, Erf, and the
 * trigonometric and hyperbolic ones. What has no vector form runs through the strict functions of doubles.
 */
final class UnaryMath {
    private UnaryMath() {}

    static void register(Registry r) {
        r.add("Abs", 1, Halves.of(c -> c.dtype(0).kind() == DType.Kind.UNSIGNED
                ? Binding.alias(0, c.dtype(0), c.shape(0))
                : bind(c, Unary.ABS, Math::abs, Math::abs)), "consumed_inputs");
        r.add("Sign", 9, c -> bind(c, null, Math::signum, c.dtype(0).kind() == DType.Kind.UNSIGNED ? x -> x == 0 ? 0 : 1 : Long::signum));
        r.add("Neg", 1, Halves.of(c -> bind(c, Unary.NEG, x -> -x, c.dtype(0).kind() == DType.Kind.UNSIGNED ? null : x -> -x)),
                "consumed_inputs");
        vector(r, "Sqrt", 1, Unary.SQRT, Math::sqrt);
        vector(r, "Reciprocal", 1, Unary.RECIPROCAL, x -> 1 / x);
        vector(r, "Exp", 1, Unary.EXP, StrictMath::exp);
        vector(r, "Log", 1, Unary.LOG, StrictMath::log);
        vector(r, "Erf", 9, Unary.ERF, UnaryMath::erf);
        vector(r, "Tanh", 1, Unary.TANH, StrictMath::tanh);
        strict(r, "Ceil", 1, Math::ceil);
        strict(r, "Floor", 1, Math::floor);
        strict(r, "Round", 11, Math::rint);
        r.add("Sin", 7, c -> bind(c, null, c.dtype(0) == DType.FLOAT32 ? x -> FloatMath.sin((float) x) : StrictMath::sin, null),
                "consumed_inputs");
        r.add("Cos", 7, c -> bind(c, null, c.dtype(0) == DType.FLOAT32 ? x -> FloatMath.cos((float) x) : StrictMath::cos, null),
                "consumed_inputs");
        strict(r, "Tan", 7, StrictMath::tan);
        strict(r, "Asin", 7, StrictMath::asin);
        strict(r, "Acos", 7, StrictMath::acos);
        strict(r, "Atan", 7, StrictMath::atan);
        strict(r, "Sinh", 9, StrictMath::sinh);
        strict(r, "Cosh", 9, StrictMath::cosh);
        strict(r, "Asinh", 9, UnaryMath::asinh);
        strict(r, "Acosh", 9, x -> StrictMath.log(x + Math.sqrt((x - 1) * (x + 1))));
        strict(r, "Atanh", 9, x -> 0.5 * StrictMath.log1p(2 * x / (1 - x)));
    }

    private static void vector(Registry r, String name, int since, Unary f32, DoubleUnaryOperator f64) {
        r.add(name, since, Halves.of(c -> bind(c, f32, f64, null)), "consumed_inputs");
    }

    private static void strict(Registry r, String name, int since, DoubleUnaryOperator f) {
        r.add(name, since, c -> bind(c, null, f, null), "consumed_inputs");
    }

    /** @param f32 null where floats too run through {@code f64}; {@code integers} null where integers are not allowed */
    static Binding bind(BindContext c, Unary f32, DoubleUnaryOperator f64, LongUnaryOperator integers) {
        DType t = c.dtype(0);
        if (t == DType.FLOAT32 && f32 != null) return Binding.of(t, c.shape(0), f32.kernel(0, 0)).withBatched(0);
        if (t.isFloat()) return Binding.of(t, c.shape(0), Elementwise.map(f64));
        if (t.isInteger() && integers != null) return Binding.of(t, c.shape(0), Elementwise.mapIntegers(integers));
        throw c.unsupported("element type " + t);
    }

    private static double asinh(double x) {
        double a = Math.abs(x), b = a * a;
        return Math.copySign(a > 1e8 ? StrictMath.log(a) + StrictMath.log(2) : StrictMath.log1p(a + b / (1 + Math.sqrt(1 + b))), x);
    }

    /** erf of a double: its power series below 3, the continued fraction of erfc above. */
    static double erf(double x) {
        double a = Math.abs(x);
        if (a > 6) return Math.signum(x);
        if (Double.isNaN(x)) return x;
        if (a < 3) {
            double sum = x, term = x;
            for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
                term *= -x * x / n;
                sum += term / (2 * n + 1);
            }
            return 2 / Math.sqrt(Math.PI) * sum;
        }
        double f = 0;
        for (int n = 60; n > 0; n--)
            f = n / 2.0 / (a + f);
        return Math.signum(x) * (1 - StrictMath.exp(-a * a) / (Math.sqrt(Math.PI) * (a + f)));
    }
}
