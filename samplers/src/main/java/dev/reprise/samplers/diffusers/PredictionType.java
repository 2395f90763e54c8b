package dev.reprise.samplers.diffusers;

import dev.reprise.samplers.rows.Rows;
import java.util.Arrays;

/** {@code prediction_type}: what the network says of {@code x = α x_0 + σ ε}. */
enum PredictionType {
    EPSILON, SAMPLE, V;

    static PredictionType of(SchedulerConfig c, PredictionType... allowed) {
        String[] names = Arrays.stream(allowed).map(p -> p == V ? "v_prediction" : p == SAMPLE ? "sample" : "epsilon")
                .toArray(String[]::new);
        return switch (c.choice("prediction_type", "epsilon", names)) {
            case "epsilon" -> EPSILON;
            case "sample" -> SAMPLE;
            default -> V;
        };
    }

    /** Where α reaches 0 an ε says nothing about x_0. */
    PredictionType checkZeroSnr(SchedulerConfig c) {
        if (this == EPSILON && c.flag("rescale_betas_zero_snr", false))
            throw c.error("rescale_betas_zero_snr",
                    "needs a 'prediction_type' of v_prediction or sample: with epsilon the first step divides by zero");
        return this;
    }

    /** out = x_0; out may be the prediction. */
    void x0(double[][] x, double[][] prediction, double alpha, double sigma, double[][] out) {
        switch (this) {
            case EPSILON -> Rows.set(out, 1 / alpha, x, -sigma / alpha, prediction);
            case SAMPLE -> Rows.copy(prediction, out);
            case V -> Rows.set(out, alpha, x, -sigma, prediction);
        }
    }

    /** out = ε; out may be the prediction. */
    void epsilon(double[][] x, double[][] prediction, double alpha, double sigma, double[][] out) {
        switch (this) {
            case EPSILON -> Rows.copy(prediction, out);
            case SAMPLE -> Rows.set(out, 1 / sigma, x, -alpha / sigma, prediction);
            case V -> Rows.set(out, sigma, x, alpha, prediction);
        }
    }

    /** out = x_0 of {@code x = x_0 + σ ε}, which the network saw divided by {@code √(σ² + 1)}. */
    void x0OfSigma(double[][] x, double[][] prediction, double sigma, double[][] out) {
        double v = sigma * sigma + 1;
        switch (this) {
            case EPSILON -> Rows.set(out, 1, x, -sigma, prediction);
            case SAMPLE -> Rows.copy(prediction, out);
            case V -> Rows.set(out, 1 / v, x, -sigma / Math.sqrt(v), prediction);
        }
    }
}
