package dev.reprise.ops.kernel;

/** What {@link Conv} computes, in scalar code: (N, C, spatial…) images, (M, C / group, kernel…) weights. */
final class ConvReference {
    private ConvReference() {}

    /** {@code bias} (M) and {@code residual} (as the output) may be null. */
    static float[] run(ConvShape s, float[] x, float[] w, Epilogue e, float[] bias, float[] residual) {
        int gc = s.groupC(), taps = s.taps(), pixels = s.outPixels();
        float[] y = new float[s.batch() * s.m() * pixels];
        for (int at = 0; at < y.length; at++) {
            int p = at % pixels, m = at / pixels % s.m(), image = at / pixels / s.m();
            float sum = 0;
            for (int t = 0; t < taps; t++) {
                int pixel = pixel(s, p, t);
                for (int c = 0; c < gc; c++) {
                    float v = pixel < 0 ? 0 : x[(image * s.c() + m / s.groupM() * gc + c) * s.inPixels() + pixel];
                    sum = Math.fma(v, w[(m * gc + c) * taps + t], sum);
                }
            }
            y[at] = e.apply(sum, bias != null, bias == null ? 0 : bias[m], residual != null, residual == null ? 0 : residual[at]);
        }
        return y;
    }

    private static int pixel(ConvShape s, int p, int t) {
        int[] o = {p / s.out()[2] / s.out()[1], p / s.out()[2] % s.out()[1], p % s.out()[2]};
        int[] k = {t / s.kernel()[2] / s.kernel()[1], t / s.kernel()[2] % s.kernel()[1], t % s.kernel()[2]};
        int at = 0;
        for (int i = 0; i < 3; i++) {
            int x = o[i] * s.stride()[i] - s.pad()[i] + k[i] * s.dilation()[i];
            if (x < 0 || x >= s.in()[i]) return -1;
            at = at * s.in()[i] + x;
        }
        return at;
    }
}
