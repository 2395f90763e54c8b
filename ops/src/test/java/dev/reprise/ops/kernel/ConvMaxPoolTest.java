package dev.reprise.ops.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A first layer and its pooling in one, against the scalar reference of the first and a plain maximum. */
class ConvMaxPoolTest {
    /** batch, channels in and out, height, width, padding of the convolution before and behind. */
    private static final int[][] LAYERS = {{1, 3, 64, 30, 29, 3, 3}, {2, 3, 80, 21, 61, 2, 4}, {1, 4, 160, 11, 13, 3, 3},
        {3, 2, 32, 16, 19, 3, 3},
        {1, 1, 48, 9, 9, 0, 0}};

    /** Windows along each side: size, stride, padding before and behind. */
    @ParameterizedTest
    @CsvSource({"3,2,1,1", "2,2,0,0", "3,1,1,1", "3,3,2,1", "2,1,1,0", "3,4,0,2", "2,3,0,1", "3,2,0,1"})
    void equalsTheTwoBitForBit(int size, int stride, int begin, int end) {
        long seed = System.nanoTime();
        Random r = new Random(seed);
        for (int[] c : LAYERS)
            for (int threads : new int[]{1, 2, 3, 8})
                check(layer(c), size, stride, begin, end, threads, r, "seed " + seed);
    }

    private static void check(ConvShape s, int size, int stride, int begin, int end, int threads, Random r, String seed) {
        // Windows of three along the height and of the given size along the width, and the other way round.
        for (boolean turned : new boolean[]{false, true}) {
            PoolWindow.Axis one = axis(s.out()[turned ? 2 : 1], 3, 2, 1, 1),
                    other = axis(s.out()[turned ? 1 : 2], size, stride, begin, end);
            PoolWindow.Axis down = turned ? other : one, across = turned ? one : other;
            float[] x = Floats.withZeros(r, (long) s.batch() * s.c() * s.inPixels(), 0.1, false),
                    w = Floats.random(r, (long) s.m() * s.k());
            float[] bias = r.nextBoolean() ? Floats.random(r, s.m()) : null;
            if (r.nextBoolean()) x[r.nextInt(x.length)] = r.nextBoolean() ? Float.NaN : Float.intBitsToFloat(-1);
            try (Arena arena = Arena.ofShared()) {
                Tensor wt = Tensor.of(arena, Shape.of(s.m(), s.c(), 7, 7), w);
                ConvMaxPool k = new ConvMaxPool(s, Conv.pack(arena, wt, s, ConvAlgorithm.WINOGRAD3_PHASES), down, across);
                assertThat(ConvMaxPool.applies(s, ConvAlgorithm.WINOGRAD3_PHASES, down, across)).as("%s, %s %s", seed, down, across)
                        .isTrue();
                Tensor[] in = {Tensor.of(arena, Shape.of(x.length), Floats.channelsLast(x, s.batch(), s.c(), s.inPixels())), wt,
                    Floats.tensor(arena, Shape.of(s.m()), bias)};
                float[] expected = maxima(WinogradReference.runPhases(s, x, w, Epilogue.of(Activation.RELU), bias, null), s.batch() * s.m(),
                        down,
                        across);
                int pixels = down.out() * across.out();
                float[] found = Floats.run(arena, k, Shape.of(s.batch(), pixels, s.m()), threads, in);
                Floats.assertSameBits(seed + ", " + threads + " threads, " + s + " " + down + " " + across, found,
                        Floats.channelsLast(expected, s.batch(), s.m(), pixels));
            }
        }
    }

    private static float[] maxima(float[] planes, int count, PoolWindow.Axis down, PoolWindow.Axis across) {
        float[] y = new float[count * down.out() * across.out()];
        for (int i = 0; i < y.length; i++) {
            int h0 = i / across.out() % down.out() * down.stride() - down.begin(), w0 = i % across.out() * across.stride() - across.begin();
            y[i] = Float.NEGATIVE_INFINITY;
            for (int h = Math.max(h0, 0); h < Math.min(h0 + down.kernel(), down.in()); h++)
                for (int w = Math.max(w0, 0); w < Math.min(w0 + across.kernel(), across.in()); w++)
                    y[i] = Math.max(y[i], planes[(i / across.out() / down.out() * down.in() + h) * across.in() + w]);
        }
        return y;
    }

    @Test
    void leavesOtherPoolingsAlone() {
        ConvShape s = layer(LAYERS[0]);
        PoolWindow.Axis good = axis(15, 3, 2, 1, 1);
        PoolWindow.Axis[] others = {axis(15, 4, 2, 1, 1), axis(15, 1, 1, 0, 0), new PoolWindow.Axis(15, 6, 3, 2, 2, 0, 0),
            // A window before the first pixel, one behind the last, and no window at all.
            axis(15, 3, 2, 3, 1), new PoolWindow.Axis(15, 9, 2, 2, 1, 0, 3), new PoolWindow.Axis(15, 0, 3, 2, 1, 0, 0)};
        assertThat(ConvMaxPool.applies(s, ConvAlgorithm.WINOGRAD3_PHASES, good, good)).isTrue();
        assertThat(ConvMaxPool.applies(s, ConvAlgorithm.DIRECT, good, good)).isFalse();
        for (PoolWindow.Axis a : others) {
            assertThat(ConvMaxPool.applies(s, ConvAlgorithm.WINOGRAD3_PHASES, good, a)).as("%s", a).isFalse();
            assertThat(ConvMaxPool.applies(s, ConvAlgorithm.WINOGRAD3_PHASES, a, good)).as("%s", a).isFalse();
        }
    }

    private static ConvShape layer(int[] c) {
        int h = (c[3] + c[5] + c[6] - 7) / 2 + 1, w = (c[4] + c[5] + c[6] - 7) / 2 + 1;
        return ConvShape.of(c[0], 1, c[1], c[2], new int[]{c[3], c[4]}, new int[]{7, 7}, new int[]{2, 2}, new int[]{1, 1},
                new int[]{c[5], c[5]},
                new int[]{h, w});
    }

    private static PoolWindow.Axis axis(int in, int size, int stride, int begin, int end) {
        return new PoolWindow.Axis(in, (in + begin + end - size) / stride + 1, size, stride, 1, begin, end);
    }
}
