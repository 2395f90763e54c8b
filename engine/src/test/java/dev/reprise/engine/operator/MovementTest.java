package dev.reprise.engine.operator;

import static dev.reprise.engine.operator.Cases.check;
import static dev.reprise.engine.operator.Cases.iota;
import static dev.reprise.engine.operator.Cases.longs;
import static dev.reprise.engine.operator.Cases.refuses;
import static dev.reprise.engine.operator.Cases.scalar;
import static dev.reprise.engine.operator.Cases.shape;
import static dev.reprise.engine.operator.Cases.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.reprise.engine.SingleNode;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Shapes, reshapes, transposes, joins and slices. Expected values are NumPy's. */
class MovementTest {
    private static final Attributes NONE = Attributes.NONE;

    @Test
    void shapes() {
        check("Shape", 13, NONE, shape(3), values(2, 3, 4), iota(2, 3, 4));
        check("Shape", 15, Attributes.of("start", -2, "end", 9), shape(2), values(3, 4), iota(2, 3, 4));
        check("Shape", 15, Attributes.of("start", 2, "end", 1), shape(0), values(), iota(2, 3, 4));
        check("Size", 13, NONE, shape(), values(24), iota(2, 3, 4));
    }

    @Test
    void reshapes() {
        double[] six = values(0, 1, 2, 3, 4, 5);
        check("Reshape", 13, NONE, shape(2, 3), six, iota(6), longs(-1, 3));
        check("Reshape", 13, NONE, shape(3, 2, 1), six, iota(3, 2), longs(0, -1, 1));
        check("Reshape", 14, Attributes.of("allowzero", 1), shape(0, 3), values(), iota(0, 5), longs(0, 3));
        check("Reshape", 1, Attributes.of("shape", new long[]{3, 2}), shape(3, 2), six, iota(6));
        check("Flatten", 13, Attributes.of("axis", -1), shape(2, 3), six, iota(2, 1, 3));
        check("Flatten", 13, Attributes.of("axis", 0), shape(1, 6), six, iota(2, 3));
        check("Squeeze", 13, NONE, shape(6), six, iota(1, 6, 1));
        check("Squeeze", 13, NONE, shape(1, 6), six, iota(1, 6, 1), longs(-1));
        check("Squeeze", 11, Attributes.of("axes", new long[]{0}), shape(6, 1), six, iota(1, 6, 1));
        check("Unsqueeze", 13, NONE, shape(1, 6, 1), six, iota(6), longs(-1, 0));
        refuses("does not fill", "Reshape", 13, NONE, iota(6), longs(4, -1));
        refuses("cannot be squeezed", "Squeeze", 13, NONE, iota(6), longs(0));
        refuses("given twice", "Unsqueeze", 13, NONE, iota(6), longs(0, 0));
        refuses("outside", "Unsqueeze", 13, NONE, iota(6), longs(4));
    }

    @Test
    void transposes() {
        for (DType t : new DType[]{DType.FLOAT32, DType.INT8, DType.FLOAT16, DType.INT64}) {
            check("Transpose", 13, NONE, shape(3, 2), values(0, 3, 1, 4, 2, 5), iota(t, 2, 3));
            check("Transpose", 13, Attributes.of("perm", new long[]{0, 2, 1}), shape(2, 3, 1), values(0, 1, 2, 3, 4, 5), iota(t, 2, 1, 3));
        }
        check("SpaceToDepth", 13, Attributes.of("blocksize", 2), shape(1, 4, 1, 2), values(0, 2, 1, 3, 4, 6, 5, 7), iota(1, 1, 2, 4));
        check("DepthToSpace", 13, Attributes.of("blocksize", 2), shape(1, 1, 2, 4), values(0, 2, 1, 3, 4, 6, 5, 7), iota(1, 4, 1, 2));
        check("DepthToSpace", 13, Attributes.of("blocksize", 2, "mode", "CRD"), shape(1, 2, 2, 2),
                values(0, 1, 2, 3, 4, 5, 6, 7), iota(1, 8, 1, 1));
        refuses("twice", "Transpose", 13, Attributes.of("perm", new long[]{0, 0}), iota(2, 3));
    }

