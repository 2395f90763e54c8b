package dev.reprise.engine.operator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reprise.engine.SingleNode;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Slice and Pad against walks over single positions, for random arguments far outside the tensor too. */
class SlicePadFuzzTest {
    /** Positions that a walk visits, by ONNX's rule for each direction. */
    private static List<Long> walk(long n, long start, long end, long step) {
        List<Long> visited = new ArrayList<>();
        long s = start < 0 ? start + n : start, e = end < 0 ? end + n : end;
        if (step > 0)
            for (s = Math.max(s, 0); s < Math.min(e, n); s += step)
                visited.add(s);
        else
            for (s = Math.max(0, Math.min(s, n - 1)); s > Math.max(e, -1); s += step)
                visited.add(s);
        return visited;
    }

    /** The position that an output position shows, found by walking there from inside; -1 for the constant. */
    private static long source(long n, long k, String mode) {
        if (k >= 0 && k < n) return k;
        switch (mode) {
            case "constant" :
                return -1;
            case "edge" :
                return k < 0 ? 0 : n - 1;
            case "wrap" :
                while (k < 0)
                    k += n;
                while (k >= n)
                    k -= n;
                return k;
            default :
                long at = k < 0 ? 0 : n - 1, direction = k < 0 ? 1 : -1;
                for (long left = k < 0 ? -k : k - n + 1; left > 0 && n > 1; left--) {
                    if (at + direction < 0 || at + direction >= n) direction = -direction;
                    at += direction;
                }
                return at;
        }
    }

    private static Tensor data(Random random, long[] dims) {
        DType type = new DType[]{DType.FLOAT32, DType.UINT8, DType.FLOAT64, DType.INT16}[random.nextInt(4)];
        Tensor t = Tensor.allocate(Arena.ofAuto(), type, Cases.shape(dims));
        for (long i = 0; i < t.size(); i++)
            t.setDouble(i, 1 + i % 100);
        return t;
    }

    /** The elements at the positions that {@code sources} names for each axis; -1 gives {@code constant}. */
    private static double[] pick(Tensor t, List<List<Long>> sources, double constant) {
        long[] strides = t.shape().strides();
        List<Double> out = new ArrayList<>();
        pick(t, sources, strides, 0, 0, constant, out);
        return out.stream().mapToDouble(x -> x).toArray();
    }

    private static void pick(Tensor t, List<List<Long>> sources, long[] strides, int axis, long at, double constant, List<Double> out) {
        if (axis == strides.length) {
            out.add(at < 0 ? constant : t.getDouble(at));
            return;
        }
        for (long s : sources.get(axis))
            pick(t, sources, strides, axis + 1, s < 0 || at < 0 ? -1 : at + s * strides[axis], constant, out);
    }

    @Test
    void slices() {
        for (long seed = 0; seed < 400; seed++) {
            Random random = new Random(seed);
            int rank = 1 + random.nextInt(3);
            long[] dims = new long[rank], starts = new long[rank], ends = new long[rank], axes = new long[rank], steps = new long[rank],
                    out = new long[rank];
            List<List<Long>> sources = new ArrayList<>();
            for (int i = 0; i < rank; i++) {
                dims[i] = random.nextInt(8);
                starts[i] = random.nextInt(24) - 12;
                ends[i] = random.nextInt(10) == 0 ? (random.nextBoolean() ? Long.MIN_VALUE : Long.MAX_VALUE) : random.nextInt(24) - 12;
                steps[i] = random.nextInt(3) == 0 ? 1 : random.nextInt(4) - 4;
                axes[i] = random.nextBoolean() ? i : i - rank;
                // An empty axis has nowhere to stand.
                sources.add(dims[i] == 0 ? List.of() : walk(dims[i], starts[i], ends[i], steps[i]));
                out[i] = sources.get(i).size();
            }
            Tensor t = data(random, dims);
            Tensor got = SingleNode.run(Arena.ofAuto(), "Slice", 13, Attributes.NONE, t, Cases.longs(starts), Cases.longs(ends),
                    Cases.longs(axes),
                    Cases.longs(steps));
            assertEquals(Cases.shape(out), got.shape(), "seed " + seed);
            assertArrayEquals(pick(t, sources, 0), got.toDoubles(), "seed " + seed);
        }
    }

    @Test
    void pads() {
        for (long seed = 0; seed < 400; seed++) {
            Random random = new Random(seed);
            int rank = 1 + random.nextInt(4);
            String mode = new String[]{"constant", "reflect", "edge", "wrap"}[random.nextInt(4)];
            long[] dims = new long[rank], pads = new long[2 * rank], out = new long[rank];
            List<List<Long>> sources = new ArrayList<>();
            for (int i = 0; i < rank; i++) {
                dims[i] = 1 + random.nextInt(5);
                if (random.nextBoolean()) {
                    pads[i] = random.nextInt(9) - 2;
                    pads[rank + i] = Math.max(random.nextInt(9) - 2, -dims[i] - pads[i]);
                }
                out[i] = dims[i] + pads[i] + pads[rank + i];
                List<Long> source = new ArrayList<>();
                for (long k = 0; k < out[i]; k++)
                    source.add(source(dims[i], k - pads[i], mode));
                sources.add(source);
            }
            Tensor t = data(random, dims), constant = Tensor.allocate(Arena.ofAuto(), t.dtype(), Cases.shape());
            constant.setDouble(0, 77);
            Tensor got = SingleNode.run(Arena.ofAuto(), "Pad", 19, Attributes.of("mode", mode), t, Cases.longs(pads), constant);
            assertEquals(Cases.shape(out), got.shape(), "seed " + seed);
            assertArrayEquals(pick(t, sources, 77), got.toDoubles(), "seed " + seed + " " + mode);
        }
    }
}
