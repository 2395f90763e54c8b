package dev.reprise.ops.kernel;

/** What the Winograd algorithms compute, in scalar code: columns are transformed before rows, channels summed in order. */
final class WinogradReference {
    private WinogradReference() {}

    /** As {@link ConvReference#run}. */
    static float[] run(ConvShape s, ConvAlgorithm a, float[] x, float[] w, Epilogue e, float[] bias, float[] residual) {
        int m = a.outputs(), n = a.inputs(), oh = s.out()[1], ow = s.out()[2], th = Math.ceilDiv(oh, m), tw = Math.ceilDiv(ow, m);
        Transform weights = weights(a), inputs = inputs(a), outputs = outputs(a);
        float[][] u = new float[s.m() * s.c()][];
        for (int i = 0; i < u.length; i++)
            u[i] = both(java.util.Arrays.copyOfRange(w, i * 9, i * 9 + 9), 3, n, weights);
        float[] y = new float[s.batch() * s.m() * oh * ow];
        for (int tile = 0; tile < s.batch() * th * tw; tile++) {
            int w0 = tile % tw * m, h0 = tile / tw % th * m, image = tile / tw / th, stride = a.stride();
            float[][] v = new float[s.c()][];
            for (int c = 0; c < s.c(); c++)
                v[c] = both(tile(s, x, image * s.c() + c, h0 * stride - s.pad()[1], w0 * stride - s.pad()[2], n), n, n, inputs);
            for (int o = 0; o < s.m(); o++) {
                float[] p = new float[n * n];
                for (int c = 0; c < s.c(); c++)
                    for (int i = 0; i < p.length; i++)
                        p[i] = Math.fma(v[c][i], u[o * s.c() + c][i], p[i]);
                float[] r = both(p, n, m, outputs);
                for (int i = 0; i < m * m; i++) {
                    int h = h0 + i / m, ww = w0 + i % m, at = ((image * s.m() + o) * oh + h) * ow + ww;
                    if (h < oh && ww < ow)
                        y[at] = e.apply(r[i], bias != null, bias == null ? 0 : bias[o], residual != null,
                                residual == null ? 0 : residual[at]);
                }
            }
        }
        return y;
    }

    /**
     * {@link ConvAlgorithm#WINOGRAD3_PHASES}: even and odd lines and columns as images of their own, each with the taps that meet it, and F(3 x 3, 4 x 4). Weights are transformed in doubles,
     * and rounded once.
     */
    static float[] runPhases(ConvShape s, float[] x, float[] w, Epilogue e, float[] bias, float[] residual) {
        int oh = s.out()[1], ow = s.out()[2], c = s.c(), th = Math.ceilDiv(oh, 3), tw = Math.ceilDiv(ow, 3);
        float[][] u = new float[s.m() * 4 * c][];
        for (int i = 0; i < u.length; i++) {
            double[] taps = new double[16];
            for (int t = 0; t < 16; t++) {
                int kh = t / 4 * 2 + i % (4 * c) / (2 * c), kw = t % 4 * 2 + i % (2 * c) / c;
                if (kh < 7 && kw < 7) taps[t] = w[((i / (4 * c) * c + i % c) * 7 + kh) * 7 + kw];
            }
            u[i] = weights46(taps);
        }
        float[] y = new float[s.batch() * s.m() * oh * ow];
        for (int tile = 0; tile < s.batch() * th * tw; tile++) {
            int w0 = tile % tw * 3, h0 = tile / tw % th * 3, image = tile / tw / th;
            float[][] v = new float[4 * c][];
            for (int k = 0; k < v.length; k++) {
                float[] d = new float[36];
                for (int i = 0; i < 36; i++) {
                    int h = 2 * (h0 + i / 6) + k / (2 * c) - s.pad()[1], q = 2 * (w0 + i % 6) + k % (2 * c) / c - s.pad()[2];
                    if (h >= 0 && h < s.in()[1] && q >= 0 && q < s.in()[2]) d[i] = x[((image * c + k % c) * s.in()[1] + h) * s.in()[2] + q];
                }
                v[k] = both(d, 6, 6, WinogradReference::input6);
            }
            for (int o = 0; o < s.m(); o++) {
                float[] p = new float[36];
                for (int k = 0; k < v.length; k++)
                    for (int i = 0; i < 36; i++)
                        p[i] = Math.fma(v[k][i], u[o * v.length + k][i], p[i]);
                float[] r = both(p, 6, 3, WinogradReference::output63);
                for (int i = 0; i < 9; i++) {
                    int h = h0 + i / 3, q = w0 + i % 3, at = ((image * s.m() + o) * oh + h) * ow + q;
                    if (h < oh && q < ow)
                        y[at] = e.apply(r[i], bias != null, bias == null ? 0 : bias[o], residual != null,
                                residual == null ? 0 : residual[at]);
                }
            }
        }
        return y;
    }

