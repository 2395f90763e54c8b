package dev.reprise.ops.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reprise.ops.kernel.ResizeAxis.Coordinates;
import dev.reprise.ops.kernel.ResizeAxis.Extent;
import dev.reprise.ops.kernel.ResizeAxis.Mode;
import dev.reprise.ops.kernel.ResizeAxis.Options;
import dev.reprise.ops.kernel.ResizeAxis.Rounding;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pooling and resizing kernels bit for bit against plain loops, over awkward sizes and 1 to 3 threads. */
class SpatialKernelsTest {
    private static final int[] SIZES = {1, 3, 7, 15, 16, 17, 33, 71};
    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final List<Workers> pools = List.of(new Workers(1), new Workers(2), new Workers(3));

    @AfterEach
    void close() { pools.forEach(Workers::close); }

    private Tensor random(long... dims) {
        Tensor t = Tensor.allocate(Arena.ofAuto(), DType.FLOAT32, Shape.of(dims));
        for (long i = 0; i < t.size(); i++)
            t.setFloat(i, (float) random.nextGaussian());
        return t;
    }

    private void check(float[] want, Kernel kernel, Tensor x, Shape shape) {
        for (Workers workers : pools) {
            int threads = workers.threads();
            try (Arena arena = Arena.ofShared()) {
                Tensor y = Tensor.allocate(arena, DType.FLOAT32, shape);
                y.data().fill((byte) 0x7f);
                MemorySegment scratch = arena.allocate(Math.max(kernel.scratchBytes(threads), 1), Tensor.ALIGNMENT).fill((byte) 0x7f);
                kernel.run(new Tensor[]{x}, new Tensor[]{y}, scratch, workers);
                for (int i = 0; i < want.length; i++)
                    assertEquals(Float.floatToIntBits(want[i]), Float.floatToIntBits(y.getFloat(i)),
                            kernel + " of " + x + ", element " + i + ", " + threads + " threads, seed " + seed);
            }
        }
    }

    @Test
    void globalPool() {
        for (int pixels : SIZES)
            for (int channels : SIZES) {
                Tensor x = random(2, pixels, channels);
                float[] average = new float[2 * channels], max = new float[2 * channels];
                for (int n = 0; n < 2; n++)
                    for (int c = 0; c < channels; c++) {
                        float[] lanes = new float[16];
                        float m = Float.NEGATIVE_INFINITY;
                        for (int p = 0; p < pixels; p++) {
                            float v = x.getFloat((n * pixels + p) * channels + c);
                            lanes[p % 16] += v;
                            m = Math.max(m, v);
                        }
                        for (int half = 8; half > 0; half /= 2)
                            for (int j = 0; j < half; j++)
                                lanes[j] += lanes[j + half];
                        average[n * channels + c] = lanes[0] / pixels;
                        max[n * channels + c] = m;
                    }
                check(average, new GlobalPool(true, 2, pixels, channels), x, Shape.of(2, 1, channels));
                check(max, new GlobalPool(false, 2, pixels, channels), x, Shape.of(2, 1, channels));
                Tensor first = transposed(x, pixels, channels);
                check(average, new GlobalPool(true, 2 * channels, pixels, 1), first, Shape.of(2, channels, 1));
                check(max, new GlobalPool(false, 2 * channels, pixels, 1), first, Shape.of(2, channels, 1));
            }
    }

    private static Tensor transposed(Tensor x, int pixels, int channels) {
        Tensor y = Tensor.allocate(Arena.ofAuto(), DType.FLOAT32, x.shape());
        for (int i = 0; i < x.size(); i++)
            y.setFloat((long) i / (pixels * channels) * pixels * channels + i % channels * pixels + i / channels % pixels, x.getFloat(i));
        return y;
    }

