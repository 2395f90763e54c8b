package dev.reprise.engine.operator;

import static dev.reprise.engine.operator.Cases.check;
import static dev.reprise.engine.operator.Cases.floats;
import static dev.reprise.engine.operator.Cases.iota;
import static dev.reprise.engine.operator.Cases.longs;
import static dev.reprise.engine.operator.Cases.refuses;
import static dev.reprise.engine.operator.Cases.scalar;
import static dev.reprise.engine.operator.Cases.shape;
import static dev.reprise.engine.operator.Cases.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reprise.engine.SingleNode;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Padding, indexing, selecting and generating operators. Expected values are NumPy's or the specification's. */
class IndexingTest {
    private static final Attributes NONE = Attributes.NONE;

    private static Attributes mode(String m) { return Attributes.of("mode", m); }

    private static Tensor bools(int... v) {
        Tensor t = Tensor.allocate(Arena.ofAuto(), DType.BOOL, shape(v.length));
        for (int i = 0; i < v.length; i++)
            t.setLong(i, v[i]);
        return t;
    }

    @Test
    void pads() {
        for (DType t : new DType[]{DType.FLOAT32, DType.INT8, DType.INT64, DType.BFLOAT16}) {
            check("Pad", 13, NONE, shape(2, 4), values(0, 0, 1, 2, 0, 3, 4, 5), iota(t, 2, 3), longs(0, 1, 0, 0));
            check("Pad", 13, mode("reflect"), shape(8), values(1, 2, 1, 0, 1, 2, 1, 0), iota(t, 3), longs(3, 2));
            check("Pad", 13, mode("edge"), shape(6), values(0, 0, 1, 2, 2, 2), iota(t, 3), longs(1, 2));
            check("Pad", 19, mode("wrap"), shape(9), values(1, 2, 0, 1, 2, 0, 1, 2, 0), iota(t, 3), longs(2, 4));
        }
        check("Pad", 13, NONE, shape(3, 1), values(7, 1, 3), iota(2, 2), longs(1, -1, 0, 0), floats(shape(), 7));
        check("Pad", 18, NONE, shape(1, 3), values(0, 0, 1), iota(1, 2), longs(1, 0), null, longs(-1));
        check("Pad", 2, Attributes.of("pads", new long[]{1, 0}, "value", 2.5f), shape(2), values(2.5, 0), iota(1));
        check("Pad", 13, NONE, shape(2, 1, 2), values(9, 9, 9, 9), iota(2, 0, 2), longs(0, 1, 0, 0, 0, 0), floats(shape(), 9));
        refuses("remove more", "Pad", 13, NONE, iota(2), longs(-1, -2));
        refuses("nothing to repeat", "Pad", 13, mode("edge"), iota(0), longs(1, 0));
    }

    @Test
    void gathersAndScatters() {
        Tensor data = iota(3, 2);
        check("GatherElements", 13, Attributes.of("axis", 1), shape(2, 2), values(1, 0, 3, 3), data,
                longs(1, 0, -1, 1).reshape(shape(2, 2)));
        check("GatherElements", 13, NONE, shape(1, 2), values(4, 1), data, longs(2, 0).reshape(shape(1, 2)));
        check("GatherND", 13, NONE, shape(2), values(5, 0), data, longs(2, 1, -3, 0).reshape(shape(2, 2)));
        check("GatherND", 13, NONE, shape(1, 2), values(2, 3), data, longs(1).reshape(shape(1, 1)));
        check("GatherND", 13, Attributes.of("batch_dims", 1), shape(2, 2), values(2, 3, 4, 5), iota(2, 2, 2),
                longs(1, 0).reshape(shape(2, 1)));
        check("ScatterElements", 13, Attributes.of("axis", 1), shape(3, 2), values(0, 10, 2, 3, 20, 5), data,
                longs(1, 0, 0).reshape(shape(3, 1)),
                floats(shape(3, 1), 10, 2, 20));
        check("ScatterElements", 18, Attributes.of("reduction", "add"), shape(3), values(0, 4, 2), iota(3), longs(1, -2),
                floats(shape(2), 1, 2));
        check("ScatterElements", 18, Attributes.of("reduction", "max"), shape(3), values(0, 2, 2), iota(DType.FLOAT16, 3), longs(1, 1),
                iota(DType.FLOAT16, 3).rows(1, 3));
        check("ScatterND", 18, NONE, shape(3, 2), values(0, 1, 2, 3, 8, 9), data, longs(2).reshape(shape(1, 1)), floats(shape(1, 2), 8, 9));
        check("ScatterND", 18, Attributes.of("reduction", "mul"), shape(3), values(0, 6, 2), iota(3), longs(1, 1).reshape(shape(2, 1)),
                floats(shape(2), 2, 3));
        check("TensorScatter", 24, Attributes.of("axis", 1), shape(2, 3), values(0, 0, 1, 2, 3, 5), iota(2, 3), iota(2, 2), longs(1, 0));
        check("TensorScatter", 24, Attributes.of("axis", 1, "mode", "circular"), shape(1, 3), values(1, 1, 0), iota(1, 3), iota(1, 2),
                longs(2));
        refuses("index 3 is outside [-3, 2] on axis 0", "GatherElements", 13, NONE, data, longs(3, 0).reshape(shape(1, 2)));
        refuses("index -4 is outside", "ScatterND", 13, NONE, iota(3), longs(-4).reshape(shape(1, 1)), floats(shape(1), 1));
        refuses("updates must be", "ScatterND", 13, NONE, iota(3), longs(0).reshape(shape(1, 1)), floats(shape(2), 1, 2));
    }

