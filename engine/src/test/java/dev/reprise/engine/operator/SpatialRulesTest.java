package dev.reprise.engine.operator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reprise.engine.SingleNode;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

/** What ONNX says of resizing and framing and PyTorch has no word for; and what is refused. */
class SpatialRulesTest {
    private static final Attributes AXES = Attributes.of("axes", new long[]{2, 3});

    @Test
    void keepsTheAspectRatio() {
        Tensor x = Cases.iota(1, 1, 2, 4), sizes = Cases.longs(7, 8);
        for (Object[] c : new Object[][]{{"stretch", 7, 8}, {"not_larger", 4, 8}, {"not_smaller", 7, 14}}) {
            Tensor y = SingleNode.run(Arena.ofAuto(), "Resize", 18, AXES.with("keep_aspect_ratio_policy", c[0]), x, null, null, sizes);
            assertEquals(Cases.shape(1, 1, (int) c[1], (int) c[2]), y.shape(), (String) c[0]);
        }
    }

    @Test
    void symmetricHalfPixelsKeepTheCentre() {
        float scale = 2.3f;
        Tensor y = SingleNode.run(Arena.ofAuto(), "Resize", 19,
                Attributes.of("mode", "linear", "coordinate_transformation_mode", "half_pixel_symmetric"),
                Cases.iota(4), null, Cases.floats(Cases.shape(1), scale));
        double[] want = new double[9];
        for (int j = 0; j < 9; j++)
            want[j] = Math.clamp(2 * (1 - 9 / (4.0 * scale)) + (j + 0.5) / scale - 0.5, 0, 3);
        assertArrayEquals(want, y.toDoubles(), 1e-6);
        assertEquals(3, y.getFloat(0) + y.getFloat(8), 1e-6);
    }

    @Test
    void nearestMovesAnyType() {
        for (DType t : DType.values()) {
            Tensor x = Cases.iota(t, 1, 1, 2, 3);
            Tensor y = SingleNode.run(Arena.ofAuto(), "Resize", 13, Attributes.NONE, x, null, Cases.floats(Cases.shape(4), 1, 1, 1, 2));
            double b = t == DType.BOOL ? 1 : 0;
            double[] want = {0, 0, 1, 1, b == 1 ? 1 : 2, b == 1 ? 1 : 2, b == 1 ? 1 : 3, b == 1 ? 1 : 3, b == 1 ? 1 : 4, b == 1 ? 1 : 4,
                b == 1 ? 1 : 5, b == 1 ? 1 : 5};
            assertEquals(t, y.dtype());
            assertArrayEquals(want, y.toDoubles(), t.toString());
        }
    }

    @Test
    void centreCropPad() {
        Cases.check("CenterCropPad", 18, Attributes.NONE, Cases.shape(3, 6),
                Cases.values(0, 0, 1, 2, 0, 0, 0, 3, 4, 5, 0, 0, 0, 6, 7, 8, 0, 0), Cases.iota(4, 3),
                Cases.longs(3, 6));
        Cases.check("CenterCropPad", 18, Attributes.of("axes", new long[]{-1}), Cases.shape(2, 2), Cases.values(1, 2, 6, 7),
                Cases.iota(2, 5), Cases.longs(2));
    }

    @Test
    void wholeAxesAreLeftAlone() {
        Tensor x = Cases.iota(2, 3, 4);
        Cases.check("Resize", 19, Attributes.of("mode", "cubic"), x.shape(), x.toDoubles(), x, null, null, Cases.longs(2, 3, 4));
    }

    @Test
    void refuses() {
        Tensor x = Cases.iota(1, 1, 4, 4), scales = Cases.floats(Cases.shape(4), 1, 1, 2, 2), sizes = Cases.longs(1, 1, 8, 8);
        Cases.refuses("exactly one", "Resize", 13, Attributes.NONE, x, null, scales, sizes);
        Cases.refuses("exactly one", "Resize", 13, Attributes.NONE, x);
        Cases.refuses("4 numbers", "Resize", 13, Attributes.NONE, x, null, null, Cases.longs(8, 8));
        Cases.refuses("positive", "Resize", 13, Attributes.NONE, x, null, Cases.floats(Cases.shape(4), 1, 1, -2, 2));
        Cases.refuses("coordinate_transformation_mode", "Resize", 13, Attributes.of("coordinate_transformation_mode", "centre"), x, null,
                scales);
        Cases.refuses("not supported", "Resize", 13, Attributes.of("coordinate_transformation_mode", "tf_crop_and_resize"), x, null,
                scales);
        Cases.refuses("antialias", "Resize", 18, Attributes.of("antialias", 1), x, null, scales);
        Cases.refuses("kernel_shape", "MaxPool", 12, Attributes.NONE, x);
        Cases.refuses("spatial axes", "MaxPool", 12, Attributes.of("kernel_shape", new long[]{2}), x);
        Cases.refuses("does not fit", "AveragePool", 19, Attributes.of("kernel_shape", new long[]{5, 5}), x);
        Cases.refuses("auto_pad", "AveragePool", 19, Attributes.of("kernel_shape", new long[]{2, 2}, "auto_pad", "SAME"), x);
        Cases.refuses("cannot be pooled", "AveragePool", 19, Attributes.of("kernel_shape", new long[]{2, 2}),
                Cases.iota(DType.INT32, 1, 1, 4, 4));
        Cases.refuses("does not fit", "GridSample", 16, Attributes.NONE, x, Cases.iota(2, 3, 3, 2));
        Cases.refuses("not supported", "GridSample", 16, Attributes.NONE, Cases.iota(DType.INT8, 1, 1, 4, 4), Cases.iota(1, 3, 3, 2));
        Cases.refuses("batch index", "RoiAlign", 16, Attributes.NONE, x, Cases.iota(1, 4), Cases.longs(3));
        Cases.refuses("outside", "MaxUnpool", 11, Attributes.of("kernel_shape", new long[]{2, 2}, "strides", new long[]{2, 2}),
                Cases.iota(1, 1, 1, 1),
                Cases.longs(9).reshape(Cases.shape(1, 1, 1, 1)));
    }
}
