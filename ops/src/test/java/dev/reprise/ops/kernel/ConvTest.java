package dev.reprise.ops.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConvTest {
    /** batch, group, c, m, in, kernel, stride, dilation, padBegin, padEnd, as many spatial dimensions as the arrays are long. */
    private record Case(int batch, int group, int c, int m, int[] in, int[] kernel, int[] stride, int[] dilation, int[] pad, int[] padEnd) {
        ConvShape shape() {
            int[] out = new int[in.length];
            for (int i = 0; i < out.length; i++)
                out[i] = (in[i] + pad[i] + padEnd[i] - dilation[i] * (kernel[i] - 1) - 1) / stride[i] + 1;
            return ConvShape.of(batch, group, c, m, in, kernel, stride, dilation, pad, out);
        }
    }

    private static int[] i(int... v) { return v; }

    private static final Case[] CASES = { //
        new Case(2, 1, 3, 5, i(7), i(3), i(1), i(1), i(1), i(1)),
        new Case(1, 1, 3, 70, i(9, 8), i(3, 3), i(1, 1), i(1, 1), i(1, 1), i(1, 1)),
        new Case(3, 1, 17, 33, i(6, 5), i(3, 3), i(2, 2), i(1, 1), i(1, 0), i(0, 1)),
        new Case(2, 1, 20, 64, i(5, 4), i(1, 1), i(1, 1), i(1, 1), i(0, 0), i(0, 0)),
        new Case(1, 1, 8, 12, i(6, 6), i(1, 1), i(2, 2), i(1, 1), i(0, 0), i(0, 0)),
        new Case(1, 4, 8, 12, i(6, 7), i(3, 2), i(1, 1), i(1, 1), i(2, 1), i(1, 2)),
        new Case(2, 3, 6, 9, i(4, 4), i(1, 1), i(1, 1), i(1, 1), i(0, 0), i(0, 0)),
        new Case(2, 18, 18, 18, i(7, 5), i(3, 3), i(1, 2), i(1, 1), i(1, 1), i(1, 1)),
        new Case(2, 85, 85, 85, i(6, 7), i(3, 3), i(1, 1), i(1, 2), i(1, 2), i(1, 2)),
        new Case(1, 4, 4, 8, i(7, 5), i(3, 3), i(1, 1), i(1, 1), i(1, 1), i(1, 1)),
        new Case(1, 1, 6, 10, i(11, 12), i(3, 3), i(1, 1), i(2, 3), i(2, 3), i(2, 3)),
        new Case(1, 1, 5, 6, i(4, 5, 6), i(2, 3, 3), i(1, 2, 1), i(1, 1, 2), i(1, 1, 1), i(0, 1, 2)),
        new Case(1, 1, 70, 16, i(5, 5), i(3, 3), i(1, 1), i(1, 1), i(1, 1), i(1, 1)),
        new Case(1, 1, 2, 2, i(2, 2), i(5, 5), i(1, 1), i(1, 1), i(4, 4), i(4, 4)),
        new Case(1, 1, 4, 6, i(20, 20), i(4, 4), i(4, 4), i(1, 1), i(0, 0), i(0, 0)),
        new Case(1, 1, 4, 6, i(8, 8), i(3, 3), i(1, 1), i(1, 1), i(-1, -1), i(0, -2))};

    @Test
    void equalsTheReferenceBitForBitInBothLayouts() {
        long seed = System.nanoTime();
        Random r = new Random(seed);
        for (Case c : CASES)
            for (int variant = 0; variant < 4; variant++)
                check(r, c.shape(), true, (variant & 1) != 0, (variant & 2) != 0, 1 + r.nextInt(3), seed);
    }

    private static final int[][] WINOGRAD = {{1, 32, 32, 8, 8, 1}, {2, 32, 48, 16, 17, 1}, {1, 48, 80, 9, 11, 0}, {3, 32, 32, 15, 14, 2},
        {1, 64, 32, 24, 25, 1},
        {1, 160, 64, 9, 8, 1}, {1, 576, 32, 16, 16, 1}};

    @Test
    void winogradEqualsItsReferenceBitForBitInBothLayouts() {
        long seed = System.nanoTime();
        Random r = new Random(seed);
        for (int[] c : WINOGRAD) {
            ConvShape s = new Case(c[0], 1, c[1], c[2], i(c[3], c[4]), i(3, 3), i(1, 1), i(1, 1), i(c[5], c[5]), i(c[5], c[5])).shape();
            assertThat(ConvAlgorithm.of(s, false).winograd()).isTrue();
            for (int variant = 0; variant < 4; variant++)
                check(r, s, false, (variant & 1) != 0, (variant & 2) != 0, 1 + r.nextInt(3), seed);
        }
    }

    @Test
    void winogradComesCloseToTheDirectSum() {
        Random r = new Random(7);
        for (int size : i(4, 8, 24)) {
            ConvShape s = new Case(1, 1, 64, 32, i(size, size), i(3, 3), i(1, 1), i(1, 1), i(1, 1), i(1, 1)).shape();
            ConvAlgorithm a = ConvAlgorithm.of(s, false);
            assertThat(a).isEqualTo(size == 4 ? ConvAlgorithm.WINOGRAD2 : ConvAlgorithm.WINOGRAD4);
            float[] x = Floats.random(r, (long) s.c() * s.inPixels()), w = Floats.random(r, (long) s.m() * s.k());
            float[] y = WinogradReference.run(s, a, x, w, Epilogue.NONE, null, null),
                    direct = ConvReference.run(s, x, w, Epilogue.NONE, null, null);
            double difference = 0, norm = 0;
            for (int i = 0; i < y.length; i++) {
                difference += Math.pow((double) y[i] - direct[i], 2);
                norm += Math.pow(direct[i], 2);
            }
            // Both err: the direct sum by 3e-7 to 8e-7, F(4 x 4) by 0.6e-6 to 1.7e-6.
            assertThat(Math.sqrt(difference / norm)).isLessThan(2.5e-6);
        }
    }

    private static void check(Random r, ConvShape s, boolean exact, boolean channelsLast, boolean constant, int threads, long seed) {
        Activation act = Activation.values()[r.nextInt(Activation.values().length)];
        Epilogue e = new Epilogue(1, act, r.nextBoolean() ? 1 : 0.7f);
        Shape xs = Shape.of(s.batch(), s.c(), s.inPixels()), ys = Shape.of(s.batch(), s.m(), s.outPixels());
        float[] x = Floats.random(r, xs.size()), w = Floats.random(r, (long) s.m() * s.k()),
                bias = r.nextBoolean() ? Floats.random(r, s.m()) : null,
                residual = r.nextBoolean() ? Floats.random(r, ys.size()) : null;
        try (Arena arena = Arena.ofShared()) {
            Tensor wt = Tensor.of(arena, Shape.of(s.m(), s.groupC(), s.taps()), w);
            ConvAlgorithm a = ConvAlgorithm.of(s, exact);
            Conv conv = new Conv(s, a, constant ? Conv.pack(arena, wt, s, a) : null, e, channelsLast);
            float[] y = Floats.run(arena, conv, ys, threads,
                    Tensor.of(arena, xs, channelsLast ? Floats.channelsLast(x, s.batch(), s.c(), s.inPixels()) : x), wt,
                    Floats.tensor(arena, Shape.of(s.m()), bias),
                    Floats.tensor(arena, ys,
                            residual != null && channelsLast ? Floats.channelsLast(residual, s.batch(), s.m(), s.outPixels()) : residual));
            float[] expected = a.winograd()
                    ? WinogradReference.run(s, a, x, w, e, bias, residual)
                    : ConvReference.run(s, x, w, e, bias, residual);
            Floats.assertSameBits("seed " + seed + " " + conv, y,
                    channelsLast ? Floats.channelsLast(expected, s.batch(), s.m(), s.outPixels()) : expected);
        }
    }
}
