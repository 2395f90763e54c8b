package dev.reprise.engine.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reprise.engine.SingleNode;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention and RotaryEmbedding of sets 23 and 24 against their definition in doubles. */
class AttentionsTest {
    private static final long SEED = 99;
    private final Random random = new Random(SEED);
    private final Arena arena = Arena.ofAuto();

    private Tensor normal(DType t, long... dims) {
        Tensor x = Tensor.allocate(arena, t, Shape.of(dims));
        for (long i = 0; i < x.size(); i++)
            x.setDouble(i, random.nextGaussian());
        return x;
    }

    /** past, causal, mask (0 none, 1 bool, 2 float for fewer keys), used keys given, type, softcap */
    @ParameterizedTest
    @CsvSource({"0, false, 0, false, FLOAT32, 0", "3, true, 0, false, FLOAT32, 0", "2, false, 1, false, FLOAT32, 2",
        "2, true, 2, false, FLOAT32, 0",
        "0, false, 1, true, FLOAT32, 0", "0, true, 0, true, FLOAT32, 0", "3, true, 2, false, FLOAT64, 1.5",
        "0, false, 2, false, FLOAT16, 0"})
    void attention(int past, boolean causal, int mask, boolean used, DType type, float cap) {
        int b = 2, h = 4, hk = 2, lq = 3, lk = 5, d = 4, dv = 6, n = past + lk;
        Tensor q = normal(type, b, h, lq, d), k = normal(type, b, hk, lk, d), v = normal(type, b, hk, lk, dv);
        Tensor pk = past == 0 ? null : normal(type, b, hk, past, d), pv = past == 0 ? null : normal(type, b, hk, past, dv);
        Tensor m = mask == 0 ? null : mask == 1 ? Tensor.allocate(arena, DType.BOOL, Shape.of(lq, n)) : normal(type, b, 1, lq, n - 1);
        if (mask == 1)
            for (int i = 0; i < m.size(); i++)
                m.setLong(i, i % n == 0 ? 1 : random.nextInt(2));
        Tensor counts = used ? Tensor.of(arena, Shape.of(b), new long[]{4, 5}) : null;
        Attributes a = Attributes.of("is_causal", causal ? 1 : 0, "softcap", cap);
        List<Datum> out = SingleNode.run(arena, "Attention", 24, a, past == 0 ? 1 : 3, q, k, v, m, pk, pv, counts);
        Tensor y = (Tensor) out.getFirst();
        assertThat(y.shape()).isEqualTo(Shape.of(b, h, lq, dv));
        double tolerance = type == DType.FLOAT16 ? 2e-3 : type == DType.FLOAT64 ? 1e-12 : 2e-6;
        for (int i = 0; i < y.size(); i++) {
            int e = i % dv, row = i / dv % lq, head = i / dv / lq % h, batch = i / dv / lq / h;
            double sum = 0, value = 0;
            for (int j = 0; j < n; j++) {
                if (causal && j > row + (used ? counts.getLong(batch) - lq : past) || used && j >= counts.getLong(batch)) continue;
                if (mask == 1 && m.getLong((long) row * n + j) == 0 || mask == 2 && j == n - 1) continue;
                double s = 0;
                for (int c = 0; c < d; c++)
                    s += q.getDouble(((long) (batch * h + head) * lq + row) * d + c) * at(pk, k, past, lk, d, batch * hk + head / 2, j, c);
                s /= Math.sqrt(d);
                if (cap != 0) s = cap * Math.tanh(s / cap);
                if (mask == 2) s += m.getDouble(((long) batch * lq + row) * (n - 1) + j);
                sum += Math.exp(s);
                value += Math.exp(s) * at(pv, v, past, lk, dv, batch * hk + head / 2, j, e);
            }
            assertThat(y.getDouble(i)).as("element %d, seed %d", i, SEED).isCloseTo(value / sum, within(tolerance));
        }
        if (past > 0) {
            Tensor key = (Tensor) out.get(1);
            assertThat(key.shape()).isEqualTo(Shape.of(b, hk, n, d));
            for (int i = 0; i < key.size(); i++)
                assertThat(key.getDouble(i)).isEqualTo(at(pk, k, past, lk, d, i / d / n, i / d % n, i % d));
        }
    }

