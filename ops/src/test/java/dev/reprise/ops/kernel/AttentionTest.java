package dev.reprise.ops.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.ops.math.FloatMath;
import dev.reprise.ops.tensor.Tensor;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention against the plainest code of the same order, bit for bit, and against doubles. */
class AttentionTest {
    private static final long SEED = 31337;

    /** Everything a case has: tensors in (B, L, H, D) order, as projections leave them. */
    private record Case(Attention a, Tensor q, Tensor k, Tensor v, Tensor mask) {
        float query(int b, int h, int l, int d) {
            return q.getFloat(((long) (b * a.sizes().queries() + l) * a.sizes().heads() + h) * a.sizes().width() + d);
        }

        float key(int b, int h, int l, int d) {
            return k.getFloat(((long) (b * a.sizes().keys() + l) * a.sizes().keyHeads() + h) * a.sizes().width() + d);
        }

        float value(int b, int h, int l, int d) {
            return v.getFloat(((long) (b * a.sizes().keys() + l) * a.sizes().keyHeads() + h) * a.sizes().values() + d);
        }

        float mask(int b, int h, int i, int j) {
            Attention.Strides m = a.mask();
            return mask.getFloat(b * m.batch() + h * m.head() + i * m.row() + j * m.column());
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1, 1, 1, 1, 1, 0, false, 0", "2, 2, 2, 5, 7, 4, 3, 0, false, 0", "1, 6, 6, 64, 64, 64, 64, 0, false, 0",
        "1, 2, 1, 50, 300, 40, 24, 1, false, 0",
        "2, 4, 2, 17, 33, 20, 36, 2, false, 0", "1, 2, 2, 100, 100, 16, 16, 0, true, 0", "1, 1, 1, 300, 531, 8, 72, 1, true, 0",
        "1, 2, 2, 31, 40, 16, 16, 3, false, 5",
        "1, 1, 1, 1, 700, 64, 64, 0, false, 0", "1, 2, 2, 257, 257, 64, 64, 0, false, 0", "1, 1, 1, 330, 320, 16, 8, 0, false, 0",
        "1, 1, 1, 330, 321, 17, 9, 1, true, 0"})
    void hasTheReferencesBits(int b, int h, int hk, int lq, int lk, int d, int dv, int mask, boolean causal, float cap) {
        Case c = make(b, h, hk, lq, lk, d, dv, mask, causal, cap);
        float[] want = new float[b * h * lq * dv];
        for (int i = 0; i < want.length / dv; i++)
            reference(c, i / h / lq, i % h, i / h % lq, want, i * dv);
        for (int threads = 1; threads <= 3; threads++) {
            Tensor y = KernelRun.empty(b, lq, h, dv);
            Tensor[] in = mask == 0 ? new Tensor[]{c.q, c.k, c.v} : new Tensor[]{c.q, c.k, c.v, c.mask};
            KernelRun.run(c.a, threads, in, y);
            KernelRun.assertSameBits(y, want, threads + " threads, seed " + SEED);
        }
        for (int i = 0; i < want.length / dv; i++)
            for (int j = 0; j < dv; j++)
                assertThat((double) want[i * dv + j]).as("output %d, %d", i, j).isCloseTo(exact(c, i / h / lq, i % h, i / h % lq, j),
                        org.assertj.core.data.Offset.offset(1e-5));
    }

    /** A query of NaNs makes its own outputs NaN; one key of NaNs, beside others that a mask hides, all of them. */
    @ParameterizedTest
    @CsvSource({"20", "300", "600"})
    void notANumberStaysWhereItIs(int keys) {
        Case c = make(1, 1, 1, 3, keys, 8, 8, 1, false, 0);
        for (int j = 0; j < keys; j++) {
            c.mask.setFloat(j, 0);
            c.mask.setFloat(keys + j, 0);
            // The last query: a NaN among hidden keys, in a tile of its own where there are several.
            c.mask.setFloat(2 * keys + j, j == keys - 1 ? Float.NaN : j < keys - 256 ? 0 : Float.NEGATIVE_INFINITY);
        }
        for (int d = 0; d < 8; d++)
            c.q.setFloat(8 + d, Float.NaN);
        Tensor y = KernelRun.empty(1, 3, 1, 8);
        KernelRun.run(c.a, 1, new Tensor[]{c.q, c.k, c.v, c.mask}, y);
        for (int d = 0; d < 8; d++) {
            assertThat(y.getFloat(d)).isFinite();
            assertThat(y.getFloat(8 + d)).isNaN();
            assertThat(y.getFloat(16 + d)).isNaN();
        }
    }