    @Test
    void expands() {
        check("Expand", 13, NONE, shape(2, 3), values(0, 0, 0, 1, 1, 1), iota(2, 1), longs(1, 3));
        check("Expand", 13, NONE, shape(2, 2, 3), values(0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2), iota(3), longs(2, 2, 1));
        check("Tile", 13, NONE, shape(2, 4), values(0, 1, 0, 1, 2, 3, 2, 3), iota(2, 2), longs(1, 2));
        check("Tile", 1, NONE, shape(2, 4), values(0, 1, 0, 1, 2, 3, 2, 3), iota(2, 2), scalar(2), scalar(1));
        refuses("do not broadcast", "Expand", 13, NONE, iota(2), longs(3));
    }

    @Test
    void joins() {
        check("Concat", 13, Attributes.of("axis", -1), shape(2, 3), values(0, 0, 1, 1, 2, 3), iota(2, 1), iota(2, 2));
        check("Concat", 13, Attributes.of("axis", 0), shape(3), values(0, 1, 0), iota(2), iota(1), iota(0));
        refuses("do not make up", "Split", 13, Attributes.of("axis", 1), iota(2, 3), longs(1));
        refuses("does not continue", "Concat", 13, Attributes.of("axis", 0), iota(2, 3), iota(2, 2));
    }

    @Test
    void splits() {
        splits(13, Attributes.of("axis", -1), new double[][]{{0, 3}, {1, 2, 4, 5}}, iota(2, 3), longs(1, 2));
        splits(13, Attributes.NONE, new double[][]{{0, 1}, {2, 3}}, iota(4));
        splits(11, Attributes.of("split", new long[]{1, 3}), new double[][]{{0}, {1, 2, 3}}, iota(4));
        splits(18, Attributes.of("num_outputs", 3), new double[][]{{0, 1, 2}, {3, 4, 5}, {6}}, iota(7));
        splits(18, NONE, new double[][]{{}, {0, 1}}, iota(2), longs(0, 2));
        refuses("'num_outputs' is 3", "Split", 18, Attributes.of("num_outputs", 3), iota(3));
    }

    private static void splits(int opset, Attributes attributes, double[][] want, Tensor... in) {
        List<Datum> got = SingleNode.run(Arena.ofAuto(), "Split", opset, attributes, want.length, in);
        for (int i = 0; i < want.length; i++)
            assertArrayEquals(want[i], ((Tensor) got.get(i)).toDoubles(), "output " + i + " of Split " + opset);
    }

    @Test
    void slices() {
        check("Slice", 13, NONE, shape(2, 1), values(1, 4), iota(2, 3), longs(1), longs(2), longs(1));
        check("Slice", 13, NONE, shape(6), values(5, 4, 3, 2, 1, 0), iota(6), longs(-1), longs(Long.MIN_VALUE), longs(0), longs(-1));
        check("Slice", 13, NONE, shape(3), values(4, 2, 0), iota(6), longs(4), longs(-100), longs(0), longs(-2));
        check("Slice", 13, NONE, shape(2), values(1, 4), iota(6), longs(1), longs(Long.MAX_VALUE), longs(-1), longs(3));
        check("Slice", 13, NONE, shape(0), values(), iota(6), longs(4), longs(2));
        check("Slice", 13, NONE, shape(0), values(), iota(0), longs(-1), longs(-100), longs(0), longs(-1));
        check("Slice", 1, Attributes.of("starts", new long[]{-2}, "ends", new long[]{9}), shape(2), values(4, 5), iota(6));
        refuses("must not be 0", "Slice", 13, NONE, iota(6), longs(0), longs(2), longs(0), longs(0));
    }

    @Test
    void gathers() {
        check("Gather", 13, Attributes.of("axis", 1), shape(2, 2), values(2, 0, 5, 3), iota(2, 3), longs(-1, 0));
        check("Gather", 13, NONE, shape(3), values(3, 4, 5), iota(2, 3), scalar(1));
        refuses("index 3 is outside [-3, 2]", "Gather", 13, NONE, iota(3), longs(3));
    }
}
