package dev.reprise.ops.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;

/** Runs kernels with scratch and outputs full of garbage, and compares bits. */
final class KernelRun {
    private KernelRun() {}

    static void run(Kernel k, int threads, Tensor[] in, Tensor... out) {
        try (Arena shared = Arena.ofShared(); Workers workers = new Workers(threads)) {
            MemorySegment scratch = shared.allocate(Math.max(64, k.scratchBytes(threads)), 64);
            scratch.fill((byte) 0x5a);
            for (Tensor t : out)
                t.data().fill((byte) 0x7f);
            k.run(in, out, scratch, workers);
        }
    }

    /** float32 from normal numbers of the given mean and deviation, starting one float past an aligned address. */
    static Tensor normal(Random random, double mean, double deviation, long... dims) {
        Shape s = Shape.of(dims);
        MemorySegment m = Arena.ofAuto().allocate(4 * s.size() + 64, 64).asSlice(4, 4 * s.size());
        Tensor t = new Tensor(DType.FLOAT32, s, m);
        for (long i = 0; i < s.size(); i++)
            t.setFloat(i, (float) (mean + deviation * random.nextGaussian()));
        return t;
    }

    static Tensor empty(long... dims) { return Tensor.allocate(Arena.ofAuto(), DType.FLOAT32, Shape.of(dims)); }

    static void assertSameBits(Tensor actual, float[] expected, String what) {
        int[] a = bits(actual.toFloats()), e = bits(expected);
        int at = Arrays.mismatch(a, e);
        assertThat(at)
                .as("%s: first differing element (%s against %s)", what, at < 0 ? "" : actual.getFloat(at),
                        at < 0 || at >= e.length ? "" : expected[at])
                .isEqualTo(-1);
    }

    private static int[] bits(float[] v) {
        int[] b = new int[v.length];
        for (int i = 0; i < b.length; i++)
            b[i] = Float.floatToIntBits(v[i]);
        return b;
    }
}
