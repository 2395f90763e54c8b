package dev.reprise.ops.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Kernels whose threads take over from each other, in any order that threads could choose and in some that they could not: the pieces of a loop go to workers by chance, on one
 * thread. What a body has prepared for its worker, and what it left in that worker's scratch, must serve whatever comes next.
 */
class PiecesTest {
    private static final Epilogue RELU = Epilogue.of(Activation.RELU);

    /** @param in sizes of the inputs, each of which has as many floats; null for one that is absent. {@code zeros}: the share of zeros in the first */
    private record Case(String name, Make make, double zeros, Shape out, Shape... in) {
        @Override
        public String toString() { return name; }
    }

    private interface Make {
        Kernel kernel(Arena arena, Tensor[] in);
    }

    static Stream<Case> cases() {
        return Stream.of(conv("1x1", ConvAlgorithm.DIRECT, shape(2, 64, 256, 20, 1, 1), true, 0),
                conv("1x1, long sums", ConvAlgorithm.DIRECT, shape(1, 1100, 200, 9, 1, 1), false, 0),
                conv("1x1, zeros", ConvAlgorithm.DIRECT, shape(1, 520, 320, 12, 1, 1), true, .8),
                conv("1x1, zeros, short rows and many columns", ConvAlgorithm.DIRECT, shape(1, 136, 1100, 17, 1, 1), true, .6),
                conv("gathered rows", ConvAlgorithm.DIRECT, shape(1, 20, 600, 17, 3, 1), false, 0),
                conv("windows", ConvAlgorithm.DIRECT, shape(1, 3, 64, 128, 7, 2), false, 0),
                conv("F(4x4), kept weights", ConvAlgorithm.WINOGRAD4, shape(2, 64, 64, 28, 3, 1), true, 0),
                conv("F(4x4), one panel", ConvAlgorithm.WINOGRAD4, shape(2, 96, 64, 32, 3, 1), false, 0),
                conv("F(4x4), panels", ConvAlgorithm.WINOGRAD4, shape(3, 144, 208, 32, 3, 1), true, 0),
                conv("F(3x3), one block", ConvAlgorithm.WINOGRAD3, shape(1, 80, 528, 9, 3, 1), false, 0),
                conv("F(2x2), stride 2", ConvAlgorithm.WINOGRAD2_STRIDE2, shape(2, 80, 272, 20, 3, 2), false, 0),
                conv("F(3x3), stride 2", ConvAlgorithm.WINOGRAD3_STRIDE2, shape(2, 80, 272, 18, 3, 2), false, 0),
                conv("phases", ConvAlgorithm.WINOGRAD3_PHASES, shape(1, 3, 64, 64, 7, 2), false, 0), pooled(), product(), attention());
    }

    /** Winograd's forms want multiples of 16 channels ({@link ConvAlgorithm}). */
    private static ConvShape shape(int batch, int c, int m, int size, int kernel, int stride) {
        int out = (size - 1) / stride + 1, pad = kernel / 2;
        return ConvShape.of(batch, 1, c, m, new int[]{size, size}, new int[]{kernel, kernel}, new int[]{stride, stride}, new int[]{1, 1},
                new int[]{pad, pad}, new int[]{out, out});
    }

    private static Case conv(String name, ConvAlgorithm a, ConvShape s, boolean residual, double zeros) {
        Shape out = Shape.of(s.batch(), s.outPixels(), s.m());
        return new Case(name, (arena, in) -> new Conv(s, a, Conv.pack(arena, in[1], s, a), RELU, true), zeros, out,
                Shape.of(s.batch(), s.inPixels(), s.c()), Shape.of(s.m(), s.c(), s.kernel()[1], s.kernel()[2]), Shape.of(s.m()),
                residual ? out : null);
    }

