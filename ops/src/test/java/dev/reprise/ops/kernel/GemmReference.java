package dev.reprise.ops.kernel;

/** What {@link Gemm} computes, in scalar code. */
final class GemmReference {
    private GemmReference() {}

    /** One product of row-major matrices. {@code bias} (n) and {@code residual} (m x n) may be null. */
    static float[] run(int m, int n, int k, float[] a, float[] b, Epilogue e, float[] bias, float[] residual) {
        float[] c = new float[m * n];
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++) {
                float s = 0;
                for (int p = 0; p < k; p++)
                    s = Math.fma(a[i * k + p], b[p * n + j], s);
                c[i * n + j] = e.apply(s, bias != null, bias == null ? 0 : bias[j], residual != null,
                        residual == null ? 0 : residual[i * n + j]);
            }
        return c;
    }

    static float[] transpose(int rows, int columns, float[] x) {
        float[] t = new float[x.length];
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
                t[j * rows + i] = x[i * columns + j];
        return t;
    }
}
