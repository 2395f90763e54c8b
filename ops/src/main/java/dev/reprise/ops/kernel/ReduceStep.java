package dev.reprise.ops.kernel;

import dev.reprise.ops.math.FloatMath;

/** How a reduction takes one more value into an accumulator, for floats and (integers but for EXP) the other types. */
enum ReduceStep {
    ADD(0), ABS(0), SQUARE(0),
    /** e^(v - shift), where the shift is the greatest value. */
    EXP(0), MAX(Double.NEGATIVE_INFINITY), MIN(Double.POSITIVE_INFINITY), MUL(1);

    /** What an accumulator holds before the first value. */
    final double identity;

    ReduceStep(double identity) { this.identity = identity; }

    float take(float a, float v, float shift) {
        return switch (this) {
            case ADD -> a + v;
            case ABS -> a + Math.abs(v);
            case SQUARE -> Math.fma(v, v, a);
            case EXP -> a + FloatMath.expNonPositive(v - shift);
            case MAX -> Math.max(a, v);
            case MIN -> Math.min(a, v);
            case MUL -> a * v;
        };
    }

    double take(double a, double v, double shift) {
        return switch (this) {
            case ADD -> a + v;
            case ABS -> a + Math.abs(v);
            case SQUARE -> Math.fma(v, v, a);
            case EXP -> a + StrictMath.exp(v - shift);
            case MAX -> Math.max(a, v);
            case MIN -> Math.min(a, v);
            case MUL -> a * v;
        };
    }

    long take(long a, long v, boolean unsigned) {
        return switch (this) {
            case ADD -> a + v;
            case ABS -> a + (unsigned ? v : Math.abs(v));
            case SQUARE -> a + v * v;
            case MAX -> (unsigned ? Long.compareUnsigned(a, v) : Long.compare(a, v)) > 0 ? a : v;
            case MIN -> (unsigned ? Long.compareUnsigned(a, v) : Long.compare(a, v)) < 0 ? a : v;
            case MUL -> a * v;
            case EXP -> throw new IllegalStateException("no exponentials of integers");
        };
    }

    /** How two accumulators become one. */
    ReduceStep merge() {
        return switch (this) {
            case ABS, SQUARE, EXP -> ADD;
            default -> this;
        };
    }
}
