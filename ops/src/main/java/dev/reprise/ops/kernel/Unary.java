package dev.reprise.ops.kernel;

import dev.reprise.ops.math.FloatMath;
import dev.reprise.ops.math.Power;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Functions of one float32 value that run as vectors, with up to two parameters. */
public enum Unary {
    COPY(UnaryLoops::copy), ABS(UnaryLoops::abs), NEG(UnaryLoops::neg), SQRT(UnaryLoops::sqrt), RECIPROCAL(UnaryLoops::reciprocal), EXP(
            UnaryLoops::exp), LOG(UnaryLoops::log), TANH(UnaryLoops::tanh), ERF(UnaryLoops::erf), SIGMOID(UnaryLoops::sigmoid), SILU(
                    UnaryLoops::silu), SWISH(UnaryLoops::swish), GELU_ERF(UnaryLoops::geluErf), GELU_TANH(UnaryLoops::geluTanh), SOFTPLUS(
                            UnaryLoops::softplus), MISH(UnaryLoops::mish), RELU(UnaryLoops::relu), LEAKY_RELU(
                                    UnaryLoops::leakyRelu), THRESHOLDED_RELU(UnaryLoops::thresholdedRelu), ELU(UnaryLoops::elu), SELU(
                                            UnaryLoops::selu), CELU(UnaryLoops::celu), HARD_SIGMOID(UnaryLoops::hardSigmoid), HARD_SWISH(
                                                    UnaryLoops::hardSwish), SOFTSIGN(UnaryLoops::softsign), SHRINK(
                                                            UnaryLoops::shrink), CLIP(UnaryLoops::clip), SQUARE(
                                                                    UnaryLoops::square), CUBE(UnaryLoops::cube), ROOT(UnaryLoops::root);

    @FunctionalInterface
    interface Loop {
        void run(long a, long ab, long o, long ob, int n, float p, float q);
    }

    private static final int CHUNK = 1 << 16;

    private final Loop loop;

    Unary(Loop loop) { this.loop = loop; }

    /** n floats from byte ab of a to byte ob of o (which may be the same). */
    public void apply(long a, long ab, long o, long ob, int n, float p, float q) {
        loop.run(a, ab, o, ob, n, p, q);
    }

    /** A kernel from one float32 tensor to another of the same size. */
    public Kernel kernel(float p, float q) {
        return new Kernel() {
            @Override
            public boolean repeatable() { return true; }

            @Override
            public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) { apply(in[0], out[0], p, q, workers); }

            @Override
            public int inPlace() { return 0; }
        };
    }

    void apply(Tensor a, Tensor o, float p, float q, Workers workers) {
        if (a.dtype() != DType.FLOAT32 || o.dtype() != DType.FLOAT32)
            throw new IllegalArgumentException("expected float32, found " + a + " and " + o);
        long as = a.address(), os = o.address();
        long n = a.size(), blocks = (n + 63) / 64;
        workers.run(blocks, Broadcast.GRAIN / 4 / 64, (begin, end, _) -> {
            long to = Math.min(end * 64, n);
            for (long at = begin * 64; at < to; at += CHUNK)
                loop.run(as, at << 2, os, at << 2, (int) Math.min(CHUNK, to - at), p, q);
        });
    }

    /** The function of one value, with the bits that the vector loop gives. */
    public float of(float x, float p, float q) {
        return switch (this) {
            case COPY -> x;
            case ABS -> Math.abs(x);
            case NEG -> -x;
            case SQRT -> (float) Math.sqrt(x);
            case RECIPROCAL -> 1f / x;
            case EXP -> FloatMath.exp(x);
            case LOG -> FloatMath.log(x);
            case TANH -> FloatMath.tanh(x);
            case ERF -> FloatMath.erf(x);
            case SIGMOID -> FloatMath.sigmoid(x);
            case SILU -> FloatMath.silu(x);
            case SWISH -> FloatMath.swish(x, p);
            case GELU_ERF -> FloatMath.geluErf(x);
            case GELU_TANH -> FloatMath.geluTanh(x);
            case SOFTPLUS -> FloatMath.softplus(x);
            case MISH -> FloatMath.mish(x);
            case RELU -> x <= 0f ? 0f : x;
            case LEAKY_RELU -> x < 0f ? x * p : x;
            case THRESHOLDED_RELU -> x > p ? x : 0f;
            case ELU -> FloatMath.elu(x, p);
            case SELU -> FloatMath.elu(x, p) * q;
            case CELU -> x > 0f ? x : FloatMath.expm1NonPositive(x / p) * p;
            case HARD_SIGMOID -> UnaryLoops.unit(Math.fma(x, p, q));
            case HARD_SWISH -> x * UnaryLoops.unit(Math.fma(x, p, q));
            case SOFTSIGN -> x / (Math.abs(x) + 1f);
            case SHRINK -> x < -p ? x + q : x > p ? x - q : 0f;
            case CLIP -> UnaryLoops.between(x, p, q);
            case SQUARE -> x * x;
            case CUBE -> x * x * x;
            case ROOT -> Power.root(x);
        };
    }
}
