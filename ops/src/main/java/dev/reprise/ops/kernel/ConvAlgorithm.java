package dev.reprise.ops.kernel;

/**
 * How a convolution is computed. The choice follows from the sizes of one image and of the weights alone, so that batch,
 * threads and machine do not change bits.
 */
public enum ConvAlgorithm {
    DIRECT, DEPTHWISE,
    /** Winograd F(2 x 2, 3 x 3): 16 products for 4 outputs, weights 1.8 times as large. */
    WINOGRAD2,
    /** Winograd F(4 x 4, 3 x 3): 36 products for 16 outputs, weights 4 times as large. */
    WINOGRAD4;

    /** @param exact forbids Winograd, whose rounding differs from the direct sum's */
    public static ConvAlgorithm of(ConvShape s, boolean exact) {
        if (s.depthwise()) return DEPTHWISE;
        if (exact || s.group() != 1 || s.c() % 16 != 0 || s.m() % 16 != 0 || s.c() < 32 || s.m() < 32) return DIRECT;
        for (int i = 0; i < 3; i++)
            if (s.kernel()[i] != (i == 0 ? 1 : 3) || s.stride()[i] != 1 || s.dilation()[i] != 1
                    || i == 0 && (s.pad()[0] != 0 || s.in()[0] != s.out()[0]))
                return DIRECT;
        int h = s.out()[1], w = s.out()[2], tiles4 = Math.ceilDiv(h, 4) * Math.ceilDiv(w, 4);
        // The larger weights must be worth their way from memory: enough tiles in an image, or small enough to stay in the cache.
        if (tiles4 >= 36 || tiles4 >= 16 && (long) s.c() * s.m() <= 128 * 128) return WINOGRAD4;
        return Math.ceilDiv(h, 2) * Math.ceilDiv(w, 2) >= 16 ? WINOGRAD2 : DIRECT;
    }

    boolean winograd() { return this == WINOGRAD2 || this == WINOGRAD4; }

    /** Outputs of a Winograd tile along one side. */
    int outputs() { return this == WINOGRAD2 ? 2 : 4; }

    /** Inputs of a Winograd tile along one side. */
    int inputs() { return outputs() + 2; }
}