    private static Case make(int b, int h, int hk, int lq, int lk, int d, int dv, int mask, boolean causal, float cap) {
        Random r = new Random(SEED);
        Tensor q = KernelRun.normal(r, 0, 2, b, lq, h, d), k = KernelRun.normal(r, 0, 1, b, lk, hk, d),
                v = KernelRun.normal(r, 0, 1, b, lk, hk, dv);
        Tensor m = switch (mask) {
            case 1 -> KernelRun.normal(r, 0, 1, lq, lk);
            case 2 -> KernelRun.normal(r, 0, 1, b, h, lq, lk);
            default -> KernelRun.normal(r, 0, 1, b, 1, 1, lk);
        };
        if (mask == 1)
            for (int i = 0; i < m.size(); i += 3)
                m.setFloat(i, Float.NEGATIVE_INFINITY);
        Attention.Strides strides = switch (mask) {
            case 0 -> null;
            case 1 -> new Attention.Strides(0, 0, lk, 1);
            case 2 -> new Attention.Strides((long) h * lq * lk, (long) lq * lk, lk, 1);
            default -> new Attention.Strides(lk, 0, 0, 1);
        };
        Attention a = new Attention(new Attention.Sizes(b, h, hk, lq, lk, d, dv), rows(lq, h, d), rows(lk, hk, d), rows(lk, hk, dv),
                rows(lq, h, dv), strides,
                (float) (1 / Math.sqrt(d)), cap, causal ? lk - lq + 1 : -1);
        return new Case(a, q, k, v, m);
    }

    private static Attention.Strides rows(long l, long h, long d) { return new Attention.Strides(l * h * d, d, h * d, 1); }

    private static int visible(Case c, int i) {
        return c.a.causal() < 0 ? c.a.sizes().keys() : Math.clamp(i + c.a.causal(), 0, c.a.sizes().keys());
    }

    private static float score(Case c, int b, int h, int i, int j) {
        float s = 0;
        for (int d = 0; d < c.a.sizes().width(); d++)
            s = Math.fma(c.query(b, h, i, d) * c.a.scale(), c.key(b, h * c.a.sizes().keyHeads() / c.a.sizes().heads(), j, d), s);
        if (c.a.cap() != 0) s = FloatMath.tanh(s / c.a.cap()) * c.a.cap();
        return c.a.mask() == null ? s : s + c.mask(b, h, i, j);
    }

    private static void reference(Case c, int b, int h, int i, float[] want, int at) {
        int n = visible(c, i), dv = c.a.sizes().values();
        float[] lanes = new float[16], out = new float[dv];
        float max = Float.NEGATIVE_INFINITY;
        for (int from = 0, tile; from < n; from += tile) {
            tile = Attention.tile(from, c.a.sizes().keys());
            int keys = Math.min(tile, n - from);
            float[] s = new float[keys];
            float old = max;
            for (int j = 0; j < keys; j++)
                max = Math.max(max, s[j] = score(c, b, h, i, from + j));
            float factor = FloatMath.expNonPositive(old - max);
            for (int l = 0; l < 16; l++)
                lanes[l] *= factor;
            for (int d = 0; d < dv; d++)
                out[d] *= factor;
            for (int j = 0; j < keys; j++) {
                float w = FloatMath.expNonPositive(s[j] - max);
                lanes[j % 16] += w;
                for (int d = 0; d < dv; d++)
                    out[d] = Math.fma(w, c.value(b, h * c.a.sizes().keyHeads() / c.a.sizes().heads(), from + j, d), out[d]);
            }
        }
        for (int w = 8; w > 0; w /= 2)
            for (int l = 0; l < w; l++)
                lanes[l] += lanes[l + w];
        for (int d = 0; d < dv; d++)
            want[at + d] = out[d] * (1f / lanes[0]);
    }

    private static double exact(Case c, int b, int h, int i, int d) {
        double max = Double.NEGATIVE_INFINITY, sum = 0, out = 0;
        for (int j = 0; j < visible(c, i); j++)
            max = Math.max(max, score(c, b, h, i, j));
        for (int j = 0; j < visible(c, i); j++) {
            double w = Math.exp(score(c, b, h, i, j) - max);
            sum += w;
            out += w * c.value(b, h * c.a.sizes().keyHeads() / c.a.sizes().heads(), j, d);
        }
        return out / sum;
    }
}
