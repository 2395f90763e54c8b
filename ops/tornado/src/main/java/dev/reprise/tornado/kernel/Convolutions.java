package dev.reprise.tornado.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Convolutions over two dimensions as products of matrices whose left factor is never written down: row (n, oh, ow), depth (kh, kw,
 * channel), column the output channel. y = activation(conv + bias + residual) * scale. d: M, N, K of one group; 3: x, weights (a
 * group after the other, each K x N), y; 6: OH, OW, H, W; 10: channels of a group; 11: KW; 12: strides, dilations, pads (top, left);
 * 18: strides of x along n, h, w, c; 22: of y; 26: bias or -1; 27: residual (strides of y) or -1; 28: code of the
 * activation; 29: place of (alpha, scale) among the weights; 30: groups; 31: 1 where the weights and 32: where the bias lie
 * among the weights, not in the arena.
 */
public final class Convolutions {
    private static final int TILE = Products.TILE, DEPTH = Products.DEPTH, PITCH = TILE + 1;

    private Convolutions() {}

    private static float rpConvFinish(FloatArray a, FloatArray w, IntArray d, float sum, int channel, int at) {
        float v = sum * w.get(d.get(29));
        int bias = d.get(26), residual = d.get(27);
        if (bias >= 0) {
            if (d.get(32) == 1) v = v + w.get(bias + channel);
            else v = v + a.get(bias + channel);
        }
        if (residual >= 0) v = v + a.get(residual + at);
        return Scalar.rpActivate(d.get(28), v) * w.get(d.get(29) + 1);
    }

    /** The portable tier: a thread for each element of y. */
    public static void rpConv(FloatArray a, FloatArray w, IntArray d) {
        for (@Parallel
        int i = 0; i < d.get(30) * d.get(0) * d.get(1); i++) {
            if (i == 0) Receipts.rpSign(a, d);
            int columns = d.get(1), column = i % columns, rest = i / columns, group = rest % d.get(30), row = rest / d.get(30);
            int ow = row % d.get(7), up = row / d.get(7), oh = up % d.get(6), n = up / d.get(6);
            int y0 = oh * d.get(12) - d.get(16), x0 = ow * d.get(13) - d.get(17);
            int channels = d.get(10), image = d.get(3) + n * d.get(18) + group * channels * d.get(21);
            int weight = d.get(4) + group * d.get(2) * columns + column;
            float sum = 0f;
            for (int k = 0; k < d.get(2); k++) {
                int channel = k % channels, window = k / channels;
                int h = y0 + window / d.get(11) * d.get(14), v = x0 + window % d.get(11) * d.get(15);
                if (h >= 0 && h < d.get(8) && v >= 0 && v < d.get(9)) {
                    float u;
                    if (d.get(31) == 1) u = w.get(weight + k * columns);
                    else u = a.get(weight + k * columns);
                    sum = sum + a.get(image + h * d.get(19) + v * d.get(20) + channel * d.get(21)) * u;
                }
            }
            int out = group * columns + column;
            int at = n * d.get(22) + oh * d.get(23) + ow * d.get(24) + out * d.get(25);
            a.set(d.get(5) + at, rpConvFinish(a, w, d, sum, out, at));
        }
    }

