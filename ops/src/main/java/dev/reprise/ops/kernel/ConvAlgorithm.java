package dev.reprise.ops.kernel;

/**
 * How a convolution is computed. The choice follows from the sizes of one image and of the weights alone, so that batch,
 * threads and machine do not change bits.
 */
public enum ConvAlgorithm {
    DIRECT, DEPTHWISE,
    /** Winograd F(2 x 2, 3 x 3): 16 products for 4 outputs. */
    WINOGRAD2,
    /** Winograd F(3 x 3, 3 x 3): 25 products for 9 outputs. */
    WINOGRAD3,
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
        ConvAlgorithm best = DIRECT;
        double least = 9.0 * s.out()[1] * s.out()[2];
        for (ConvAlgorithm a : new ConvAlgorithm[]{WINOGRAD4, WINOGRAD3, WINOGRAD2})
            if (a.cost(s) <= least) {
                best = a;
                least = a.cost(s);
            }
        return best;
    }

    /**
     * Multiplications for one image, for each pair of channels: the products; the input's and the output's transform, shared by all
     * output or input channels; the weights' transform, which is done once. Measured on a Zen 4 core with 512-bit vectors.
     */
    private double cost(ConvShape s) {
        int n = inputs(), tiles = Math.ceilDiv(s.out()[1], outputs()) * Math.ceilDiv(s.out()[2], outputs());
        return tiles * (n * n * (1 + 7.0 / s.m() + 5.5 / s.c())) + 3 * n * n;
    }

    boolean winograd() { return outputs() != 0; }

    /** Outputs of a Winograd tile along one side; 0 for the other forms. */
    int outputs() {
        return switch (this) {
            case DIRECT, DEPTHWISE -> 0;
            case WINOGRAD2 -> 2;
            case WINOGRAD3 -> 3;
            case WINOGRAD4 -> 4;
        };
    }

    /** Inputs of a Winograd tile along one side. */
    int inputs() { return outputs() + 2; }
}
