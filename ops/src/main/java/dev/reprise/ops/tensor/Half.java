package dev.reprise.ops.tensor;

/** Conversions of the 16-bit float formats, and of uint64, that the JDK does not have. All round to nearest even. */
public final class Half {
    private Half() {}

    public static float bfloat16ToFloat(short bits) { return Float.intBitsToFloat(bits << 16); }

    public static short floatToBfloat16(float v) {
        int b = Float.floatToRawIntBits(v);
        if (Float.isNaN(v)) return (short) (b >>> 16 | 0x40);
        return (short) (b + 0x7fff + (b >>> 16 & 1) >>> 16);
    }

    /** Rounds a double to float16 once (through round-to-odd float, which cannot double-round). */
    public static short floatToFloat16(double v) {
        float f = (float) v;
        if (f != v && !Double.isNaN(v) && !Float.isInfinite(f)) {
            int b = Float.floatToRawIntBits(f);
            if ((b & 1) == 0) {
                // The nearest float was even and inexact: take its odd neighbour on the side of v.
                boolean away = Math.abs((double) f) < Math.abs(v);
                f = Float.intBitsToFloat(away ? b + 1 : b - 1);
            }
        }
        return Float.floatToFloat16(f);
    }

    public static double unsignedToDouble(long bits) {
        if (bits >= 0) return bits;
        // Keep the lowest bit sticky so that halving does not change the rounding.
        return (double) (bits >>> 1 | bits & 1) * 2.0;
    }
}
