package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Resizing by taking the nearest element: pure data movement of any element type. The tensor is seen as (outer, axes…,
 * inner): channels-first has inner 1, channels-last the channels.
 *
 * @param block bytes that move together: {@code inner} elements
 */
public record ResizeNearest(ResizeAxis[] axes, long outer, long block) implements Kernel {
    private static final VectorSpecies<Byte> B = ByteVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
    private static final int L = I.length();
    private static final VectorShuffle<Integer> LOW = VectorShuffle.fromOp(I, i -> i / 2);
    private static final VectorShuffle<Integer> HIGH = VectorShuffle.fromOp(I, i -> (i + L) / 2);

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        MemorySegment x = in[0].data(), y = out[0].data();
        ResizeAxis last = axes[axes.length - 1];
        long rows = outer;
        for (int a = 0; a < axes.length - 1; a++)
            rows *= axes[a].out;
        long bytes = last.out * block;
        boolean twice = doubles(last);
        workers.run(rows, Math.max(1, 65536 / Math.max(bytes, 1)), (begin, end, _) -> {
            long before = -1;
            for (long r = begin; r < end; r++) {
                long from = source(r) * last.in * block, to = r * bytes;
                if (from == before) MemorySegment.copy(y, to - bytes, y, to, bytes);
                else if (last.identity()) MemorySegment.copy(x, from, y, to, bytes);
                else if (block == 4 && twice) doubleRow(x, from, y, to, last.in);
                else if (block == 4) row4(x, from, y, to, last.index);
                else row(x, from, y, to, last.index, block);
                before = from;
            }
        });
    }

    /** The input row that output row r repeats. */
    private long source(long r) {
        long at = 0, stride = 1;
        for (int a = axes.length - 2; a >= 0; a--) {
            at += axes[a].index[(int) (r % axes[a].out)] * stride;
            stride *= axes[a].in;
            r /= axes[a].out;
        }
        return r * stride + at;
    }

    private static boolean doubles(ResizeAxis a) {
        for (int j = 0; j < a.out; j++)
            if (a.index[j] != j / 2) return false;
        return a.out == 2 * a.in;
    }

    private static void doubleRow(MemorySegment x, long from, MemorySegment y, long to, int n) {
        int i = 0;
        for (; i <= n - L; i += L) {
            IntVector v = IntVector.fromMemorySegment(I, x, from + ((long) i << 2), ByteOrder.LITTLE_ENDIAN);
            v.rearrange(LOW).intoMemorySegment(y, to + ((long) i << 3), ByteOrder.LITTLE_ENDIAN);
            v.rearrange(HIGH).intoMemorySegment(y, to + ((long) i << 3) + L * 4L, ByteOrder.LITTLE_ENDIAN);
        }
        for (; i < n; i++) {
            int v = x.get(Tensor.I32, from + ((long) i << 2));
            y.set(Tensor.I32, to + ((long) i << 3), v);
            y.set(Tensor.I32, to + ((long) i << 3) + 4, v);
        }
    }

    private static void row4(MemorySegment x, long from, MemorySegment y, long to, int[] index) {
        for (int j = 0; j < index.length; j++)
            y.set(Tensor.I32, to + ((long) j << 2), x.get(Tensor.I32, from + ((long) index[j] << 2)));
    }

    private static void row(MemorySegment x, long from, MemorySegment y, long to, int[] index, long block) {
        int step = B.length();
        for (int j = 0; j < index.length; j++, to += block) {
            long at = from + index[j] * block, b = 0;
            for (; b <= block - step; b += step)
                ByteVector.fromMemorySegment(B, x, at + b, ByteOrder.LITTLE_ENDIAN).intoMemorySegment(y, to + b, ByteOrder.LITTLE_ENDIAN);
            for (; b <= block - 4; b += 4)
                y.set(Tensor.I32, to + b, x.get(Tensor.I32, at + b));
            for (; b < block; b++)
                y.set(Tensor.I8, to + b, x.get(Tensor.I8, at + b));
        }
    }
}