    /** Cubics' values at 0, 3/4, -3/4, 3/2, -3/2 and infinity, over the products of the points' distances; first down the columns. */
    private static float[] weights46(double[] g) {
        double[][] rows = new double[4][];
        for (int j = 0; j < 4; j++)
            rows[j] = cubic(g[j], g[4 + j], g[8 + j], g[12 + j]);
        float[] r = new float[36];
        for (int i = 0; i < 6; i++) {
            double[] line = cubic(rows[0][i], rows[1][i], rows[2][i], rows[3][i]);
            for (int j = 0; j < 6; j++)
                r[i * 6 + j] = (float) line[j];
        }
        return r;
    }

    private static double[] cubic(double a, double b, double c, double d) {
        double[] r = {a / (0.5625 * 2.25), 0, 0, 0, 0, d}, points = {0, 0.75, -0.75, 1.5, -1.5};
        for (int i = 1; i < 5; i++) {
            double x = points[i], even = a + x * x * c, odd = x * (b + x * x * d);
            r[i] = (even + odd) / (2 * x * x * (i < 3 ? 0.5625 - 2.25 : 2.25 - 0.5625));
        }
        return r;
    }

    private static float[] output63(float[] m) {
        float a = 0.75f, b = 1.5f, s1 = m[1] + m[2], d1 = m[1] - m[2], s2 = m[3] + m[4], d2 = m[3] - m[4];
        return new float[]{m[0] + s1 + s2, Math.fma(b, d2, a * d1), Math.fma(b * b, s2, Math.fma(a * a, s1, m[5]))};
    }

    private static Transform weights(ConvAlgorithm a) {
        return switch (a) {
            case WINOGRAD2 -> WinogradReference::weights4;
            case WINOGRAD3 -> WinogradReference::weights5;
            case WINOGRAD4 -> WinogradReference::weights6;
            case WINOGRAD2_STRIDE2 -> g -> new float[]{g[0], g[0] + g[2], g[2], g[1], g[1]};
            default -> g -> new float[]{g[0], (g[0] + g[2]) * 0.5f, (g[0] - g[2]) * 0.5f, g[2], g[1], g[1], g[1]};
        };
    }

    private static Transform inputs(ConvAlgorithm a) {
        return switch (a) {
            case WINOGRAD2 -> WinogradReference::input4;
            case WINOGRAD3 -> WinogradReference::input5;
            case WINOGRAD4 -> WinogradReference::input6;
            case WINOGRAD2_STRIDE2 -> d -> phases(d, e -> new float[]{e[0] - e[1], e[1], e[2] - e[1]});
            default -> d -> phases(d, WinogradReference::input4);
        };
    }

    private static Transform outputs(ConvAlgorithm a) {
        return switch (a) {
            case WINOGRAD2 -> WinogradReference::output4;
            case WINOGRAD3 -> WinogradReference::output5;
            case WINOGRAD4 -> WinogradReference::output6;
            case WINOGRAD2_STRIDE2 -> m -> new float[]{m[0] + m[1] + m[3], m[1] + m[2] + m[4]};
            default -> m -> new float[]{m[0] + (m[1] + m[2]) + m[4], m[1] - m[2] + m[5], m[1] + m[2] - m[3] + m[6]};
        };
    }

    /** The even elements transformed, then the odd ones as they are. */
    private static float[] phases(float[] d, Transform t) {
        int m = d.length / 2;
        float[] even = new float[m + 1], r = new float[d.length];
        for (int i = 0; i <= m; i++)
            even[i] = d[2 * i];
        System.arraycopy(t.apply(even), 0, r, 0, m + 1);
        for (int i = 0; i < m; i++)
            r[m + 1 + i] = d[2 * i + 1];
        return r;
    }

    private static float[] tile(ConvShape s, float[] x, int plane, int h0, int w0, int n) {
        float[] d = new float[n * n];
        for (int i = 0; i < d.length; i++) {
            int h = h0 + i / n, w = w0 + i % n;
            if (h >= 0 && h < s.in()[1] && w >= 0 && w < s.in()[2]) d[i] = x[(plane * s.in()[1] + h) * s.in()[2] + w];
        }
        return d;
    }

