package dev.reprise.ops.kernel;

import dev.reprise.ops.math.FloatMath;

/** An activation function of a recurrent cell, with its parameters where it has any. Names are ONNX's, in capitals. */
public record CellActivation(Function function, float alpha, float beta) {
    /** What ONNX allows in RNN, GRU and LSTM, with the default parameters. */
    public enum Function {
        RELU(false, false, 0, 0), TANH(false, false, 0, 0), SIGMOID(false, false, 0, 0), AFFINE(true, true, 1, 0), LEAKYRELU(true, false,
                0.01f, 0), THRESHOLDEDRELU(true, false, 1, 0), SCALEDTANH(true, true, 1, 1), HARDSIGMOID(true, true, 0.2f,
                        0.5f), ELU(true, false, 1, 0), SOFTSIGN(false, false, 0, 0), SOFTPLUS(false, false, 0, 0);

        private final boolean hasAlpha, hasBeta;
        private final float alpha, beta;

        Function(boolean hasAlpha, boolean hasBeta, float alpha, float beta) {
            this.hasAlpha = hasAlpha;
            this.hasBeta = hasBeta;
            this.alpha = alpha;
            this.beta = beta;
        }

        public boolean hasAlpha() { return hasAlpha; }

        public boolean hasBeta() { return hasBeta; }

        public float alpha() { return alpha; }

        public float beta() { return beta; }
    }

    float apply(float x) {
        return switch (function) {
            case RELU -> Math.max(x, 0f);
            case TANH -> FloatMath.tanh(x);
            case SIGMOID -> FloatMath.sigmoid(x);
            case AFFINE -> Math.fma(alpha, x, beta);
            case LEAKYRELU -> x < 0 ? alpha * x : x;
            case THRESHOLDEDRELU -> x > alpha ? x : 0f;
            case SCALEDTANH -> alpha * FloatMath.tanh(beta * x);
            case HARDSIGMOID -> Math.clamp(Math.fma(alpha, x, beta), 0f, 1f);
            case ELU -> FloatMath.elu(x, alpha);
            case SOFTSIGN -> x / (1f + Math.abs(x));
            case SOFTPLUS -> FloatMath.softplus(x);
        };
    }
}
