package dev.reprise.test;

import com.sun.management.ThreadMXBean;
import dev.reprise.ops.kernel.Activation;
import dev.reprise.ops.kernel.Conv;
import dev.reprise.ops.kernel.ConvAlgorithm;
import dev.reprise.ops.kernel.ConvShape;
import dev.reprise.ops.kernel.Epilogue;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Random;

/**
 * Convolutions as a ResNet has them, the first, one that halves its image, and 1x1 behind a ReLU, wide and narrow, with a residual and without; until ten rounds take no more bytes on the heap than the argument
 * says, but no longer than {@link #DEADLINE_SECONDS}, the JIT compiler is given time. Prints the bytes a round.
 */
final class SteadyConvolutions {
    private static final int ROUNDS = 10, IMAGES = 8, SIDE = 72, WIDTH = 64;
    private static final double DEADLINE_SECONDS = 20;

    private final Arena arena = Arena.ofShared();
    private final Random random = new Random(1);

    private SteadyConvolutions() {}

    public static void main(String[] args) {
        long limit = Long.parseLong(args[0]);
        SteadyConvolutions c = new SteadyConvolutions();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Workers workers = new Workers(2)) {
            Runnable[] layers = new Runnable[10];
            layers[8] = c.first(workers);
            layers[9] = c.halving(workers);
            for (int i = 0; i < 8; i += 2) {
                int side = SIDE >> i / 2, width = WIDTH << i / 2;
                layers[i] = c.layer(side, width, 4 * width, true, workers);
                layers[i + 1] = c.layer(side, 4 * width, width, false, workers);
            }
            long allocated = Long.MAX_VALUE;
            for (long end = System.nanoTime() + (long) (DEADLINE_SECONDS * 1e9); System.nanoTime() < end && allocated > ROUNDS * limit;) {
                long before = threads.getTotalThreadAllocatedBytes();
                for (int i = 0; i < ROUNDS; i++)
                    for (Runnable r : layers)
                        r.run();
                allocated = threads.getTotalThreadAllocatedBytes() - before;
            }
            System.out.println(allocated / ROUNDS);
        }
    }

    /** A ResNet's first layer, which halves the image. */
    private Runnable first(Workers workers) {
        return convolution(
                ConvShape.of(IMAGES, 1, 3, WIDTH, new int[]{2 * SIDE, 2 * SIDE}, new int[]{7, 7}, new int[]{2, 2}, new int[]{1, 1},
                        new int[]{3, 3}, new int[]{SIDE, SIDE}),
                false, workers);
    }

    /** A 3x3 layer that halves one image: its weights are transformed again in every run. */
    private Runnable halving(Workers workers) {
        return convolution(ConvShape.of(1, 1, 4 * WIDTH, 4 * WIDTH, new int[]{SIDE / 2, SIDE / 2}, new int[]{3, 3}, new int[]{2, 2},
                new int[]{1, 1}, new int[]{1, 1}, new int[]{SIDE / 4, SIDE / 4}), false, workers);
    }

    private Runnable layer(int side, int from, int to, boolean residual, Workers workers) {
        return convolution(ConvShape.of(IMAGES, 1, from, to, new int[]{side, side}, new int[]{1, 1}, new int[]{1, 1}, new int[]{1, 1},
                new int[]{0, 0}, new int[]{side, side}), residual, workers);
    }

    private Runnable convolution(ConvShape s, boolean residual, Workers workers) {
        int from = s.c(), to = s.m();
        ConvAlgorithm algorithm = ConvAlgorithm.of(s, false);
        Tensor x = random(0, s.batch(), s.in()[1], s.in()[2], from), y = random(-1, s.batch(), s.out()[1], s.out()[2], to),
                bias = random(-1, to);
        Conv conv = new Conv(s, algorithm, Conv.pack(arena, random(-1, to, from, s.kernel()[1], s.kernel()[2]), s, algorithm),
                Epilogue.of(Activation.RELU), true);
        Tensor[] in = {x, null, bias, residual ? y : null}, out = {y};
        MemorySegment scratch = arena.allocate(conv.scratchBytes(workers.threads()), 64);
        return () -> conv.run(in, out, scratch, workers);
    }

    /** @param least 0 for numbers half of which are zero, as behind a ReLU */
    private Tensor random(float least, long... dims) {
        Tensor t = Tensor.allocate(arena, DType.FLOAT32, Shape.of(dims));
        for (long i = 0; i < t.size(); i++)
            t.setFloat(i, Math.max(least, (float) Math.clamp(random.nextGaussian() / 4, -1, 1)));
        return t;
    }
}
