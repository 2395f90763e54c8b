package dev.reprise.ops.kernel;

import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GemmTest {
    private static final int[][] SIZES = {{1, 1, 1}, {1, 64, 7}, {1, 130, 33}, {2, 3, 5}, {3, 17, 1}, {4, 64, 64}, {5, 65, 31},
        {6, 128, 16}, {7, 192, 70}, {7, 48, 9},
        {8, 33, 513}, {11, 15, 1030}, {13, 100, 40}, {97, 79, 20}, {193, 16, 3}, {200, 70, 12}, {3, 0, 4}, {3, 4, 0},
        // Several whole panels a thread, which read the next one on the way; with one block of rows of B, and with two.
        {34, 650, 70}, {45, 645, 600}};

    @Test
    void equalsTheReferenceBitForBit() {
        long seed = System.nanoTime();
        Random r = new Random(seed);
        for (int[] s : SIZES)
            for (int variant = 0; variant < 8; variant++)
                check(r, s[0], s[1], s[2], (variant & 1) != 0, (variant & 2) != 0, (variant & 4) != 0, 1 + r.nextInt(3), seed);
    }

    private static void check(Random r, int m, int n, int k, boolean transA, boolean transB, boolean constant, int threads, long seed) {
        Activation act = Activation.values()[r.nextInt(Activation.values().length)];
        Epilogue e = new Epilogue(r.nextBoolean() ? 1 : 0.3f, act, r.nextBoolean() ? 1 : 0.7f);
        float[] a = Floats.random(r, (long) m * k), b = Floats.random(r, (long) k * n), bias = r.nextBoolean() ? Floats.random(r, n) : null,
                residual = r.nextBoolean() ? Floats.random(r, (long) m * n) : null;
        try (Arena arena = Arena.ofShared()) {
            Tensor at = Tensor.of(arena, Shape.of(m, k), transA ? GemmReference.transpose(m, k, a) : a);
            Tensor bt = Tensor.of(arena, Shape.of(k, n), transB ? GemmReference.transpose(k, n, b) : b);
            Tensor packed = constant ? PackedB.pack(arena, bt, 1, k, n, transB ? 1 : n, transB ? k : 1) : null;
            Gemm g = new Gemm(m, n, k, transA, transB, new long[1], new int[1], 1, packed, e, bias == null ? -1 : 2,
                    residual == null ? -1 : 3);
            Tensor[] in = {at, bt, Floats.tensor(arena, Shape.of(n), bias), Floats.tensor(arena, Shape.of(m, n), residual)};
            float[] expected = GemmReference.run(m, n, k, a, b, e, bias, residual);
            Floats.assertSameBits("seed " + seed + " " + g, Floats.run(arena, g, Shape.of(m, n), threads, in), expected);
            if (g.inPlace() >= 0)
                Floats.assertSameBits("seed " + seed + " in place " + g, Floats.run(arena, g, in[g.inPlace()], threads, in), expected);
        }
    }

    @Test
    void batchesTakeTheirOwnMatrices() {
        Random r = new Random(1);
        int m = 5, n = 20, k = 9;
        float[] a = Floats.random(r, 2L * m * k), b = Floats.random(r, 3L * k * n);
        try (Arena arena = Arena.ofShared()) {
            Gemm g = new Gemm(m, n, k, false, false, new long[]{m * k, 0, m * k}, new int[]{2, 1, 0}, 3, null, Epilogue.NONE, -1, -1);
            float[] y = Floats.run(arena, g, Shape.of(3, m, n), 2, Tensor.of(arena, Shape.of(2, m, k), a),
                    Tensor.of(arena, Shape.of(3, k, n), b));
            for (int i = 0; i < 3; i++) {
                float[] ai = java.util.Arrays.copyOfRange(a, i == 1 ? 0 : m * k, i == 1 ? m * k : 2 * m * k);
                float[] bi = java.util.Arrays.copyOfRange(b, (2 - i) * k * n, (3 - i) * k * n);
                Floats.assertSameBits("product " + i, java.util.Arrays.copyOfRange(y, i * m * n, (i + 1) * m * n),
                        GemmReference.run(m, n, k, ai, bi, Epilogue.NONE, null, null));
            }
        }
    }
}