    /** Element (row, c) of a head's past followed by its present. */
    private static double at(Tensor past, Tensor x, int n, int l, int width, int head, int row, int c) {
        return row < n ? past.getDouble(((long) head * n + row) * width + c) : x.getDouble(((long) head * l + row - n) * width + c);
    }

    @Test
    void threeDimensionsAreHeadsSideBySide() {
        int b = 2, h = 3, l = 4, d = 5;
        Tensor q = normal(DType.FLOAT32, b, h, l, d), k = normal(DType.FLOAT32, b, h, l, d), v = normal(DType.FLOAT32, b, h, l, d);
        Tensor y = SingleNode.run(arena, "Attention", 23, Attributes.NONE, q, k, v);
        Attributes heads = Attributes.of("q_num_heads", h, "kv_num_heads", h);
        Tensor flat = SingleNode.run(arena, "Attention", 23, heads, flat(q), flat(k), flat(v));
        assertThat(flat.shape()).isEqualTo(Shape.of(b, l, h * d));
        assertThat(flat.toFloats()).isEqualTo(flat(y).toFloats());
    }

    private Tensor flat(Tensor x) {
        long b = x.shape().dim(0), h = x.shape().dim(1), l = x.shape().dim(2), d = x.shape().dim(3);
        Tensor y = Tensor.allocate(arena, x.dtype(), Shape.of(b, l, h * d));
        for (long i = 0; i < x.size(); i++)
            y.setDouble(((i / d / l / h * l + i / d % l) * h + i / d / l % h) * d + i % d, x.getDouble(i));
        return y;
    }

    @Test
    void scoresAreGivenAtTheStageAskedFor() {
        Tensor q = Cases.floats(Cases.shape(1, 1, 1, 1), 2), k = Cases.floats(Cases.shape(1, 1, 2, 1), 1, 3),
                m = Cases.floats(Cases.shape(1, 2), 0, -4);
        double[][] want = {{2, 6}, {2, 2}, {2, 2}, {0.5, 0.5}};
        for (int mode = 0; mode < 4; mode++) {
            List<Datum> out = SingleNode.run(arena, "Attention", 23, Attributes.of("qk_matmul_output_mode", mode), 4, q, k, k, m);
            assertThat(((Tensor) out.get(3)).toDoubles()).as("mode %d", mode).isEqualTo(want[mode]);
        }
        OperatorException refused = org.junit.jupiter.api.Assertions.assertThrows(OperatorException.class,
                () -> SingleNode.run(arena, "Attention", 23, Attributes.of("qk_matmul_output_mode", 1, "softcap", 1f), 4, q, k, k));
        assertThat(refused.unsupported()).isTrue();
        assertThat(refused).hasMessageContaining("qk_matmul_output_mode 1");
    }

    @Test
    void rotaryTurnsPairs() {
        Tensor x = Cases.floats(Cases.shape(1, 1, 2, 6), 1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6);
        Tensor cos = Cases.floats(Cases.shape(2, 2), 1, 0, 0.5f, -1), sin = Cases.floats(Cases.shape(2, 2), 0, 1, 0.25f, 0);
        Attributes halves = Attributes.of("rotary_embedding_dim", 4), pairs = halves.with("interleaved", 1);
        Cases.check("RotaryEmbedding", 23, halves, Cases.shape(1, 1, 2, 6), Cases.values(1, -4, 3, 2, 5, 6, -0.25, -2, 1.75, -4, 5, 6), x,
                cos, sin,
                Tensor.of(arena, Shape.of(1, 2), 0L, 1L));
        Cases.check("RotaryEmbedding", 23, pairs, Cases.shape(1, 1, 2, 6), Cases.values(1, 2, -4, 3, 5, 6, 0, 1.25, -3, -4, 5, 6), x,
                cos.reshape(Shape.of(1, 2, 2)), sin.reshape(Shape.of(1, 2, 2)));
    }
}
