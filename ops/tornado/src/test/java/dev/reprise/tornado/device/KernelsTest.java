package dev.reprise.tornado.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.engine.Model;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.tornado.lower.Kind.Tier;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kernel of the device, run as Java in both tiers, against the CPU's. */
class KernelsTest {
    /** Sums are taken in another order and without fma: a few units in the last place of the largest. */
    private static final double CLOSE = 1e-5;

    /** @param inputs shapes of float32 inputs, or constants */
    record Case(String opType, int opset, Attributes attributes, Object... inputs) {
        @Override
        public String toString() { return opType + java.util.Arrays.deepToString(inputs); }
    }

    private static Case of(String opType, int opset, Attributes a, Object... inputs) { return new Case(opType, opset, a, inputs); }

    private static Case plain(String opType, Object... inputs) { return of(opType, 21, Attributes.NONE, inputs); }

    private static long[] l(long... v) { return v; }

    static Stream<Case> cases() {
        Shape image = Shape.of(2, 6, 7, 5), row = Shape.of(3, 5, 37);
        return Stream.of(
                // Products: below, at and above a tile of 64 x 64 and a depth of 16.
                plain("MatMul", Shape.of(3, 5), Shape.of(5, 2)), plain("MatMul", Shape.of(70, 33), Shape.of(33, 65)),
                plain("MatMul", Shape.of(2, 3, 4, 16), Shape.of(2, 3, 16, 7)), plain("MatMul", Shape.of(2, 1, 4, 6), Shape.of(3, 6, 5)),
                plain("MatMul", Shape.of(9), Shape.of(9, 4)), plain("MatMul", Shape.of(2, 9), Shape.of(9)),
                of("Gemm", 13, Attributes.of("transB", 1, "alpha", 0.5f), Shape.of(66, 20), Shape.of(10, 20), Shape.of(10)),
                of("Gemm", 13, Attributes.of("transA", 1, "beta", 0.25f), Shape.of(20, 6), Shape.of(20, 10), Shape.of(6, 1)),
                // Convolutions.
                of("Conv", 11, Attributes.of("pads", l(1, 1, 1, 1)), Shape.of(2, 5, 9, 8), Shape.of(70, 5, 3, 3), Shape.of(70)),
                of("Conv", 11, Attributes.of("strides", l(2, 1), "dilations", l(1, 2), "pads", l(0, 2, 1, 1)), Shape.of(1, 4, 9, 8),
                        Shape.of(3, 4, 3, 2)),
                of("Conv", 11, Attributes.of("group", 2, "auto_pad", "SAME_LOWER"), Shape.of(2, 6, 5, 5), Shape.of(4, 3, 2, 2)),
                of("Conv", 11, Attributes.of("group", 6, "pads", l(1, 1)), Shape.of(2, 6, 11), Shape.of(6, 1, 3), Shape.of(6)),
                of("Conv", 11, Attributes.of("pads", l(1, 1, 1, 1, 1, 1)), Shape.of(2, 3, 4, 5, 6), Shape.of(66, 3, 3, 3, 3),
                        Shape.of(66)),
                of("Conv", 11, Attributes.of("strides", l(2, 2, 1), "dilations", l(3, 1, 2), "pads", l(2, 0, 1, 4, 1, 1), "group", 2),
                        Shape.of(1, 4, 5, 6, 7), Shape.of(6, 2, 3, 2, 2)),
                // Transposed: strides above, at and below the window; taps that a dilation skips; cut and added edges; groups of one.
                of("ConvTranspose", 11, Attributes.of("strides", l(2, 2), "pads", l(1, 1, 1, 1)), Shape.of(2, 5, 4, 3),
                        Shape.of(5, 70, 4, 4), Shape.of(70)),
                of("ConvTranspose", 11, Attributes.of("strides", l(3, 2), "output_padding", l(1, 1), "pads", l(1, 0, 0, 1)),
                        Shape.of(2, 4, 5, 3),
                        Shape.of(4, 3, 3, 3), Shape.of(3)),
                of("ConvTranspose", 11, Attributes.of("strides", l(3, 4)), Shape.of(1, 2, 3, 2), Shape.of(2, 3, 2, 1), Shape.of(3)),
                of("ConvTranspose", 11, Attributes.of("strides", l(4, 6), "dilations", l(2, 3), "pads", l(2, 1, 0, 3)),
                        Shape.of(2, 3, 4, 5), Shape.of(3, 4, 5, 4)),
                of("ConvTranspose", 11, Attributes.of("strides", l(2, 2), "group", 6, "auto_pad", "SAME_UPPER"), image,
                        Shape.of(6, 1, 3, 3), Shape.of(6)),
                of("ConvTranspose", 11, Attributes.of("strides", l(3), "group", 2, "output_shape", l(30)), Shape.of(2, 6, 11),
                        Shape.of(6, 4, 5)),
                of("ConvTranspose", 11, Attributes.of("dilations", l(2), "auto_pad", "SAME_LOWER"), Shape.of(2, 3, 7), Shape.of(3, 2, 4)),
                // Norms and softmax.
                of("GroupNormalization", 21, Attributes.of("num_groups", 3), image, Shape.of(6), Shape.of(6)),
                of("GroupNormalization", 18, Attributes.of("num_groups", 3), image, Shape.of(3), Shape.of(3)),
                of("InstanceNormalization", 6, Attributes.NONE, image, Shape.of(6), Shape.of(6)),
                of("LayerNormalization", 17, Attributes.NONE, row, Shape.of(37), Shape.of(37)),
                of("LayerNormalization", 17, Attributes.of("axis", 1), row, Shape.of(5, 37)),
                of("RMSNormalization", 23, Attributes.NONE, row, Shape.of(37)), plain("Softmax", row),
                of("Softmax", 13, Attributes.of("axis", 1), row), plain("LogSoftmax", Shape.of(2, 300)),
                of("BatchNormalization", 15, Attributes.NONE, image, new float[]{1, 2, 3, 4, 5, 6}, new float[]{1, 0, 1, 0, 1, 0},
                        new float[]{0, 1, 2, 0, 1, 2}, new float[]{1, 2, 1, 2, 1, 2}),
                of("ReduceMean", 18, Attributes.NONE, row, l(-1)), of("ReduceSum", 13, Attributes.of("keepdims", 0), image, l(2, 3)),
                of("ReduceMax", 18, Attributes.NONE, image, l(1)),
                of("ReduceMean", 18, Attributes.NONE, image, l(0, 2)), of("ReduceL1", 18, Attributes.of("keepdims", 0), image, l(3, 1)),
                of("ReduceMin", 18, Attributes.NONE, image, l(0, 3)), of("ReduceL2", 18, Attributes.NONE, row, l(0, 1, 2)),
                // Elementwise.
                plain("Add", image, Shape.of(6, 1, 1)), plain("Sub", Shape.of(3, 1, 4), Shape.of(2, 1)), plain("Mul", image, Shape.of(5)),
                plain("Div", image, Shape.SCALAR), plain("Max", image, image), of("Pow", 15, Attributes.NONE, image, new float[]{2}),
                plain("Relu", image),
                plain("Sigmoid", image), plain("Tanh", image), plain("Gelu", image),
                of("Gelu", 20, Attributes.of("approximate", "tanh"), image),
                plain("Mish", image), plain("Softplus", image), plain("Erf", image), plain("Exp", image), plain("Neg", image),
                plain("Sin", image),
                plain("Cos", image), plain("Abs", image), of("LeakyRelu", 16, Attributes.of("alpha", 0.1f), image), plain("Elu", image),
                plain("Softsign", image), of("Clip", 13, Attributes.NONE, image, new float[]{-0.5f}, new float[]{0.5f}),
                // Data movement.
                of("Transpose", 13, Attributes.of("perm", l(2, 0, 3, 1)), image),
                of("Expand", 13, Attributes.NONE, Shape.of(3, 1), l(2, 3, 4)),
                of("Slice", 13, Attributes.NONE, image, l(1, 6), l(6, -100), l(1, 2), l(2, -3)),
                of("Pad", 13, Attributes.NONE, image, l(0, 1, 2, 0, 0, 0, 1, 3), new float[]{7}),
                of("Concat", 13, Attributes.of("axis", 1), image, Shape.of(2, 2, 7, 5)),
                of("DepthToSpace", 13, Attributes.of("blocksize", 2), Shape.of(2, 8, 3, 5)),
                of("DepthToSpace", 13, Attributes.of("blocksize", 2, "mode", "CRD"), Shape.of(2, 8, 3, 5)),
                of("SpaceToDepth", 13, Attributes.of("blocksize", 2), Shape.of(2, 3, 4, 6)),
                of("Einsum", 12, Attributes.of("equation", "abcd->cadb"), image),
                of("Resize", 13, Attributes.of("mode", "nearest"), image, null, new float[]{1, 1, 2, 3}),
                of("Resize", 13, Attributes.of("mode", "nearest", "coordinate_transformation_mode", "align_corners"), image, null,
                        new float[]{1, 1, 1.7f, 0.6f}),
                of("Resize", 13, Attributes.of("mode", "linear"), image, null, new float[]{1, 1, 2, 3}),
                of("Resize", 13, Attributes.of("mode", "linear", "coordinate_transformation_mode", "align_corners"), image, null, null,
                        l(2, 6, 11, 4)),
                of("Resize", 18, Attributes.of("mode", "linear", "antialias", 1, "axes", l(3, 2)), image, null, new float[]{0.5f, 0.4f}),
                of("Resize", 13, Attributes.of("mode", "cubic", "exclude_outside", 1), image, null, new float[]{1, 2, 0.5f, 2.5f}),
                of("Resize", 10, Attributes.of("mode", "linear"), image, new float[]{1, 1, 2, 2}),
                of("Upsample", 9, Attributes.of("mode", "linear"), image, new float[]{1, 1, 2, 2}),
                of("MaxPool", 12, Attributes.of("kernel_shape", l(3, 2), "strides", l(2, 1), "pads", l(1, 0, 1, 1)), image),
                of("AveragePool", 19, Attributes.of("kernel_shape", l(3, 3), "pads", l(1, 1, 1, 1)), image),
                of("AveragePool", 19,
                        Attributes.of("kernel_shape", l(3, 3), "strides", l(2, 2), "ceil_mode", 1, "count_include_pad", 1, "pads",
                                l(1, 1, 1, 1)),
                        image),
                plain("GlobalAveragePool", image));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheCpu(Case c) {
        long seed = System.nanoTime();
        for (Tier tier : Tier.values())
            for (boolean constants : new boolean[]{true, false})
                try (EmulatedDevice d = new EmulatedDevice(tier);
                        Model m = Networks.one(c.opType, c.opset, c.attributes, constants, new Random(seed), c.inputs)) {
                            Networks.Result r = Networks.both(m, d, new Random(seed + 1), 1);
                            assertThat(r.pieces()).as("pieces on the device").isPositive();
                            assertThat(r.difference()).as("%s, seed %d", tier.text(), seed).isLessThan(CLOSE);
                        }
    }
}
