package dev.reprise.tornado.kernel;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Softmax(scale Q K^T + mask) V with a running softmax: the scores are never written down. d: Lq, Lk, D, Dv, heads; 5: Q, K, V, y; 9:
 * their strides along batch, head, row, three each; 21: query heads that share a key head; 22: mask or -1, 1 where it is a weight,
 * its strides along batch, head, query, key; 28: place of the scale among the weights; 29: query i sees keys below i + this, or -1 for
 * all; 30: batch times heads.
 */
public final class Attentions {
    /** Queries and keys of a tile, the widest head that fits. */
    public static final int ROWS = 16, WIDTH = 128;
    private static final int PITCH = WIDTH + 1, NONE = -1;
    private static final float LEAST = -3.0e38f;

    private Attentions() {}

    private static float rpMask(FloatArray a, FloatArray w, IntArray d, int batch, int head, int query, int key) {
        float v = 0f;
        if (d.get(22) >= 0) {
            int at = d.get(22) + batch * d.get(24) + head * d.get(25) + query * d.get(26) + key * d.get(27);
            if (d.get(23) == 1) v = w.get(at);
            else v = a.get(at);
        }
        if (d.get(29) != NONE && key >= query + d.get(29)) v = LEAST;
        if (v < LEAST) v = LEAST;
        return v;
    }

    /** The portable tier: a thread for each output, which walks along the keys and computes every score for itself. */
    public static void rpAttention(FloatArray a, FloatArray w, IntArray d) {
        for (@Parallel
        int i = 0; i < d.get(30) * d.get(0) * d.get(3); i++) {
            if (i == 0) Receipts.rpSign(a, d);
            int column = i % d.get(3), rest = i / d.get(3), query = rest % d.get(0), both = rest / d.get(0), batch = both / d.get(4),
                    head = both % d.get(4), shared = head / d.get(21);
            int q = d.get(5) + batch * d.get(9) + head * d.get(10) + query * d.get(11);
            int k = d.get(6) + batch * d.get(12) + shared * d.get(13), v = d.get(7) + batch * d.get(15) + shared * d.get(16) + column;
            float most = LEAST, sum = 0f, out = 0f, scale = w.get(d.get(28));
            for (int key = 0; key < d.get(1); key++) {
                float s = 0f;
                for (int x = 0; x < d.get(2); x++)
                    s = s + a.get(q + x) * a.get(k + key * d.get(14) + x);
                s = s * scale + rpMask(a, w, d, batch, head, query, key);
                float m = s > most ? s : most, shrink = TornadoMath.exp(most - m), p = TornadoMath.exp(s - m);
                sum = sum * shrink + p;
                out = out * shrink + p * a.get(v + key * d.get(17));
                most = m;
            }
            a.set(d.get(8) + batch * d.get(18) + head * d.get(19) + query * d.get(20) + column, out / sum);
        }
    }

    /**
     * The local-memory tier, heads up to 128 wide: a work-group of 16 x 16 has 16 queries and walks along the keys 16 at a time. Thread
     * (x, y) makes the score of query y and key x, then columns x, x + 16, … of query y's output.
     */
    public static void rpAttentionTile(KernelContext c, FloatArray a, FloatArray w, IntArray d) {
        float[] qt = c.allocateFloatLocalArray(ROWS * PITCH);
        float[] kt = c.allocateFloatLocalArray(ROWS * PITCH);
        float[] vt = c.allocateFloatLocalArray(ROWS * WIDTH);
        float[] st = c.allocateFloatLocalArray(ROWS * ROWS);
        if (c.localIdx == 0 && c.localIdy == 0 && c.groupIdx == 0 && c.groupIdy == 0 && c.groupIdz == 0) Receipts.rpSign(a, d);
        int tx = c.localIdx, ty = c.localIdy, both = c.groupIdz, batch = both / d.get(4), head = both - batch * d.get(4);
        int shared = head / d.get(21), query = c.groupIdx * ROWS + ty, lq = d.get(0), lk = d.get(1), width = d.get(2), values = d.get(3);
        int k = d.get(6) + batch * d.get(12) + shared * d.get(13), v = d.get(7) + batch * d.get(15) + shared * d.get(16);
        for (int x = tx; x < width; x += ROWS) {
            float u = 0f;
            if (query < lq) u = a.get(d.get(5) + batch * d.get(9) + head * d.get(10) + query * d.get(11) + x);
            qt[ty * PITCH + x] = u;
        }
        float most = LEAST, sum = 0f, scale = w.get(d.get(28));
        float o0 = 0f, o1 = 0f, o2 = 0f, o3 = 0f, o4 = 0f, o5 = 0f, o6 = 0f, o7 = 0f;
        for (int k0 = 0; k0 < lk; k0 += ROWS) {
            int key = k0 + ty;
            for (int x = tx; x < width; x += ROWS) {
                float u = 0f;
                if (key < lk) u = a.get(k + key * d.get(14) + x);
                kt[ty * PITCH + x] = u;
            }
            for (int x = tx; x < WIDTH; x += ROWS) {
                float u = 0f;
                if (key < lk && x < values) u = a.get(v + key * d.get(17) + x);
                vt[ty * WIDTH + x] = u;
            }
            c.localBarrier();
            float s = 0f;
            for (int x = 0; x < width; x++)
                s = s + qt[ty * PITCH + x] * kt[tx * PITCH + x];
            s = s * scale;
            if (k0 + tx < lk) s = s + rpMask(a, w, d, batch, head, query, k0 + tx);
            st[ty * ROWS + tx] = s;
            c.localBarrier();
            int here = lk - k0;
            if (here > ROWS) here = ROWS;
            float m = most;
            for (int j = 0; j < here; j++) {
                float u = st[ty * ROWS + j];
                if (u > m) m = u;
            }
            float shrink = TornadoMath.exp(most - m);
            sum = sum * shrink;
            o0 = o0 * shrink;
            o1 = o1 * shrink;
            o2 = o2 * shrink;
            o3 = o3 * shrink;
            o4 = o4 * shrink;
            o5 = o5 * shrink;
            o6 = o6 * shrink;
            o7 = o7 * shrink;
            for (int j = 0; j < here; j++) {
                float p = TornadoMath.exp(st[ty * ROWS + j] - m);
                int at = j * WIDTH + tx;
                sum = sum + p;
                o0 = o0 + p * vt[at];
                o1 = o1 + p * vt[at + 16];
                o2 = o2 + p * vt[at + 32];
                o3 = o3 + p * vt[at + 48];
                o4 = o4 + p * vt[at + 64];
                o5 = o5 + p * vt[at + 80];
                o6 = o6 + p * vt[at + 96];
                o7 = o7 + p * vt[at + 112];
            }
            most = m;
            c.localBarrier();
        }
        int y = d.get(8) + batch * d.get(18) + head * d.get(19) + query * d.get(20);
        if (query < lq) {
            for (int j = 0; j < 8; j++) {
                float o = j == 0 ? o0 : j == 1 ? o1 : j == 2 ? o2 : j == 3 ? o3 : j == 4 ? o4 : j == 5 ? o5 : j == 6 ? o6 : o7;
                if (tx + 16 * j < values) a.set(y + tx + 16 * j, o / sum);
            }
        }
    }
}