    private interface Transform {
        float[] apply(float[] d);
    }

    /** Transforms the columns of an n x n tile to m values each, then its rows. */
    private static float[] both(float[] d, int n, int m, Transform t) {
        float[] middle = new float[m * n], r = new float[m * m];
        for (int j = 0; j < n; j++) {
            float[] column = new float[n];
            for (int i = 0; i < n; i++)
                column[i] = d[i * n + j];
            column = t.apply(column);
            for (int i = 0; i < m; i++)
                middle[i * n + j] = column[i];
        }
        for (int i = 0; i < m; i++)
            System.arraycopy(t.apply(java.util.Arrays.copyOfRange(middle, i * n, i * n + n)), 0, r, i * m, m);
        return r;
    }

    private static float[] weights4(float[] g) {
        float even = g[0] + g[2];
        return new float[]{g[0], (even + g[1]) * 0.5f, (even - g[1]) * 0.5f, g[2]};
    }

    private static float[] weights5(float[] g) {
        float e1 = Math.fma(g[0], -256 / 405f, g[2] * (-36 / 405f)), o1 = g[1] * (-96 / 405f),
                e2 = Math.fma(g[0], 64 / 405f, g[2] * (144 / 405f)), o2 = g[1] * (96 / 405f);
        return new float[]{e1 + o1, o1 - e1, e2 + o2, o2 - e2, g[2]};
    }

    private static float[] weights6(float[] g) {
        float e1 = Math.fma(g[0], -128 / 243f, g[2] * (-72 / 243f)), o1 = g[1] * (-96 / 243f),
                e2 = Math.fma(g[0], 32 / 243f, g[2] * (72 / 243f)),
                o2 = g[1] * (48 / 243f);
        return new float[]{g[0] * (64 / 81f), e1 + o1, e1 - o1, e2 + o2, e2 - o2, g[2]};
    }

    private static float[] input4(float[] d) { return new float[]{d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]}; }

    private static float[] output4(float[] m) { return new float[]{m[0] + m[1] + m[2], m[1] - m[2] - m[3]}; }

    private static float[] input5(float[] d) {
        float a = 0.375f, b = 1.5f, sum = a * a + b * b, product = a * a * b * b;
        float e1 = Math.fma(-b * b, d[0], d[2]), o1 = Math.fma(-b * b, d[1], d[3]), e2 = Math.fma(-a * a, d[0], d[2]),
                o2 = Math.fma(-a * a, d[1], d[3]);
        return new float[]{Math.fma(a, e1, o1), Math.fma(-a, e1, o1), Math.fma(b, e2, o2), Math.fma(-b, e2, o2),
            Math.fma(product, d[0], Math.fma(-sum, d[2], d[4]))};
    }

    private static float[] output5(float[] m) {
        float a = 0.375f, b = 1.5f, s1 = m[0] + m[1], d1 = m[0] - m[1], s2 = m[2] + m[3], d2 = m[2] - m[3];
        return new float[]{s1 + s2, Math.fma(b, d2, a * d1), Math.fma(b * b, s2, Math.fma(a * a, s1, m[4]))};
    }

    private static float[] input6(float[] d) {
        float a = 0.75f, b = 1.5f, sum = a * a + b * b, product = a * a * b * b;
        float e1 = Math.fma(-b * b, d[2], d[4]), o1 = Math.fma(-b * b, d[1], d[3]), e2 = Math.fma(-a * a, d[2], d[4]),
                o2 = Math.fma(-a * a, d[1], d[3]);
        return new float[]{Math.fma(product, d[0], Math.fma(-sum, d[2], d[4])), Math.fma(a, o1, e1), Math.fma(-a, o1, e1),
            Math.fma(b, o2, e2),
            Math.fma(-b, o2, e2), Math.fma(product, d[1], Math.fma(-sum, d[3], d[5]))};
    }

    private static float[] output6(float[] m) {
        float a = 0.75f, b = 1.5f, s1 = m[1] + m[2], d1 = m[1] - m[2], s2 = m[3] + m[4], d2 = m[3] - m[4];
        return new float[]{m[0] + s1 + s2, Math.fma(b, d2, a * d1), Math.fma(b * b, s2, a * a * s1),
            Math.fma(b * b * b, d2, Math.fma(a * a * a, d1, m[5]))};
    }
}
