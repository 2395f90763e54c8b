package dev.reprise.ops.kernel;

import dev.reprise.ops.tensor.DType;

/** Rounding into the integer types of quantized tensors. */
final class Quantize {
    private Quantize() {}

    /** A whole number clamped to the range of int8, uint8, int16, uint16 or int32; NaN becomes 0. */
    static long saturate(double v, DType t) {
        if (t.bytes() > 4) throw new IllegalArgumentException("no quantized type: " + t);
        int bits = t.bytes() * 8;
        double low = t.kind() == DType.Kind.UNSIGNED ? 0 : -Math.scalb(1.0, bits - 1),
                high = Math.scalb(1.0, t.kind() == DType.Kind.UNSIGNED ? bits : bits - 1) - 1;
        return (long) Math.min(Math.max(v, low), high);
    }
}
