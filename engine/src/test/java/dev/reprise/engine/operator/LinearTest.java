package dev.reprise.engine.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.engine.SingleNode;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.plan.Interpreter;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Products, convolutions and quantization, against values from PyTorch (linear.txt) where it has the operator. */
class LinearTest {
    private static final Map<String, String[]> EXPECTED = expected();

    private static Map<String, String[]> expected() {
        try (InputStream in = LinearTest.class.getResourceAsStream("/linear.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().filter(l -> !l.startsWith("#")).map(l -> l.split("\\|"))
                    .collect(Collectors.toMap(l -> l[0].trim(), l -> l));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Element i is ((i * 37 + salt * 11) mod 41 - 20) / 8 * factor: few bits, so that most results are exact. */
    private static Tensor filled(DType type, int salt, double factor, long... dims) {
        Tensor t = Tensor.allocate(Arena.ofAuto(), type, Shape.of(dims));
        for (long i = 0; i < t.size(); i++)
            t.setDouble(i, ((i * 37 + salt * 11) % 41 - 20) / 8.0 * factor);
        return t;
    }

    private static Tensor t(int salt, long... dims) { return filled(DType.FLOAT32, salt, 1, dims); }

    private static void check(String name, Tensor y) {
        String[] e = EXPECTED.get(name);
        double[] want = numbers(e[2]);
        assertThat(Arrays.stream(y.shape().dims()).mapToDouble(d -> d).toArray()).as(name).isEqualTo(numbers(e[1]));
        double[] got = y.toDoubles();
        for (int i = 0; i < want.length; i++)
            assertThat(got[i]).as("%s, element %d", name, i).isCloseTo(want[i],
                    org.assertj.core.api.Assertions.within(1e-5 * Math.max(1, Math.abs(want[i]))));
    }

    private static double[] numbers(String s) {
        return Stream.of(s.trim().split(" ")).filter(v -> !v.isEmpty()).mapToDouble(Double::parseDouble).toArray();
    }

    private static Tensor run(String op, int opset, Attributes a, Tensor... in) { return SingleNode.run(Arena.ofAuto(), op, opset, a, in); }

    private static Tensor internal(String op, Attributes a, Tensor... in) {
        try (Workers w = new Workers(2)) {
            Interpreter interpreter = new Interpreter(Arena.ofAuto(), w, WeightCache.none(Arena.ofAuto()));
            List<Value> values = new ArrayList<>();
            for (Tensor t : in) {
                values.add(t == null ? null : new Value("in" + values.size(), null));
                if (t != null) interpreter.put(values.getLast(), t);
            }
            Value y = new Value("y", null);
            interpreter.run(new Node("", Node.INTERNAL, op, 1, values, List.of(y), a));
            return (Tensor) interpreter.get(y);
        }
    }

    private static long[] l(long... v) { return v; }

    @Test
    void convolutionsAgreeWithPyTorch() {
        Attributes grouped = Attributes.of("group", 2, "strides", l(2, 2), "pads", l(1, 1, 1, 1));
        Attributes deep = Attributes.of("strides", l(1, 2, 1), "pads", l(1, 0, 1, 1, 0, 1));
        for (DType type : new DType[]{DType.FLOAT32, DType.FLOAT64}) {
            check("conv2dg",
                    run("Conv", 11, grouped, filled(type, 1, 1, 1, 4, 4, 5), filled(type, 2, 1, 6, 2, 3, 3), filled(type, 3, 1, 6)));
            check("conv3d",
                    run("Conv", 11, deep, filled(type, 1, 1, 1, 2, 3, 3, 3), filled(type, 2, 1, 2, 2, 2, 2, 2), filled(type, 3, 1, 2)));
        }
    }

    @Test
    void transposedConvolutionsAgreeWithPyTorch() {
        Attributes flat = Attributes.of("group", 2, "strides", l(2, 1), "pads", l(1, 0, 1, 0), "output_padding", l(1, 0), "dilations",
                l(1, 2));
        Attributes line = Attributes.of("strides", l(3), "pads", l(2, 2), "output_padding", l(1));
        Attributes deep = Attributes.of("strides", l(2, 1, 2));
        for (DType type : new DType[]{DType.FLOAT32, DType.FLOAT64}) {
            check("convT2d",
                    run("ConvTranspose", 11, flat, filled(type, 1, 1, 1, 4, 2, 3), filled(type, 2, 1, 4, 2, 3, 2), filled(type, 3, 1, 4)));
            check("convT1d", run("ConvTranspose", 11, line, filled(type, 1, 1, 2, 3, 3), filled(type, 2, 1, 3, 2, 4)));
            check("convT3d", run("ConvTranspose", 11, deep, filled(type, 1, 1, 1, 2, 2, 2, 2), filled(type, 2, 1, 2, 1, 2, 2, 2),
                    filled(type, 3, 1, 1)));
        }
    }

    @Test
    void channelsLastGivesTheSameBits() {
        Tensor w = t(2, 48, 32, 3, 3), bias = t(3, 48);
        for (int size : new int[]{5, 8, 17})
            for (int exact = 0; exact < 2; exact++) {
                Attributes a = Attributes.of("pads", l(1, 1, 1, 1), "exact", exact);
                Tensor x = t(1, 2, 32, size, size);
                Tensor y = internal("ConvChannelsLast", a, last(x), w, bias);
                Tensor first = run("Conv", 11, a, x, w, bias);
                assertThat(y.toFloats()).isEqualTo(last(first).toFloats());
            }
        Attributes up = Attributes.of("strides", l(2, 2));
        Tensor x = t(1, 2, 32, 5, 4), k = t(2, 32, 24, 4, 4);
        assertThat(internal("ConvTransposeChannelsLast", up, last(x), k, t(3, 24)).toFloats())
                .isEqualTo(last(run("ConvTranspose", 11, up, x, k, t(3, 24))).toFloats());
    }

    /** (N, C, H, W) as (N, H, W, C). */
    private static Tensor last(Tensor x) {
        return run("Transpose", 13, Attributes.of("perm", l(0, 2, 3, 1)), x);
    }

    @Test
    void fusedEpiloguesAreTheirParts() {
        Tensor x = t(1, 2, 5, 20), w = t(2, 33, 20), bias = t(3, 33), residual = t(4, 2, 5, 33);
        Tensor fused = internal("MatMulFused", Attributes.of("transB", 1, "activation", "relu", "scale", 0.5f), x, w, bias, residual);
        Tensor y = run("MatMul", 13, Attributes.NONE, x, run("Transpose", 13, Attributes.of("perm", l(1, 0)), w));
        float[] want = y.toFloats();
        for (int i = 0; i < want.length; i++)
            want[i] = Math.max(want[i] + bias.getFloat(i % 33) + residual.getFloat(i), 0) * 0.5f;
        assertThat(fused.toFloats()).isEqualTo(want);
        assertThatThrownBy(() -> internal("MatMulFused", Attributes.of("activation", "cubic"), x, w)).hasMessageContaining("cubic");
    }

    @Test
    void einsumAgreesWithPyTorch() {
        String[] equations = {"bij,bjk->bik", "ij,jk,kl->il", "ii->i", "bii->", "ij->ji", "...ij,...kj->...ik", "i,j->ij", "abc,ad->dc",
            "ij,kl->"};
        long[][][] shapes = {{{2, 2, 3}, {2, 3, 2}}, {{2, 3}, {3, 2}, {2, 2}}, {{3, 3}}, {{2, 3, 3}}, {{2, 3}}, {{2, 1, 2, 3}, {3, 2, 3}},
            {{2}, {3}},
            {{2, 2, 3}, {2, 2}}, {{2, 2}, {2, 3}}};
        for (DType type : new DType[]{DType.FLOAT32, DType.FLOAT64})
            for (int i = 0; i < equations.length; i++) {
                Tensor[] in = new Tensor[shapes[i].length];
                for (int j = 0; j < in.length; j++)
                    in[j] = filled(type, j + 1, 1, shapes[i][j]);
                check(equations[i], run("Einsum", 12, Attributes.of("equation", equations[i]), in));
            }
        Tensor ints = Cases.iota(DType.INT32, 2, 2);
        assertThat(run("Einsum", 12, Attributes.of("equation", "ij,jk"), ints, ints).toLongs()).containsExactly(2, 3, 6, 11);
        assertThatThrownBy(() -> run("Einsum", 12, Attributes.of("equation", "ij,jk->iz"), ints, ints)).hasMessageContaining("'z'");
    }

    @Test
    void otherOperatorsAgreeWithPyTorch() {
        check("deform",
                run("DeformConv", 19, Attributes.of("group", 2, "offset_group", 2), t(1, 1, 4, 4, 4),
                        filled(DType.FLOAT32, 3, 1, 2, 2, 2, 2),
                        filled(DType.FLOAT32, 2, 0.5, 1, 16, 3, 3), t(4, 2), filled(DType.FLOAT32, 5, 0.25, 1, 8, 3, 3)));
        check("det", run("Det", 11, Attributes.NONE, t(1, 2, 3, 3)));
        check("fold", run("Col2Im", 18, Attributes.NONE, t(1, 1, 8, 9), Cases.longs(4, 4), Cases.longs(2, 2)));
        for (DType type : new DType[]{DType.FLOAT32, DType.FLOAT64})
            check("gemm",
                    run("Gemm", 13, Attributes.of("alpha", 0.5f, "beta", 2f, "transA", 1, "transB", 1), filled(type, 1, 1, 3, 2),
                            filled(type, 2, 1, 4, 3),
                            filled(type, 3, 1, 2, 1)));
    }

    @Test
    void matMulFollowsNumPy() {
        Tensor v = Cases.iota(DType.INT64, 3), m = Cases.iota(DType.INT64, 3, 2), b = Cases.iota(DType.INT64, 2, 1, 3, 2);
        assertThat(run("MatMul", 13, Attributes.NONE, v, v).shape()).isEqualTo(Shape.SCALAR);
        assertThat(run("MatMul", 13, Attributes.NONE, v, v).toLongs()).containsExactly(5);
        assertThat(run("MatMul", 13, Attributes.NONE, v, m).toLongs()).containsExactly(10, 13);
        Tensor y = run("MatMul", 13, Attributes.NONE, Cases.iota(DType.INT64, 2, 2, 3), b);
        assertThat(y.shape()).isEqualTo(Shape.of(2, 2, 2, 2));
        assertThat(y.toLongs()).containsExactly(10, 13, 28, 40, 46, 67, 64, 94, 28, 31, 100, 112, 172, 193, 244, 274);
        assertThatThrownBy(() -> run("MatMul", 13, Attributes.NONE, v, Cases.iota(DType.INT64, 2, 3)))
                .hasMessageContaining("do not multiply");
    }

    @Test
    void halfTypesRoundOnce() {
        Tensor a = filled(DType.FLOAT16, 1, 1, 3, 50), b = filled(DType.FLOAT16, 2, 1, 50, 4), y = run("MatMul", 13, Attributes.NONE, a, b);
        assertThat(y.dtype()).isEqualTo(DType.FLOAT16);
        Tensor wide = run("MatMul", 13, Attributes.NONE, t(1, 3, 50), t(2, 50, 4));
        for (int i = 0; i < 12; i++)
            assertThat((float) y.getDouble(i)).isEqualTo(Float.float16ToFloat(Float.floatToFloat16(wide.getFloat(i))));
    }

    @Test
    void quantizationByBlocks() {
        Tensor x = Cases.floats(Shape.of(2, 4), 1, 2.5f, -3, 4, 5, -600, 7, 8), scale = Cases.floats(Shape.of(2, 2), 1, 2, 0.5f, 4);
        Tensor zero = Tensor.allocate(Arena.ofAuto(), DType.INT8, Shape.of(2, 2));
        for (int i = 0; i < 4; i++)
            zero.setLong(i, i);
        Attributes a = Attributes.of("axis", 1, "block_size", 2);
        Tensor q = run("QuantizeLinear", 21, a, x, scale, zero);
        assertThat(q.dtype()).isEqualTo(DType.INT8);
        assertThat(q.toLongs()).containsExactly(1, 2, -1, 3, 12, -128, 5, 5);
        assertThat(run("DequantizeLinear", 21, a, q, scale, zero).toFloats()).containsExactly(1, 2, -4, 4, 5, -65, 8, 8);
        assertThatThrownBy(() -> run("QuantizeLinear", 21, a, x, Cases.floats(Shape.of(2, 3), 1, 1, 1, 1, 1, 1)))
                .hasMessageContaining("blocks of 2");
    }

    @Test
    void errorsNameWhatIsWrong() {
        assertThatThrownBy(() -> run("Conv", 11, Attributes.NONE, t(1, 1, 3, 4, 4), t(2, 2, 4, 3, 3))).hasMessageContaining("3 channels");
        assertThatThrownBy(() -> run("Conv", 11, Attributes.NONE, t(1, 1, 3, 2, 2), t(2, 2, 3, 3, 3)))
                .hasMessageContaining("larger than the padded input");
        assertThatThrownBy(() -> run("Conv", 11, Attributes.of("auto_pad", "SAME"), t(1, 1, 3, 4, 4), t(2, 2, 3, 3, 3)))
                .hasMessageContaining("auto_pad");
        assertThatThrownBy(() -> run("Conv", 11, Attributes.NONE, t(1, 1, 3, 4, 4, 4, 4), t(2, 2, 3, 1, 1, 1, 1)))
                .hasMessageContaining("4 spatial dimensions");
        assertThatThrownBy(() -> run("Gemm", 13, Attributes.NONE, t(1, 2, 3), t(2, 3, 4), t(3, 3)))
                .hasMessageContaining("does not broadcast");
    }
}
