package dev.reprise.ops.kernel;

/**
 * How a convolution is computed. The choice follows from the sizes of one image and of the weights alone, so that batch,
 * threads and machine do not change bits.
 */
public enum ConvAlgorithm {
    DIRECT(0, 0), DEPTHWISE(0, 0),
    /** Winograd F(2 x 2, 3 x 3): 16 products for 4 outputs. */
    WINOGRAD2(2, 1),
    /** Winograd F(3 x 3, 3 x 3): 25 products for 9 outputs. */
    WINOGRAD3(3, 1),
    /** Winograd F(4 x 4, 3 x 3): 36 products for 16 outputs. */
    WINOGRAD4(4, 1),
    /** Stride 2, F(2 x 2, 2 x 2) of the even inputs: 25 products for 4 outputs ({@link WinogradStride2Transform}). */
    WINOGRAD2_STRIDE2(2, 2),
    /** Stride 2, F(3 x 3, 2 x 2) of the even inputs: 49 products for 9 outputs. */
    WINOGRAD3_STRIDE2(3, 2),
    /** 7 x 7 with stride 2 of few channels, F(3 x 3, 4 x 4) of the image's four phases ({@link ConvPhases}). */
    WINOGRAD3_PHASES(0, 0);

    private final int outputs, stride;

    ConvAlgorithm(int outputs, int stride) {
        this.outputs = outputs;
        this.stride = stride;
    }

    /** @param exact forbids Winograd, whose rounding differs from the direct sum's */
    public static ConvAlgorithm of(ConvShape s, boolean exact) {
        if (s.depthwise()) return DEPTHWISE;
        if (!exact && ConvPhases.applies(s)) return WINOGRAD3_PHASES;
        if (exact || s.group() != 1 || s.c() % 16 != 0 || s.m() % 16 != 0 || s.c() < 32 || s.m() < 32) return DIRECT;
        for (int i = 0; i < 3; i++)
            if (s.kernel()[i] != (i == 0 ? 1 : 3) || s.stride()[i] != (i == 0 ? 1 : s.stride()[2]) || s.dilation()[i] != 1
                    || i == 0 && (s.pad()[0] != 0 || s.in()[0] != s.out()[0]))
                return DIRECT;
        ConvAlgorithm best = DIRECT;
        double least = 9.0 * s.out()[1] * s.out()[2];
        for (ConvAlgorithm a : values())
            if (a.stride == s.stride()[1] && a.cost(s) < least) {
                best = a;
                least = a.cost(s);
            }
        return best;
    }

    /**
     * Multiplications for one image, for each pair of channels: the products; the input's and the output's transform, shared by all
     * output or input channels; the weights' transform, which is done once. Measured on two Zen 4 cores with 512-bit vectors, where with stride 2
     * the last took twice as long beside the products.
     */
    private double cost(ConvShape s) {
        int n = inputs(), tiles = Math.ceilDiv(s.out()[1], outputs) * Math.ceilDiv(s.out()[2], outputs);
        return tiles * (n * n * (1 + 7.0 / s.m() + 5.5 / s.c())) + 3 * stride * points() * points();
    }

    /** Whether {@link ConvWinograd} computes it. */
    boolean winograd() { return outputs != 0; }

    /** Outputs of a Winograd tile along one side. */
    int outputs() { return outputs; }

    int stride() { return stride; }

    /** Inputs of a Winograd tile along one side, and products. */
    int inputs() { return (outputs - 1) * stride + 3; }

    /** Points of the transformed weights along one side: with stride 2 all odd inputs meet the same. */
    int points() { return outputs + 2; }
}