    private static Case pooled() {
        ConvShape s = shape(2, 3, 64, 60, 7, 2);
        PoolWindow.Axis axis = new PoolWindow.Axis(30, 15, 3, 2, 1, 1, 1);
        return new Case("7x7 and pooling", (arena, in) -> new ConvMaxPool(s, Conv.pack(arena, in[1], s, ConvAlgorithm.WINOGRAD3_PHASES),
                axis, axis), 0, Shape.of(s.batch(), 15 * 15, s.m()), Shape.of(s.batch(), s.inPixels(), s.c()), Shape.of(s.m(), s.c(), 7, 7),
                Shape.of(s.m()));
    }

    private static Case product() {
        return new Case("product", (_, _) -> Gemm.of(300, 400, 600), 0, Shape.of(300, 400), Shape.of(300, 600), Shape.of(600, 400));
    }

    private static Case attention() {
        int b = 2, h = 3, l = 200, d = 40;
        Attention.Strides rows = new Attention.Strides((long) l * h * d, d, (long) h * d, 1);
        return new Case("attention", (_, _) -> new Attention(new Attention.Sizes(b, h, h, l, l, d, d), rows, rows, rows, rows, null, .2f, 0,
                -1), 0, Shape.of(b, l, h, d), Shape.of(b, l, h, d), Shape.of(b, l, h, d), Shape.of(b, l, h, d));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whoDoesWhatLeavesNoTrace(Case c) {
        long seed = System.nanoTime();
        Random r = new Random(seed);
        try (Arena arena = Arena.ofShared()) {
            Tensor[] in = new Tensor[c.in.length];
            for (int i = 0; i < in.length; i++)
                in[i] = c.in[i] == null
                        ? null
                        : Tensor.of(arena, c.in[i],
                                i == 0 ? Floats.withZeros(r, c.in[i].size(), c.zeros, false) : Floats.random(r, c.in[i].size()));
            Kernel k = c.make.kernel(arena, in);
            float[] expected = Floats.run(arena, k, c.out, 1, in);
            for (int threads : new int[]{2, 3, 8}) {
                MemorySegment scratch = arena.allocate(Math.max(64, k.scratchBytes(threads)), Tensor.ALIGNMENT);
                Tensor y = Tensor.allocate(arena, DType.FLOAT32, c.out);
                List<Workers.Kept> loops = Workers.loops(threads, w -> k.run(in, new Tensor[]{y}, scratch, w));
                assertThat(loops.stream().anyMatch(l -> l.pieces() != null && l.items() > 1)).as("taken over").isTrue();
                for (int round = 0; round < 4; round++) {
                    y.data().fill((byte) 0xff);
                    scratch.fill((byte) 0xff);
                    for (Workers.Kept l : loops)
                        play(l, threads, round % 2 == 0, r);
                    Floats.assertSameBits(c + ", " + threads + " threads, round " + round + ", seed " + seed, y.toFloats(), expected);
                }
            }
        }
    }

    /** @param shuffled in any order; otherwise ascending, so that workers often go on where they stopped */
    private static void play(Workers.Kept loop, int threads, boolean shuffled, Random r) {
        long n = loop.items();
        if (loop.body() != null) {
            for (int p = 0; p < threads; p++)
                if (n * p / threads < n * (p + 1) / threads) loop.body().run(n * p / threads, n * (p + 1) / threads, p);
            return;
        }
        long[] cuts = r.longs(Math.min(n, 12), 0, n).sorted().toArray();
        List<long[]> pieces = new ArrayList<>();
        long begin = 0;
        for (long cut : cuts) {
            if (cut > begin) pieces.add(new long[]{begin, cut});
            begin = Math.max(begin, cut);
        }
        pieces.add(new long[]{begin, n});
        if (shuffled) Collections.shuffle(pieces, r);
        boolean[] begun = new boolean[threads];
        int worker = 0;
        for (long[] p : pieces) {
            if (shuffled || r.nextInt(3) == 0) worker = r.nextInt(threads);
            loop.pieces().run(p[0], p[1], worker, !begun[worker]);
            begun[worker] = true;
        }
    }
}