    @Test
    void generators() {
        check("Range", 11, NONE, shape(3), values(10, 8, 6), scalar(10), scalar(4), scalar(-2));
        check("Range", 11, NONE, shape(0), values(), scalar(1), scalar(1), scalar(2));
        check("Range", 11, NONE, shape(4), values(0, .25, .5, .75), floats(shape(), 0), floats(shape(), 1), floats(shape(), .25f));
        check("EyeLike", 9, Attributes.of("k", 1), shape(2, 3), values(0, 1, 0, 0, 0, 1), iota(2, 3));
        check("EyeLike", 9, Attributes.of("k", -1, "dtype", 7), shape(2, 2), values(0, 0, 1, 0), iota(2, 2));
        check("OneHot", 11, NONE, shape(3, 3), values(5, 0, 0, 0, 0, 5, 0, 0, 0), longs(0, -1, 7), scalar(3), floats(shape(2), 0, 5));
        check("OneHot", 11, Attributes.of("axis", 0), shape(2, 2), values(1, 0, 0, 1), longs(0, 1), scalar(2), floats(shape(2), 0, 1));
        check("Trilu", 14, NONE, shape(2, 3), values(0, 1, 2, 0, 4, 5), iota(2, 3));
        check("Trilu", 14, Attributes.of("upper", 0), shape(2, 3), values(0, 1, 0, 3, 4, 5), iota(2, 3), scalar(1));
        check("Trilu", 14, NONE, shape(2, 2), values(0, 0, 0, 0), iota(2, 2), scalar(Long.MAX_VALUE));
        check("ConstantOfShape", 9, Attributes.of("value", Tensor.of(Arena.ofAuto(), shape(1), 3L)), shape(2), values(3, 3), longs(2));
        check("Constant", 13, Attributes.of("value_floats", new float[]{1, 2}), shape(2), values(1, 2));
        refuses("delta must not be 0", "Range", 11, NONE, scalar(0), scalar(1), scalar(0));
    }

    @Test
    void selections() {
        check("ReverseSequence", 10, NONE, shape(3, 2), values(2, 1, 0, 3, 4, 5), iota(3, 2), longs(2, 1));
        check("ReverseSequence", 10, Attributes.of("batch_axis", 0, "time_axis", 1), shape(2, 3), values(2, 1, 0, 4, 3, 5), iota(2, 3),
                longs(3, 2));
        check("Compress", 11, NONE, shape(2), values(1, 3), iota(2, 2), bools(0, 1, 0, 1));
        check("Compress", 11, Attributes.of("axis", 1), shape(2, 1), values(1, 3), iota(2, 2), bools(0, 1));
        check("NonZero", 13, NONE, shape(2, 3), values(0, 1, 1, 1, 0, 1), iota(2, 2));
        check("NonZero", 13, NONE, shape(0, 1), values(), scalar(3));
        refuses("outside [0, 3]", "ReverseSequence", 10, NONE, iota(3, 2), longs(4, 1));
    }

