package dev.reprise.tornado.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Products of matrices, y = activation(alpha A B + bias + residual) * scale, in batches of two levels. d: M, N, K; 3: 1 where A is a
 * weight, A; 5: 1 where B is a weight, B; 7: y; 8: strides of A along M and K, of B along K and N, of y along M and N; 14: size of
 * the inner batch; 15: strides of A, B, y along the outer and the inner batch; 21: 1 where bias is a weight, bias or -1; 23: residual
 * (strides of y) or -1; 24: code of the activation; 25: place of (alpha, scale) among the weights; 26: number of batches.
 */
public final class Products {
    /** Rows and columns of a work-group's tile, and the depth of what it holds in local memory. */
    public static final int TILE = 64, DEPTH = 16;
    private static final int PITCH = TILE + 1;

    private Products() {}

    private static float rpFinish(FloatArray a, FloatArray w, IntArray d, float sum, int column, int at) {
        float v = sum * w.get(d.get(25));
        int bias = d.get(22);
        if (bias >= 0) {
            if (d.get(21) == 1) v = v + w.get(bias + column);
            else v = v + a.get(bias + column);
        }
        int residual = d.get(23);
        if (residual >= 0) v = v + a.get(residual + at);
        return Scalar.rpActivate(d.get(24), v) * w.get(d.get(25) + 1);
    }

    /** The portable tier: a thread for each element of y. */
    public static void rpGemm(FloatArray a, FloatArray w, IntArray d) {
        for (@Parallel
        int i = 0; i < d.get(26) * d.get(0) * d.get(1); i++) {
            if (i == 0) Receipts.rpSign(a, d);
            int n = d.get(1), column = i % n, rest = i / n, row = rest % d.get(0), batch = rest / d.get(0);
            int outer = batch / d.get(14), inner = batch % d.get(14);
            int p = d.get(4) + outer * d.get(15) + inner * d.get(16) + row * d.get(8);
            int q = d.get(6) + outer * d.get(17) + inner * d.get(18) + column * d.get(11);
            int at = outer * d.get(19) + inner * d.get(20) + row * d.get(12) + column * d.get(13);
            float sum = 0f;
            for (int k = 0; k < d.get(2); k++) {
                float u, v;
                if (d.get(3) == 1) u = w.get(p);
                else u = a.get(p);
                if (d.get(5) == 1) v = w.get(q);
                else v = a.get(q);
                sum = sum + u * v;
                p = p + d.get(9);
                q = q + d.get(10);
            }
            a.set(d.get(7) + at, rpFinish(a, w, d, sum, column, at));
        }
    }

    /**
     * The local-memory tier: a work-group of 16 x 16 makes a tile of 64 x 64 of y. It walks along K in steps of 16; each step brings
     * 64 x 16 of A and 16 x 64 of B to local memory once, and each thread multiplies a column of 4 by a row of 4 from there, 16 times.
     */
    public static void rpGemmTile(KernelContext c, FloatArray a, FloatArray w, IntArray d) {
        float[] at = c.allocateFloatLocalArray(DEPTH * PITCH);
        float[] bt = c.allocateFloatLocalArray(DEPTH * TILE);
        if (c.localIdx == 0 && c.localIdy == 0 && c.groupIdx == 0 && c.groupIdy == 0 && c.groupIdz == 0) Receipts.rpSign(a, d);
        int tx = c.localIdx, ty = c.localIdy, id = ty * 16 + tx;
        int m = d.get(0), n = d.get(1), depth = d.get(2), rowBase = c.groupIdy * TILE, columnBase = c.groupIdx * TILE;
        int batch = c.groupIdz, outer = batch / d.get(14), inner = batch - outer * d.get(14);
        int ao = d.get(4) + outer * d.get(15) + inner * d.get(16), bo = d.get(6) + outer * d.get(17) + inner * d.get(18);
        int am = d.get(8), ak = d.get(9), bk = d.get(10), bn = d.get(11), ofA = d.get(3), ofB = d.get(5);
        // Loads: of A, 16 neighbours along K by 16 rows; of B, 64 neighbours along N by 4 rows; each four times.
        int ka = id % 16, ra = id / 16, nb = id % 64, kb = id / 64;
        float s00 = 0f, s01 = 0f, s02 = 0f, s03 = 0f, s10 = 0f, s11 = 0f, s12 = 0f, s13 = 0f;
        float s20 = 0f, s21 = 0f, s22 = 0f, s23 = 0f, s30 = 0f, s31 = 0f, s32 = 0f, s33 = 0f;
        for (int k0 = 0; k0 < depth; k0 += DEPTH) {
            for (int j = 0; j < 4; j++) {
                int row = rowBase + ra + 16 * j, k = k0 + ka;
                float u = 0f;
                if (row < m && k < depth) {
                    int i = ao + row * am + k * ak;
                    if (ofA == 1) u = w.get(i);
                    else u = a.get(i);
                }
                at[ka * PITCH + ra + 16 * j] = u;
                int column = columnBase + nb;
                k = k0 + kb + 4 * j;
                u = 0f;
                if (column < n && k < depth) {
                    int i = bo + k * bk + column * bn;
                    if (ofB == 1) u = w.get(i);
                    else u = a.get(i);
                }
                bt[(kb + 4 * j) * TILE + nb] = u;
            }
            c.localBarrier();
            for (int k = 0; k < DEPTH; k++) {
                float a0 = at[k * PITCH + ty], a1 = at[k * PITCH + ty + 16], a2 = at[k * PITCH + ty + 32], a3 = at[k * PITCH + ty + 48];
                float b0 = bt[k * TILE + tx], b1 = bt[k * TILE + tx + 16], b2 = bt[k * TILE + tx + 32], b3 = bt[k * TILE + tx + 48];
                s00 += a0 * b0;
                s01 += a0 * b1;
                s02 += a0 * b2;
                s03 += a0 * b3;
                s10 += a1 * b0;
                s11 += a1 * b1;
                s12 += a1 * b2;
                s13 += a1 * b3;
                s20 += a2 * b0;
                s21 += a2 * b1;
                s22 += a2 * b2;
                s23 += a2 * b3;
                s30 += a3 * b0;
                s31 += a3 * b1;
                s32 += a3 * b2;
                s33 += a3 * b3;
            }
            c.localBarrier();
        }
        int yo = outer * d.get(19) + inner * d.get(20);
        for (int i = 0; i < 4; i++) {
            int row = rowBase + ty + 16 * i;
            for (int j = 0; j < 4; j++) {
                int column = columnBase + tx + 16 * j;
                float s;
                if (i == 0) s = j == 0 ? s00 : j == 1 ? s01 : j == 2 ? s02 : s03;
                else if (i == 1) s = j == 0 ? s10 : j == 1 ? s11 : j == 2 ? s12 : s13;
                else if (i == 2) s = j == 0 ? s20 : j == 1 ? s21 : j == 2 ? s22 : s23;
                else s = j == 0 ? s30 : j == 1 ? s31 : j == 2 ? s32 : s33;
                if (row < m && column < n) {
                    int y = yo + row * d.get(12) + column * d.get(13);
                    a.set(d.get(7) + y, rpFinish(a, w, d, s, column, y));
                }
            }
        }
    }
}