    /** The local-memory tier: as {@link Products#rpGemmTile}, its tile of A gathered from the image. The group is the grid's third dimension. */
    public static void rpConvTile(KernelContext c, FloatArray a, FloatArray w, IntArray d) {
        float[] at = c.allocateFloatLocalArray(DEPTH * PITCH);
        float[] bt = c.allocateFloatLocalArray(DEPTH * TILE);
        if (c.localIdx == 0 && c.localIdy == 0 && c.groupIdx == 0 && c.groupIdy == 0 && c.groupIdz == 0) Receipts.rpSign(a, d);
        int tx = c.localIdx, ty = c.localIdy, id = ty * 16 + tx, group = c.groupIdz;
        int m = d.get(0), n = d.get(1), depth = d.get(2), rowBase = c.groupIdy * TILE, columnBase = c.groupIdx * TILE;
        int weights = d.get(4) + group * depth * n, image = d.get(3) + group * d.get(10) * d.get(21);
        int ofW = d.get(31);
        int ka = id % 16, ra = id / 16, nb = id % 64, kb = id / 64;
        int channels = d.get(10), kernelWidth = d.get(11), height = d.get(8), width = d.get(9);
        int strideH = d.get(19), strideW = d.get(20), strideC = d.get(21);
        // The four rows that this thread gathers: sample and the window's corner.
        int r0 = rowBase + ra, r1 = r0 + 16, r2 = r0 + 32, r3 = r0 + 48;
        int u0 = r0 / d.get(7), u1 = r1 / d.get(7), u2 = r2 / d.get(7), u3 = r3 / d.get(7);
        int n0 = u0 / d.get(6), n1 = u1 / d.get(6), n2 = u2 / d.get(6), n3 = u3 / d.get(6);
        int y0 = (u0 - n0 * d.get(6)) * d.get(12) - d.get(16), y1 = (u1 - n1 * d.get(6)) * d.get(12) - d.get(16);
        int y2 = (u2 - n2 * d.get(6)) * d.get(12) - d.get(16), y3 = (u3 - n3 * d.get(6)) * d.get(12) - d.get(16);
        int x0 = (r0 - u0 * d.get(7)) * d.get(13) - d.get(17), x1 = (r1 - u1 * d.get(7)) * d.get(13) - d.get(17);
        int x2 = (r2 - u2 * d.get(7)) * d.get(13) - d.get(17), x3 = (r3 - u3 * d.get(7)) * d.get(13) - d.get(17);
        int i0 = image + n0 * d.get(18), i1 = image + n1 * d.get(18), i2 = image + n2 * d.get(18), i3 = image + n3 * d.get(18);
        float s00 = 0f, s01 = 0f, s02 = 0f, s03 = 0f, s10 = 0f, s11 = 0f, s12 = 0f, s13 = 0f;
        float s20 = 0f, s21 = 0f, s22 = 0f, s23 = 0f, s30 = 0f, s31 = 0f, s32 = 0f, s33 = 0f;
        for (int k0 = 0; k0 < depth; k0 += DEPTH) {
            // What a column of the tile is, once for its four rows: a pixel of the window and a channel.
            int depthAt = k0 + ka, window = depthAt / channels, kh = window / kernelWidth;
            int dy = kh * d.get(14), dx = (window - kh * kernelWidth) * d.get(15);
            int plus = (depthAt - window * channels) * strideC;
            for (int j = 0; j < 4; j++) {
                int k = depthAt, y = dy + (j == 0 ? y0 : j == 1 ? y1 : j == 2 ? y2 : y3),
                        x = dx + (j == 0 ? x0 : j == 1 ? x1 : j == 2 ? x2 : x3);
                float u = 0f;
                if (rowBase + ra + 16 * j < m && k < depth && y >= 0 && y < height && x >= 0 && x < width)
                    u = a.get((j == 0 ? i0 : j == 1 ? i1 : j == 2 ? i2 : i3) + y * strideH + x * strideW + plus);
                at[ka * PITCH + ra + 16 * j] = u;
                int column = columnBase + nb;
                k = k0 + kb + 4 * j;
                u = 0f;
                if (column < n && k < depth) {
                    if (ofW == 1) u = w.get(weights + k * n + column);
                    else u = a.get(weights + k * n + column);
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
        for (int i = 0; i < 4; i++) {
            int row = rowBase + ty + 16 * i;
            int up = row / d.get(7), ow = row - up * d.get(7), sample = up / d.get(6), oh = up - sample * d.get(6);
            int y = sample * d.get(22) + oh * d.get(23) + ow * d.get(24);
            for (int j = 0; j < 4; j++) {
                int column = columnBase + tx + 16 * j, out = group * n + column;
                float s;
                if (i == 0) s = j == 0 ? s00 : j == 1 ? s01 : j == 2 ? s02 : s03;
                else if (i == 1) s = j == 0 ? s10 : j == 1 ? s11 : j == 2 ? s12 : s13;
                else if (i == 2) s = j == 0 ? s20 : j == 1 ? s21 : j == 2 ? s22 : s23;
                else s = j == 0 ? s30 : j == 1 ? s31 : j == 2 ? s32 : s33;
                if (row < m && column < n) a.set(d.get(5) + y + out * d.get(25), rpConvFinish(a, w, d, s, out, y + out * d.get(25)));
            }
        }
    }
}