    @Test
    void unique() {
        List<Datum> got = SingleNode.run(Arena.ofAuto(), "Unique", 11, NONE, 4, floats(shape(6), 2, 1, 1, 3, 4, 3));
        double[][] want = {{1, 2, 3, 4}, {1, 0, 3, 4}, {1, 0, 0, 2, 3, 2}, {2, 1, 2, 1}};
        for (int i = 0; i < 4; i++)
            assertArrayEquals(want[i], ((Tensor) got.get(i)).toDoubles(), "output " + i);
        got = SingleNode.run(Arena.ofAuto(), "Unique", 11, Attributes.of("sorted", 0), 4, floats(shape(6), 2, 1, 1, 3, 4, 3));
        double[][] unsorted = {{2, 1, 3, 4}, {0, 1, 3, 4}, {0, 1, 1, 2, 3, 2}, {1, 2, 2, 1}};
        for (int i = 0; i < 4; i++)
            assertArrayEquals(unsorted[i], ((Tensor) got.get(i)).toDoubles(), "output " + i);
        check("Unique", 11, Attributes.of("axis", 0), shape(2, 2), values(0, 1, 2, 3), floats(shape(3, 2), 2, 3, 0, 1, 2, 3));
    }

    @Test
    void topKAgainstSorting() {
        for (long seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            int outer = 1 + random.nextInt(3), n = 1 + random.nextInt(40), inner = 1 + random.nextInt(3), k = random.nextInt(n + 1);
            boolean largest = random.nextBoolean();
            DType type = new DType[]{DType.FLOAT32, DType.INT8, DType.UINT64, DType.FLOAT64, DType.FLOAT16}[random.nextInt(5)];
            Tensor x = Tensor.allocate(Arena.ofAuto(), type, shape(outer, n, inner));
            for (int i = 0; i < x.size(); i++)
                x.setDouble(i, random.nextInt(20) - (type == DType.UINT64 ? 0 : 10)); // Many ties.
            List<Datum> got = SingleNode.run(Arena.ofAuto(), "TopK", 11, Attributes.of("axis", 1, "largest", largest ? 1 : 0), 2, x,
                    longs(k));
            Tensor values = (Tensor) got.get(0), positions = (Tensor) got.get(1);
            assertEquals(shape(outer, k, inner), values.shape());
            for (int o = 0; o < outer; o++)
                for (int in = 0; in < inner; in++) {
                    int first = o * n * inner + in;
                    Comparator<Integer> order = Comparator.comparingDouble(i -> x.getDouble(first + i * inner));
                    int[] want = IntStream.range(0, n).boxed().sorted(largest ? order.reversed() : order).limit(k).mapToInt(i -> i)
                            .toArray();
                    int base = o * k * inner + in;
                    assertArrayEquals(want, IntStream.range(0, k).map(i -> (int) positions.getLong(base + i * inner)).toArray(),
                            "seed " + seed);
                    assertArrayEquals(Arrays.stream(want).mapToDouble(i -> x.getDouble(first + i * inner)).toArray(),
                            IntStream.range(0, k).mapToDouble(i -> values.getDouble(base + i * inner)).toArray(), "seed " + seed);
                }
        }
    }

    @Test
    void topKCountsNaNAsLargest() {
        check("TopK", 11, NONE, shape(2), values(Double.NaN, 2), floats(shape(3), 1, Float.NaN, 2), longs(2));
        check("TopK", 1, Attributes.of("k", 1), shape(1), values(2), iota(3));
        refuses("k is 4", "TopK", 11, NONE, iota(3), longs(4));
    }

    @Test
    void nonMaxSuppression() {
        Tensor boxes = floats(shape(1, 3, 4), 0, 0, 1, 1, 0, .1f, 1, 1.1f, 0, 10, 1, 11), scores = floats(shape(1, 1, 3), .9f, .95f, .9f);
        check("NonMaxSuppression", 11, NONE, shape(2, 3), values(0, 0, 1, 0, 0, 2), boxes, scores, longs(3), floats(shape(1), .5f));
        check("NonMaxSuppression", 11, NONE, shape(1, 3), values(0, 0, 1), boxes, scores, longs(3), floats(shape(1), .5f),
                floats(shape(1), .92f));
        check("NonMaxSuppression", 11, NONE, shape(0, 3), values(), boxes, scores);
    }
}
