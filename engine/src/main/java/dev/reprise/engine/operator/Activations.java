package dev.reprise.engine.operator;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.ops.kernel.Elementwise;
import dev.reprise.ops.kernel.Unary;
import dev.reprise.ops.tensor.DType;
import java.util.function.DoubleUnaryOperator;

/**
 * Relu, LeakyRelu, ThresholdedRelu, Elu, Selu, Celu, Sigmoid, HardSigmoid, HardSwish, Softplus, Softsign, Shrink, Gelu, Swish and
 * Mish. PRelu has two operands: see {@link Arithmetic}.
 */
final class Activations {
    private Activations() {}

    /** Reads the attributes: which loop and its parameters, and the same in doubles. */
    @FunctionalInterface
    private interface Form {
        Made of(Attributes a, int opset);
    }

    private record Made(Unary f32, float p, float q, DoubleUnaryOperator f64) {}

    static void register(Registry r) {
        r.add("Relu", 1, Halves.of(Activations::relu), "consumed_inputs");
        r.add("Shrink", 9, Halves.of(Activations::shrink), "bias", "lambd");
        add(r, "Sigmoid", 1, (_, _) -> new Made(Unary.SIGMOID, 0, 0, Activations::sigmoid), "consumed_inputs");
        add(r, "Softplus", 1, (_, _) -> new Made(Unary.SOFTPLUS, 0, 0, Activations::softplus));
        add(r, "Softsign", 1, (_, _) -> new Made(Unary.SOFTSIGN, 0, 0, x -> x / (1 + Math.abs(x))));
        add(r, "Mish", 18, (_, _) -> new Made(Unary.MISH, 0, 0, x -> x * StrictMath.tanh(softplus(x))));
        add(r, "HardSwish", 14, (_, _) -> hardSwish());
        add(r, "LeakyRelu", 1, (a, _) -> leaky(a.real("alpha", 0.01f)), "alpha", "consumed_inputs");
        add(r, "ThresholdedRelu", 10, (a, _) -> thresholded(a.real("alpha", 1)), "alpha");
        add(r, "Elu", 1, (a, _) -> elu(a.real("alpha", 1)), "alpha", "consumed_inputs");
        add(r, "Celu", 12, (a, _) -> celu(a.real("alpha", 1)), "alpha");
        add(r, "Selu", 1, (a, v) -> selu(a.real("alpha", v < 6 ? 1.6732f : 1.6732632f), a.real("gamma", v < 6 ? 1.0507f : 1.050701f)),
                "alpha", "gamma",
                "consumed_inputs");
        add(r, "HardSigmoid", 1, (a, _) -> hardSigmoid(a.real("alpha", 0.2f), a.real("beta", 0.5f)), "alpha", "beta", "consumed_inputs");
        add(r, "Swish", 24, (a, _) -> swish(a.real("alpha", 1)), "alpha");
        add(r, "Gelu", 20, (a, _) -> gelu(a.string("approximate", "none")), "approximate");
    }

    private static void add(Registry r, String name, int since, Form form, String... attributes) {
        r.add(name, since, Halves.of(c -> {
            Made m = form.of(c.attributes(), c.opset());
            DType t = c.dtype(0);
            if (t == DType.FLOAT32) return Binding.of(t, c.shape(0), m.f32.kernel(m.p, m.q));
            if (t == DType.FLOAT64) return Binding.of(t, c.shape(0), Elementwise.map(m.f64));
            throw c.unsupported("element type " + t);
        }), attributes);
    }

    private static Binding relu(BindContext c) { return UnaryMath.bind(c, Unary.RELU, x -> x <= 0 ? 0 : x, x -> Math.max(x, 0)); }

    private static Binding shrink(BindContext c) {
        float l = c.attributes().real("lambd", 0.5f), b = c.attributes().real("bias", 0);
        DType t = c.dtype(0);
        if (t == DType.FLOAT32) return Binding.of(t, c.shape(0), Unary.SHRINK.kernel(l, b));
        c.require(t != DType.BOOL, "expected numbers, found bool");
        return Binding.of(t, c.shape(0), Elementwise.map(x -> x < -l ? x + b : x > l ? x - b : 0));
    }

    static double sigmoid(double x) {
        double e = StrictMath.exp(-Math.abs(x));
        return (x < 0 ? e : 1) / (1 + e);
    }

    static double softplus(double x) { return Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x))); }

    private static Made hardSwish() { return new Made(Unary.HARD_SWISH, 1 / 6f, 0.5f, x -> x * Math.max(0, Math.min(1, x / 6 + 0.5))); }

    private static Made leaky(float alpha) { return new Made(Unary.LEAKY_RELU, alpha, 0, x -> x < 0 ? alpha * x : x); }

    private static Made thresholded(float alpha) { return new Made(Unary.THRESHOLDED_RELU, alpha, 0, x -> x > alpha ? x : 0); }

    private static Made elu(float alpha) { return new Made(Unary.ELU, alpha, 0, x -> x > 0 ? x : alpha * StrictMath.expm1(x)); }

    private static Made celu(float alpha) { return new Made(Unary.CELU, alpha, 0, x -> x > 0 ? x : alpha * StrictMath.expm1(x / alpha)); }

    private static Made selu(float alpha, float gamma) {
        return new Made(Unary.SELU, alpha, gamma, x -> gamma * (x > 0 ? x : alpha * StrictMath.expm1(x)));
    }

    private static Made hardSigmoid(float alpha, float beta) {
        return new Made(Unary.HARD_SIGMOID, alpha, beta, x -> Math.max(0, Math.min(1, alpha * x + beta)));
    }

    private static Made swish(float alpha) {
        return new Made(alpha == 1 ? Unary.SILU : Unary.SWISH, alpha, 0, x -> x * sigmoid(alpha * x));
    }

    private static Made gelu(String approximate) {
        return switch (approximate) {
            case "none" -> new Made(Unary.GELU_ERF, 0, 0, x -> 0.5 * x * (1 + UnaryMath.erf(x / Math.sqrt(2))));
            case "tanh" -> new Made(Unary.GELU_TANH, 0, 0, x -> x * sigmoid(2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
            default -> throw new IllegalArgumentException("attribute 'approximate' is '" + approximate + "', expected none or tanh");
        };
    }
}
