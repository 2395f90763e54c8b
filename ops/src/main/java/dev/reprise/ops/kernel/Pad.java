package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * ONNX Pad in every mode. For each padded axis a table says which input position an output position shows, or -1 for
 * the constant; trailing axes without padding become one block of bytes, so that padding a channels-last image copies
 * whole rows. Negative pads crop.
 */
public final class Pad implements Kernel {
    /** Where positions outside the input come from. */
    public enum Mode {
        CONSTANT, REFLECT, EDGE, WRAP
    }

    private final long[][] maps;
    private final long[] inBlocks;
    private final int elementBytes, axes, valueInput;
    private final long block, rows, sample, bits;

    /**
     * @param before     added in front of each axis of {@code in}; {@code after} likewise
     * @param bits       the constant, where {@code valueInput} is -1
     * @param valueInput the kernel's input that holds the constant, or -1
     */
    public Pad(Shape in, long[] before, long[] after, Mode mode, int elementBytes, long bits, int valueInput) {
        int rank = in.rank(), first = 0, last = rank - 1;
        while (first < rank - 1 && before[first] == 0 && after[first] == 0)
            first++;
        while (last > first && before[last] == 0 && after[last] == 0)
            last--;
        axes = last - first + 1;
        this.elementBytes = elementBytes;
        this.bits = bits;
        this.valueInput = valueInput;
        block = in.product(last + 1, rank) * elementBytes;
        maps = new long[axes][];
        inBlocks = new long[axes];
        long rows = in.product(0, first), stride = block;
        for (int a = axes - 1; a >= 0; a--) {
            long n = in.dim(first + a);
            maps[a] = map(n, before[first + a], after[first + a], mode);
            inBlocks[a] = stride;
            stride *= n;
            if (a < axes - 1) rows *= maps[a].length;
        }
        this.rows = rows;
        sample = stride;
    }

    private static long[] map(long n, long before, long after, Mode mode) {
        long[] map = new long[Math.toIntExact(before + n + after)];
        for (int i = 0; i < map.length; i++) {
            long k = i - before;
            if (k < 0 || k >= n) k = switch (mode) {
                case CONSTANT -> -1;
                case EDGE -> k < 0 ? 0 : n - 1;
                case WRAP -> Math.floorMod(k, n);
                case REFLECT -> {
                    // Back and forth without repeating the border; a single element has only itself.
                    long period = Math.max(1, 2 * (n - 1)), m = Math.floorMod(k, period);
                    yield m < n ? m : period - m;
                }
            };
            map[i] = k;
        }
        return map;
    }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        long constant = valueInput >= 0 && valueInput < in.length && in[valueInput] != null
                ? Elements.bits(in[valueInput].data(), 0, elementBytes)
                : bits;
        MemorySegment from = in[0].data(), to = out[0].data();
        long row = maps[axes - 1].length * block;
        if (row == 0) return;
        workers.run(rows, Math.max(1, Elements.GRAIN_BYTES / row), (begin, end, _) -> {
            for (long r = begin; r < end; r++) {
                long source = source(r);
                if (source < 0) Elements.fill(to, r * row, row / elementBytes, elementBytes, constant);
                else row(from, source, to, r * row, constant);
            }
        });
    }

    /** The byte offset of an output row's input row, or -1 where the row is constant. */
    private long source(long row) {
        long offset = 0;
        for (int a = axes - 2; a >= 0; a--) {
            long n = maps[a].length, q = row / n, k = maps[a][(int) (row - q * n)];
            if (k < 0) return -1;
            offset += k * inBlocks[a];
            row = q;
        }
        // What is left counts the leading axes without padding.
        return offset + row * sample;
    }

    private void row(MemorySegment from, long source, MemorySegment to, long target, long constant) {
        long[] map = maps[axes - 1];
        for (int i = 0; i < map.length;) {
            int j = i + 1;
            if (map[i] < 0) {
                while (j < map.length && map[j] < 0)
                    j++;
                Elements.fill(to, target + i * block, (j - i) * block / elementBytes, elementBytes, constant);
            } else {
                while (j < map.length && map[j] == map[j - 1] + 1)
                    j++;
                MemorySegment.copy(from, source + map[i] * block, to, target + i * block, (j - i) * block);
            }
            i = j;
        }
    }
}
