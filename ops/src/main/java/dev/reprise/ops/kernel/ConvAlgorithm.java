package dev.reprise.ops.kernel;

/**
 * How a convolution is computed. The choice follows from the sizes of one image and of the weights alone, so that batch,
 * threads and machine do not change bits.
 */
public enum ConvAlgorithm {
    DIRECT, DEPTHWISE,
    /** Winograd F(2 x 2, 3 x 3): 16 products for 4 outputs. */
    WINOGRAD2,
    /** Winograd F(4 x 4, 3 x 3): 36 products for 16 outputs. */
    WINOGRAD4;

    /** @param exact forbids Winograd, whose rounding differs from the direct sum's */
    public static ConvAlgorithm of(ConvShape s, boolean exact) {
        if (s.depthwise()) return DEPTHWISE;
        if (exact || s.group() != 1 || s.c() % 16 != 0 || s.m() % 16 != 0 || s.c() < 32 || s.m() < 32) return DIRECT;
        for (int i = 0; i < 3; i++)
            if (s.kernel()[i] != (i == 0 ? 1 : 3) || s.stride()[i] != 1 || s.dilation()[i] != 1
                    || i == 0 && (s.pad()[0] != 0 || s.in()[0] != s.out()[0]))
                return DIRECT;
        double direct = 9.0 * s.out()[1] * s.out()[2], two = WINOGRAD2.cost(s), four = WINOGRAD4.cost(s);
        return direct < Math.min(two, four) ? DIRECT : two < four ? WINOGRAD2 : WINOGRAD4;
    }

    /**
     * Multiplications for one image, for each pair of channels: the products; the input's and the output's transform, shared by all
     * output or input channels; the weights' transform, which is done once. Measured on a Zen 4 core with 512-bit vectors.
     */
    private double cost(ConvShape s) {
        int n = inputs(), tiles = Math.ceilDiv(s.out()[1], outputs()) * Math.ceilDiv(s.out()[2], outputs());
        return tiles * (n * n * (1 + 7.0 / s.m() + 5.5 / s.c())) + 3 * n * n;
    }

    boolean winograd() { return this == WINOGRAD2 || this == WINOGRAD4; }

    /** Outputs of a Winograd tile along one side. */
    int outputs() { return this == WINOGRAD2 ? 2 : 4; }

    /** Inputs of a Winograd tile along one side. */
    int inputs() { return outputs() + 2; }
}
