package dev.reprise.ops.kernel;

import static dev.reprise.ops.kernel.Memory.ALL;
import static dev.reprise.ops.kernel.Memory.LE;
import static dev.reprise.ops.tensor.Tensor.I32;
import static dev.reprise.ops.tensor.Tensor.I64;
import static jdk.incubator.vector.IntVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.UMAX;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * A ResNet's first layers: {@link ConvPhases}, a ReLU and the maximum over windows of its outputs, which never leave the cache. Inputs are the image (N, H, W, C), the weights and optionally the
 * bias (M); the output is (N, H', W', M), with the bits of a {@link Conv} and a {@link Pool}. A thread takes lines of the result; the outputs of the last two lines of tiles wait in
 * its scratch for the windows that reach into both.
 *
 * @param packed the weights as {@link Conv#packing} makes them
 * @param down   windows along the height of the convolution's outputs
 * @param across windows along their width
 */
public record ConvMaxPool(ConvShape shape, Tensor packed, PoolWindow.Axis down, PoolWindow.Axis across) implements Kernel {
    /** Lines of outputs of a line of tiles, and lines that wait. */
    private static final int M = ConvPhases.M, KEPT = 2 * M;
    private static final int LARGEST = 3;
    /** Lines of a piece, at the least: where one begins that does not go on with the one before, up to two lines of tiles are computed again. */
    private static final int LEAST = 6;
    /** Bytes in which a thread notes how far it has come. */
    private static final long NOTE = 64;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
    private static final long V = I.vectorByteSize();
    private static final Epilogue RELU = Epilogue.of(Activation.RELU);

    /** Whether it computes these: windows of two or three pixels along each side, none of which lies in the padding alone. */
    public static boolean applies(ConvShape s, ConvAlgorithm a, PoolWindow.Axis down, PoolWindow.Axis across) {
        return a == ConvAlgorithm.WINOGRAD3_PHASES && applies(down) && applies(across);
    }

    private static boolean applies(PoolWindow.Axis a) {
        return a.kernel() >= 2 && a.kernel() <= LARGEST && a.dilation() == 1 && a.begin() < a.kernel() && a.out() > 0
                && (a.out() - 1) * a.stride() - a.begin() < a.in();
    }

    /** A line of outputs: a cache line more than the data, so that lines do not share cache sets. */
    private long lineBytes() {
        return shape.out()[2] * shape.m() * 4L + 64;
    }

    private long workerBytes(ConvPhases conv) { return Memory.lines(conv.scratchBytes(1) + (KEPT + 1) * lineBytes() + NOTE); }

    @Override
    public boolean repeatable() { return true; }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        ConvPhases conv = new ConvPhases(shape);
        long x = in[0].address(), bias = in.length > 2 && in[2] != null ? in[2].address() : 0, y = out[0].address(),
                memory = scratch.address(), share = Memory.share(scratch, 0, workers.threads(), workerBytes(conv)),
                lines = conv.scratchBytes(1),
                line = lineBytes(),
                row = across.out() * shape.m() * 4L;
        workers.balance((long) conv.images() * down.out(), 1, LEAST, (begin, end, worker, start) -> {
            long own = memory + worker * share, kept = own + lines;
            if (start) conv.clear(own);
            // The line of tiles that was computed last, where this piece goes on with the one before.
            long next = own + workerBytes(conv) - NOTE;
            int ready = start || ALL.get(I64, next) != begin ? -1 : ALL.get(I32, next + 8);
            for (long r = begin; r < end; r++) {
                int image = (int) (r / down.out()), o = (int) (r % down.out()), first = down.firstPixel(o), last = down.lastPixel(o);
                if (o == 0) ready = -1;
                for (ready = Math.max(ready, first / M - 1); ready < last / M;) {
                    ready++;
                    conv.tiles(x, image, ready, own, packed.address(), bias, 0, RELU, kept + ready % 2 * M * line, line);
                }
                line(kept, first, last, y + r * row);
            }
            ALL.set(I64, next, end);
            ALL.set(I32, next + 8, ready);
        });
    }

    /** The maxima of lines {@code first} to {@code last} of the convolution's outputs. */
    private void line(long kept, int first, int last, long to) {
        long line = lineBytes(), pixel = shape.m() * 4L, tall = kept + KEPT * line;
        max(kept + first % KEPT * line, kept + Math.min(first + 1, last) % KEPT * line, kept + last % KEPT * line, 0, 1, tall, 0,
                shape.out()[2] * pixel);
        int low = Math.min(Math.ceilDiv(across.begin(), across.stride()), across.out()),
                high = Math.clamp(Math.floorDiv(across.in() + across.begin() - across.kernel(), across.stride()) + 1, low, across.out());
        for (int o = 0, count; o < across.out(); o += count) {
            // Windows [low, high) lie in the image.
            count = o == low && high > low ? high - low : 1;
            int a = across.firstPixel(o), c = across.lastPixel(o);
            max(tall + a * pixel, tall + Math.min(a + 1, c) * pixel, tall + c * pixel, across.stride() * pixel, count, to + o * pixel,
                    pixel,
                    pixel);
        }
    }

    /**
     * The largest of three, for {@code bytes} of channels of {@code count} windows, which are {@code step} apart. Behind a ReLU no number is negative, and floats are in the order of
     * their bits as unsigned integers, a NaN of either sign above all; their maximum is one instruction, that of floats must heed NaN and the sign of zero.
     */
    private static void max(long a, long b, long c, long step, int count, long to, long toStep, long bytes) {
        long v = 0;
        for (int i = 0, n = count * (int) (bytes / V); i < n; i++) {
            IntVector x = fromMemorySegment(I, ALL, a + v, LE), y = fromMemorySegment(I, ALL, b + v, LE),
                    z = fromMemorySegment(I, ALL, c + v, LE);
            x.lanewise(UMAX, y).lanewise(UMAX, z).intoMemorySegment(ALL, to + v, LE);
            v += V;
            if (v == bytes) {
                v = 0;
                a += step;
                b += step;
                c += step;
                to += toStep;
            }
        }
    }

    @Override
    public long scratchBytes(int threads) { return threads * workerBytes(new ConvPhases(shape)); }

    @Override
    public long flops() {
        return shape.flops() + (long) shape.batch() * shape.m() * down.out() * across.out() * down.kernel() * across.kernel();
    }
}
