package dev.reprise.ops.kernel;

/** What {@link ConvTranspose} computes, in scalar code: (N, C, spatial…) images, (C, M / group, kernel…) weights. */
final class ConvTransposeReference {
    private ConvTransposeReference() {}

    /** {@code bias} (M) may be null. */
    static float[] run(ConvShape s, float[] x, float[] w, Epilogue e, float[] bias) {
        int gc = s.groupC(), gm = s.groupM(), taps = s.taps(), pixels = s.outPixels();
        float[] y = new float[s.batch() * s.m() * pixels];
        for (int at = 0; at < y.length; at++) {
            int p = at % pixels, m = at / pixels % s.m(), image = at / pixels / s.m();
            float sum = 0;
            for (int t = 0; t < taps; t++) {
                int pixel = pixel(s, p, t);
                if (pixel < 0) continue;
                float product = 0;
                for (int c = m / gm * gc; c < m / gm * gc + gc; c++)
                    product = Math.fma(x[(image * s.c() + c) * s.inPixels() + pixel], w[(c * gm + m % gm) * taps + t], product);
                sum += product;
            }
            y[at] = e.apply(sum, bias != null, bias == null ? 0 : bias[m], false, 0);
        }
        return y;
    }

    /** The input pixel whose tap t falls on output pixel p, or -1. */
    private static int pixel(ConvShape s, int p, int t) {
        int[] o = {p / s.out()[2] / s.out()[1], p / s.out()[2] % s.out()[1], p % s.out()[2]};
        int[] k = {t / s.kernel()[2] / s.kernel()[1], t / s.kernel()[2] % s.kernel()[1], t % s.kernel()[2]};
        int at = 0;
        for (int i = 0; i < 3; i++) {
            int v = o[i] + s.pad()[i] - k[i] * s.dilation()[i];
            if (v < 0 || v % s.stride()[i] != 0 || v / s.stride()[i] >= s.in()[i]) return -1;
            at = at * s.in()[i] + v / s.stride()[i];
        }
        return at;
    }
}
