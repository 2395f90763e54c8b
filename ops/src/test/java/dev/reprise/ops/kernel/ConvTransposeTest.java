package dev.reprise.ops.kernel;

import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConvTransposeTest {
    private static int[] i(int... v) { return v; }

    private static final ConvShape[] SHAPES = {ConvShape.of(2, 1, 3, 5, i(4), i(3), i(2), i(1), i(1), i(8)),
        ConvShape.of(1, 1, 33, 70, i(3, 4), i(4, 4), i(2, 2), i(1, 1), i(1, 1), i(6, 8)),
        ConvShape.of(2, 2, 6, 34, i(5, 3), i(3, 2), i(1, 3), i(2, 1), i(2, 0), i(5, 9)),
        ConvShape.of(1, 4, 4, 4, i(3, 3), i(2, 2), i(3, 3), i(1, 1), i(0, 0), i(9, 8)),
        ConvShape.of(2, 83, 83, 83, i(3, 4), i(2, 2), i(2, 2), i(1, 1), i(0, 0), i(6, 8)),
        ConvShape.of(1, 131, 131, 131, i(5, 3), i(4, 4), i(2, 2), i(1, 1), i(1, 1), i(10, 7)),
        ConvShape.of(3, 17, 17, 17, i(2, 3, 2), i(3, 2, 3), i(1, 2, 2), i(2, 1, 1), i(1, 0, 2), i(4, 6, 3)),
        ConvShape.of(1, 4, 4, 8, i(3, 3), i(2, 2), i(2, 2), i(1, 1), i(0, 0), i(6, 6)),
        ConvShape.of(1, 1, 2, 3, i(2, 2, 3), i(2, 3, 2), i(1, 2, 2), i(1, 1, 1), i(0, 1, 0), i(3, 4, 6))};

    @Test
    void equalsTheReferenceBitForBitInBothLayouts() {
        long seed = System.nanoTime();
        Random r = new Random(seed);
        for (ConvShape s : SHAPES)
            for (int variant = 0; variant < 4; variant++)
                check(r, s, (variant & 1) != 0, (variant & 2) != 0, 1 + r.nextInt(3), seed);
    }

    private static void check(Random r, ConvShape s, boolean channelsLast, boolean constant, int threads, long seed) {
        Epilogue e = new Epilogue(1, Activation.values()[r.nextInt(Activation.values().length)], 0.7f);
        Shape xs = Shape.of(s.batch(), s.c(), s.inPixels()), ys = Shape.of(s.batch(), s.m(), s.outPixels());
        float[] x = Floats.random(r, xs.size()), w = Floats.random(r, (long) s.c() * s.groupM() * s.taps()),
                bias = r.nextBoolean() ? Floats.random(r, s.m()) : null;
        try (Arena arena = Arena.ofShared()) {
            Tensor wt = Tensor.of(arena, Shape.of(w.length), w);
            ConvTranspose kernel = new ConvTranspose(s, constant ? ConvTranspose.pack(arena, wt, s) : null, e, channelsLast);
            Tensor xt = Tensor.of(arena, xs, channelsLast ? Floats.channelsLast(x, s.batch(), s.c(), s.inPixels()) : x);
            float[] y = Floats.run(arena, kernel, ys, threads, xt, wt, Floats.tensor(arena, Shape.of(s.m()), bias));
            float[] expected = ConvTransposeReference.run(s, x, w, e, bias);
            Floats.assertSameBits("seed " + seed + " " + kernel, y,
                    channelsLast ? Floats.channelsLast(expected, s.batch(), s.m(), s.outPixels()) : expected);
        }
    }
}
