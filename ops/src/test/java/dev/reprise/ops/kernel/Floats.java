package dev.reprise.ops.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/** Random float tensors, and kernels run on them with guarded scratch. */
final class Floats {
    private Floats() {}

    static float[] random(Random r, long n) {
        float[] f = new float[Math.toIntExact(n)];
        for (int i = 0; i < f.length; i++)
            f[i] = (float) r.nextGaussian();
        return f;
    }

    /** A part of them 0 or -0; where {@code special} a few NaN, infinities and numbers whose products underflow. */
    static float[] withZeros(Random r, long n, double zeros, boolean special) {
        float[] rare = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e-40f, -1e-45f}, f = random(r, n);
        for (int i = 0; i < f.length; i++)
            if (r.nextDouble() < zeros) f[i] = r.nextInt(4) == 0 ? -0f : 0;
            else if (special && r.nextInt(200) == 0) f[i] = rare[r.nextInt(rare.length)];
        return f;
    }

    static Tensor tensor(Arena arena, Shape s, float[] v) { return v == null ? null : Tensor.of(arena, s, v); }

    /** Runs a kernel with one float32 output; its memory and the scratch start as NaN. */
    static float[] run(Arena arena, Kernel k, Shape out, int threads, Tensor... in) {
        Tensor y = Tensor.allocate(arena, DType.FLOAT32, out);
        y.data().fill((byte) 0xff);
        return run(arena, k, y, threads, in);
    }

    /** With an output that may be one of the inputs. */
    static float[] run(Arena arena, Kernel k, Tensor y, int threads, Tensor... in) {
        try (Workers w = new Workers(threads)) {
            // Plans give kernels more than they need, of which threads take equal shares.
            long bytes = k.scratchBytes(threads);
            if (bytes != 0 && threads % 2 == 0) bytes += threads * 1000L;
            MemorySegment scratch = bytes == 0 ? MemorySegment.NULL : arena.allocate(bytes, Tensor.ALIGNMENT);
            scratch.fill((byte) 0xff);
            k.run(in, new Tensor[]{y}, scratch, w);
        }
        return y.toFloats();
    }

    static void assertSameBits(String what, float[] actual, float[] expected) {
        assertThat(actual.length).as(what).isEqualTo(expected.length);
        for (int i = 0; i < expected.length; i++)
            if (Float.floatToIntBits(actual[i]) != Float.floatToIntBits(expected[i]))
                fail("%s: element %d of %d is %s, expected %s", what, i, expected.length, actual[i], expected[i]);
    }

    /** (N, C, pixels) as (N, pixels, C). */
    static float[] channelsLast(float[] x, int batch, int c, int pixels) {
        float[] t = new float[x.length];
        for (int n = 0; n < batch; n++)
            for (int i = 0; i < c; i++)
                for (int p = 0; p < pixels; p++)
                    t[(n * pixels + p) * c + i] = x[(n * c + i) * pixels + p];
        return t;
    }
}
