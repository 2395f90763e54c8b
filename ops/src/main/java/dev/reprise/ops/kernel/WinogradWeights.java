package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.tensor.Tensor.F32;

/** Transformed weights: for each of the n x n points a {@link PackedB} of C rows and M columns. */
final class WinogradWeights {
    /** Rows are points, columns powers of the point over the product of its distances from the others; the last is infinity. */
    private static final double[][] G4 = {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};
    private static final double[][] G6 = {{64 / 81., 0, 0}, {-128 / 243., -96 / 243., -72 / 243.}, {-128 / 243., 96 / 243., -72 / 243.},
        {32 / 243., 48 / 243., 72 / 243.}, {32 / 243., -48 / 243., 72 / 243.}, {0, 0, 1}};

    private WinogradWeights() {}

    static long bytes(ConvShape s, int n) { return n * n * PackedB.bytes(s.c(), s.m()); }

    /** @param w (M, C, 3, 3) */
    static void pack(long w, ConvShape s, int n, long to) {
        long matrix = PackedB.bytes(s.c(), s.m());
        double[] g = new double[9];
        float[] u = new float[n * n];
        // Panel by panel and row by row, so that each point's matrix is written as one stream.
        for (int panel = 0; panel < PackedB.panels(s.m()); panel++) {
            int first = panel * PackedB.PANEL_COLUMNS, width = PackedB.width(s.m(), panel) * PackedB.LANES;
            for (int c = 0; c < s.c(); c++) {
                long row = to + ((long) first * s.c() + (long) c * width) * 4;
                for (int m = first; m < Math.min(s.m(), first + width); m++) {
                    for (int i = 0; i < 9; i++)
                        g[i] = ALL.get(F32, w + (((long) m * s.c() + c) * 9 + i) * 4);
                    transform(g, u, n);
                    for (int p = 0; p < n * n; p++)
                        ALL.set(F32, row + p * matrix + (m - first) * 4L, u[p]);
                }
            }
        }
    }

    /** u = G g Gᵀ in float64, rounded once. */
    static void transform(double[] g, float[] u, int n) {
        double[][] t = n == 4 ? G4 : G6;
        for (int i = 0; i < n; i++) {
            double[] r = t[i];
            double a = r[0] * g[0] + r[1] * g[3] + r[2] * g[6], b = r[0] * g[1] + r[1] * g[4] + r[2] * g[7],
                    c = r[0] * g[2] + r[1] * g[5] + r[2] * g[8];
            for (int j = 0; j < n; j++)
                u[i * n + j] = (float) (a * t[j][0] + b * t[j][1] + c * t[j][2]);
        }
    }
}