    @Test
    void pool() {
        for (int height : new int[]{4, 5, 9})
            for (int width : SIZES)
                for (int channels : new int[]{1, 5, 16, 37}) {
                    int out = (width + 1) / 2;
                    Tensor x = random(2, height, width, channels);
                    PoolWindow window = new PoolWindow(false, new PoolWindow.Axis(height, height - 2, 3, 1, 1, 0, 0),
                            new PoolWindow.Axis(width, out, 2, 2, 1, 0, width % 2));
                    float[] average = new float[2 * (height - 2) * out * channels], max = new float[average.length];
                    for (int i = 0; i < average.length; i++) {
                        int c = i % channels, ox = i / channels % out, oy = i / channels / out % (height - 2),
                                n = i / channels / out / (height - 2), count = 0;
                        max[i] = Float.NEGATIVE_INFINITY;
                        for (int y = oy; y < oy + 3; y++)
                            for (int k = 2 * ox; k < Math.min(2 * ox + 2, width); k++, count++) {
                                float v = x.getFloat(((n * height + y) * width + k) * channels + c);
                                average[i] += v;
                                max[i] = Math.max(max[i], v);
                            }
                        average[i] /= count;
                    }
                    Shape shape = Shape.of(2, height - 2, out, channels);
                    check(average, new Pool(true, window, 2, channels), x, shape);
                    check(max, new Pool(false, window, 2, channels), x, shape);
                }
    }

    @Test
    void resize() {
        for (Mode mode : Mode.values())
            for (boolean antialias : new boolean[]{false, true})
                for (int width : new int[]{1, 3, 16, 33})
                    for (int[] to : new int[][]{{2 * width, 14}, {width, 5}, {3, 7}, {(width + 1) / 2, 2}, {3 * width, 21}})
                        for (int channels : new int[]{1, 3, 16, 21}) {
                            if (mode == Mode.NEAREST && antialias) continue;
                            Options o = new Options(mode, Coordinates.HALF_PIXEL, Rounding.ROUND_PREFER_FLOOR, antialias, false, -0.75);
                            ResizeAxis h = ResizeAxis.of(Extent.ofSize(7, to[1]), o), w = ResizeAxis.of(Extent.ofSize(width, to[0]), o);
                            Tensor x = random(2, 7, width, channels);
                            float[] want = new float[2 * to[1] * to[0] * channels];
                            for (int i = 0; i < want.length; i++)
                                want[i] = nested(x, i, h, w, channels);
                            ResizeAxis[] axes = {h, w};
                            Kernel k = mode == Mode.NEAREST
                                    ? new ResizeNearest(axes, 2, 4L * channels)
                                    : new Resample(DType.FLOAT32, axes, 2, channels);
                            check(want, k, x, Shape.of(2, to[1], to[0], channels));
                        }
    }

    /** One output: rows interpolated first, each from w0*x0 by one fma a tap. */
    private static float nested(Tensor x, int i, ResizeAxis h, ResizeAxis w, int channels) {
        int c = i % channels, ox = i / channels % w.out(), oy = i / channels / w.out() % h.out(), n = i / channels / w.out() / h.out();
        float outer = 0;
        for (int s = h.begin[oy]; s < h.begin[oy + 1]; s++) {
            float inner = 0;
            for (int t = w.begin[ox]; t < w.begin[ox + 1]; t++)
                inner = tap(w, t, t == w.begin[ox], x.getFloat(((n * h.in() + h.index[s]) * w.in() + w.index[t]) * channels + c), inner);
            if (w.identity()) inner = x.getFloat(((n * h.in() + h.index[s]) * w.in() + ox) * channels + c);
            outer = h.identity() ? outer : tap(h, s, s == h.begin[oy], inner, outer);
            if (h.identity() && h.index[s] == oy) return inner;
        }
        return outer;
    }

    private static float tap(ResizeAxis a, int t, boolean first, float v, float sum) {
        return first ? a.weight32[t] * v : Math.fma(a.weight32[t], v, sum);
    }
}
