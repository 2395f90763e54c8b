package dev.reprise.ops.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        new Case(1, 1, 4, 6, i(8, 8), i(3, 3), i(1, 1), i(1, 1), i(-1, -1), i(0, -2)),
        new Case(2, 3, 9, 6, i(12, 9), i(3, 1), i(1, 1), i(1, 1), i(1, 0), i(1, 0)),
        new Case(2, 1, 3, 64, i(40, 38), i(7, 7), i(2, 2), i(1, 1), i(3, 3), i(3, 3)),
        new Case(1, 1, 3, 64, i(140, 131), i(7, 7), i(2, 2), i(1, 1), i(3, 3), i(3, 3)),
        new Case(1, 1, 4, 64, i(66, 67), i(3, 2), i(1, 1), i(1, 1), i(1, 0), i(0, 1)),
        new Case(1, 1, 9, 16, i(12, 13), i(3, 3), i(1, 1), i(1, 1), i(1, 1), i(1, 1)),
        new Case(1, 1, 13, 64, i(9, 10), i(2, 3), i(1, 1), i(1, 1), i(0, 1), i(1, 1))};

    @Test
    void equalsTheReferenceBitForBitInBothLayouts() {
        long seed = System.nanoTime();
        Random r = new Random(seed);
        for (Case c : CASES)
            for (int variant = 0; variant < 4; variant++)
                check(r, c.shape(), ConvAlgorithm.of(c.shape(), true), (variant & 1) != 0, (variant & 2) != 0, 1 + r.nextInt(3), seed);
    }

    /** batch, c, m, height, width, padding before and, where it differs, behind. */
    private static final int[][] WINOGRAD = {{1, 32, 32, 8, 8, 1}, {2, 32, 48, 16, 17, 1}, {1, 48, 80, 9, 11, 0}, {3, 32, 32, 15, 14, 2},
        {1, 64, 32, 24, 25, 1}, {1, 160, 64, 9, 8, 1}, {1, 576, 32, 16, 16, 1}, {3, 32, 32, 3, 3, 1}, {1, 32, 160, 9, 9, 1},
        {2, 80, 48, 8, 8, 0}, {1, 160, 192, 20, 21, 1}, {1, 32, 48, 12, 12, 0, 1}, {1, 48, 32, 1, 4, 1}};

    @Test
    void winogradEqualsItsReferenceBitForBitInBothLayouts() {
        long seed = System.nanoTime();
        Random r = new Random(seed);
        for (int[] c : WINOGRAD)
            for (ConvAlgorithm a : ConvAlgorithm.values())
                for (int variant = 0; variant < 4 && a.winograd(); variant++)
                    check(r, square(c, a.stride()), a, (variant & 1) != 0, (variant & 2) != 0, i(1, 2, 3, 8)[variant], seed);
    }

    /** batch, channels in and out, height, width, padding before and behind. */
    private static final int[][] PHASES = {{1, 3, 64, 30, 29, 3, 3}, {2, 3, 80, 21, 121, 2, 4}, {1, 4, 160, 9, 10, 3, 3},
        {3, 2, 32, 12, 11, 0, 0},
        {1, 1, 48, 7, 7, 0, 0}, {1, 3, 64, 9, 8, 6, 7}, {2, 3, 32, 24, 25, -1, -2}, {1, 4, 64, 8, 17, 1, 0}};

    @Test
    void phasesEqualTheirReferenceBitForBitInBothLayouts() {
        long seed = System.nanoTime();
        Random r = new Random(seed);
        for (int[] c : PHASES)
            for (int variant = 0; variant < 4; variant++)
                check(r, seven(c), ConvAlgorithm.WINOGRAD3_PHASES, (variant & 1) != 0, (variant & 2) != 0, i(1, 2, 3, 8)[variant], seed);
    }

    private static ConvShape seven(int[] c) {
        return new Case(c[0], 1, c[1], c[2], i(c[3], c[4]), i(7, 7), i(2, 2), i(1, 1), i(c[5], c[5]), i(c[6], c[6])).shape();
    }

    /** Side of the image, channels in and out. */
    @ParameterizedTest
    @CsvSource({"288,3,64,WINOGRAD3_PHASES", "224,3,64,WINOGRAD3_PHASES", "32,4,32,WINOGRAD3_PHASES", "288,1,64,DIRECT", "288,5,64,DIRECT",
        "288,3,24,DIRECT", "4,3,64,DIRECT"})
    void takesPhasesWhereThatIsWorthIt(int side, int c, int m, ConvAlgorithm form) {
        ConvShape s = seven(i(1, c, m, side, side, 3, 3));
        assertThat(ConvAlgorithm.of(s, false)).isEqualTo(form);
        assertThat(ConvAlgorithm.of(s, true)).isEqualTo(ConvAlgorithm.DIRECT);
    }

    /** Root mean squares as below: the direct sum of 147 products errs by 2.2e-7, phases by 1.83 times that. */
    @Test
    void phasesErrLittleMoreThanTheDirectSum() {
        Random r = new Random(7);
        ConvShape s = seven(i(1, 3, 32, 60, 60, 3, 3));
        float[] x = Floats.random(r, (long) s.c() * s.inPixels()), w = Floats.random(r, (long) s.m() * s.k());
        double[] exact = exact(s, x, w);
        double direct = error(ConvReference.run(s, x, w, Epilogue.NONE, null, null), exact),
                own = error(WinogradReference.runPhases(s, x, w, Epilogue.NONE, null, null), exact);
        assertThat(own).isLessThan(2.1 * direct);
    }

    private static ConvShape square(int[] c, int stride) {
        int before = c[5], behind = c[c.length - 1];
        return new Case(c[0], 1, c[1], c[2], i(c[3], c[4]), i(3, 3), i(stride, stride), i(1, 1), i(before, before), i(behind, behind))
                .shape();
    }

    /** channels in and out, height, width, kernel, stride, padding: more and fewer than 512 columns of the product, whole and broken words and panels. */
    private static final int[][] ZEROS = {{64, 64, 9, 9, 1, 1, 0}, {130, 128, 6, 7, 1, 1, 0}, {576, 192, 5, 5, 1, 1, 0},
        {1030, 64, 3, 3, 1, 1, 0},
        {64, 80, 5, 5, 1, 1, 0}, {96, 256, 8, 8, 1, 2, 0}, {16, 64, 9, 8, 3, 1, 1}, {70, 64, 7, 7, 3, 2, 1}};

    /** A part of the input that is zero lets {@link SparseTiles} leave steps out; infinities, NaN and products that underflow must not show it. */
    @ParameterizedTest
    @CsvSource({"0.2", "0.4", "0.7", "1"})
    void zerosAreLeftOutWithoutAnotherBit(double zeros) {
        long seed = System.nanoTime();
        Random r = new Random(seed);
        for (int[] c : ZEROS)
            for (int variant = 0; variant < 8; variant++) {
                ConvShape s = new Case(1 + r.nextInt(2), 1, c[0], c[1], i(c[2], c[3]), i(c[4], c[4]), i(c[5], c[5]), i(1, 1), i(c[6], c[6]),
                        i(c[6], c[6])).shape();
                float[] x = Floats.withZeros(r, (long) s.batch() * s.c() * s.inPixels(), zeros, (variant & 1) != 0),
                        w = Floats.random(r, (long) s.m() * s.k());
                if ((variant & 2) != 0) w[r.nextInt(w.length)] = r.nextBoolean() ? Float.NaN : Float.NEGATIVE_INFINITY;
                float[] bias = r.nextBoolean() ? Floats.random(r, s.m()) : null;
                if (bias != null && r.nextBoolean()) bias[r.nextInt(bias.length)] = -0f;
                Activation act = (variant & 4) != 0 ? Activation.RELU : Activation.values()[r.nextInt(Activation.values().length)];
                check(s, ConvAlgorithm.DIRECT, new Epilogue(1, act, r.nextBoolean() ? 1 : 0.7f), x, w, bias, residual(r, s), true,
                        r.nextBoolean(),
                        1 + r.nextInt(3), seed);
            }
    }

    /** The sign of a zero is all that leaving steps out could change; a sum is -0 where its last product that is not zero underflows. */
    @ParameterizedTest
    @CsvSource({"64", "128"})
    void theSignOfAZeroStays(int m) {
        ConvShape s = new Case(1, 1, 64, m, i(2, 2), i(1, 1), i(1, 1), i(1, 1), i(0, 0), i(0, 0)).shape();
        float[] x = new float[64 * 4], w = new float[m * 64];
        for (int k = 0; k < 4; k++)
            x[k] = -1e-30f;
        Arrays.fill(w, 1e-30f);
        for (float[] b : new float[][]{null, new float[m], negativeZeros(m)})
            for (Activation a : new Activation[]{Activation.NONE, Activation.RELU})
                for (float[] residual : new float[][]{null, new float[4 * m], negativeZeros(4 * m)})
                    check(s, ConvAlgorithm.DIRECT, Epilogue.of(a), x, w, b, residual, true, true, 1, 0);
    }

    private static float[] negativeZeros(int n) {
        float[] z = new float[n];
        Arrays.fill(z, -0f);
        return z;
    }

    private static float[] residual(Random r, ConvShape s) {
        return r.nextBoolean() ? Floats.random(r, (long) s.batch() * s.m() * s.outPixels()) : null;
    }

    /** Sizes of networks, and which form they are to take: side of the image, channels in and out, stride. */
    @ParameterizedTest
    @CsvSource({"32,128,128,1,WINOGRAD4", "16,256,256,1,WINOGRAD4", "8,256,256,1,WINOGRAD4", "4,256,256,1,WINOGRAD2",
        "72,64,64,1,WINOGRAD4",
        "36,128,128,1,WINOGRAD4", "18,256,256,1,WINOGRAD3", "9,512,512,1,WINOGRAD3", "12,256,256,1,WINOGRAD4", "7,512,512,1,WINOGRAD4",
        "2,512,512,1,DIRECT", "32,16,64,1,DIRECT", "72,128,128,2,WINOGRAD3_STRIDE2", "36,256,256,2,WINOGRAD3_STRIDE2",
        "18,512,512,2,WINOGRAD3_STRIDE2", "32,128,128,2,WINOGRAD2_STRIDE2", "16,256,256,2,WINOGRAD2_STRIDE2", "8,256,256,2,DIRECT",
        "72,128,128,3,DIRECT"})
    void choosesTheFormBySize(int side, int c, int m, int stride, ConvAlgorithm form) {
        ConvShape s = square(i(1, c, m, side, side, 1), stride);
        assertThat(ConvAlgorithm.of(s, false)).isEqualTo(form);
        assertThat(ConvAlgorithm.of(s, true)).isEqualTo(ConvAlgorithm.DIRECT);
    }

    @Test
    void winogradTakesOneStrideAndNoDilation() {
        for (int[] v : new int[][]{i(1, 2, 1), i(2, 1, 1), i(2, 2, 2)}) {
            ConvShape s = new Case(1, 1, 64, 64, i(32, 32), i(3, 3), i(v[0], v[1]), i(v[2], v[2]), i(1, 1), i(1, 1)).shape();
            assertThat(ConvAlgorithm.of(s, false)).isEqualTo(ConvAlgorithm.DIRECT);
        }
    }

    /**
     * Root mean squares of the errors, relative to that of the outputs, for 512 channels: the direct sum's is 1.14e-6, F(2 x 2)'s .61 of it,
     * F(3 x 3)'s 1.02, F(4 x 4)'s 1.95; with stride 2 F(2 x 2)'s .58 and F(3 x 3)'s .50 of the direct sum's. With the usual points 0, 1, -1 and 2 F(3 x 3)'s would be twice as large.
     */
    @ParameterizedTest
    @CsvSource({"WINOGRAD2,0.8", "WINOGRAD3,1.2", "WINOGRAD4,2.2", "WINOGRAD2_STRIDE2,0.7", "WINOGRAD3_STRIDE2,0.65"})
    void winogradErrsLittleMoreThanTheDirectSum(ConvAlgorithm a, double times) {
        Random r = new Random(7);
        ConvShape s = square(i(1, 512, 16, 12 * a.stride(), 12 * a.stride(), 1), a.stride());
        float[] x = Floats.random(r, (long) s.c() * s.inPixels()), w = Floats.random(r, (long) s.m() * s.k());
        double[] exact = exact(s, x, w);
        double direct = error(ConvReference.run(s, x, w, Epilogue.NONE, null, null), exact),
                own = error(WinogradReference.run(s, a, x, w, Epilogue.NONE, null, null), exact);
        assertThat(own).isLessThan(times * direct);
    }

    /** The convolution in doubles, of one image. */
    private static double[] exact(ConvShape s, float[] x, float[] w) {
        double[] y = new double[s.m() * s.outPixels()];
        int oh = s.out()[1], ow = s.out()[2], side = s.kernel()[1];
        for (int o = 0; o < y.length; o++)
            for (int k = 0; k < s.k(); k++) {
                int h = o / ow % oh * s.stride()[1] - s.pad()[1] + k / side % side, v = o % ow * s.stride()[2] - s.pad()[2] + k % side;
                if (h >= 0 && h < s.in()[1] && v >= 0 && v < s.in()[2])
                    y[o] += (double) x[(k / side / side * s.in()[1] + h) * s.in()[2] + v] * w[o / ow / oh * s.k() + k];
            }
        return y;
    }

    private static double error(float[] y, double[] exact) {
        double difference = 0, norm = 0;
        for (int i = 0; i < y.length; i++) {
            difference += Math.pow(y[i] - exact[i], 2);
            norm += Math.pow(exact[i], 2);
        }
        return Math.sqrt(difference / norm);
    }

    private static void check(Random r, ConvShape s, ConvAlgorithm a, boolean channelsLast, boolean constant, int threads, long seed) {
        Activation act = Activation.values()[r.nextInt(Activation.values().length)];
        Epilogue e = new Epilogue(1, act, r.nextBoolean() ? 1 : 0.7f);
        check(s, a, e, Floats.random(r, (long) s.batch() * s.c() * s.inPixels()), Floats.random(r, (long) s.m() * s.k()),
                r.nextBoolean() ? Floats.random(r, s.m()) : null, residual(r, s), channelsLast, constant, threads, seed);
    }

    private static void check(ConvShape s, ConvAlgorithm a, Epilogue e, float[] x, float[] w, float[] bias, float[] residual,
            boolean channelsLast,
            boolean constant, int threads, long seed) {
        Shape xs = Shape.of(s.batch(), s.c(), s.inPixels()), ys = Shape.of(s.batch(), s.m(), s.outPixels());
        try (Arena arena = Arena.ofShared()) {
            Tensor wt = Tensor.of(arena, Shape.of(s.m(), s.groupC(), s.taps()), w);
            Conv conv = new Conv(s, a, constant ? Conv.pack(arena, wt, s, a) : null, e, channelsLast);
            Tensor[] in = {Tensor.of(arena, xs, channelsLast ? Floats.channelsLast(x, s.batch(), s.c(), s.inPixels()) : x), wt,
                Floats.tensor(arena, Shape.of(s.m()), bias), Floats.tensor(arena, ys,
                        residual != null && channelsLast ? Floats.channelsLast(residual, s.batch(), s.m(), s.outPixels()) : residual)};
            float[] expected = a == ConvAlgorithm.WINOGRAD3_PHASES
                    ? WinogradReference.runPhases(s, x, w, e, bias, residual)
                    : a.winograd()
                            ? WinogradReference.run(s, a, x, w, e, bias, residual)
                            : ConvReference.run(s, x, w, e, bias, residual);
            if (channelsLast) expected = Floats.channelsLast(expected, s.batch(), s.m(), s.outPixels());
            String what = "seed " + seed + " " + conv;
            Floats.assertSameBits(what, Floats.run(arena, conv, ys, threads, in), expected);
            if (residual != null && conv.inPlace() == 3)
                Floats.assertSameBits(what + " in place", Floats.run(arena, conv, in[3], threads, in), expected);
        }
    }
}
