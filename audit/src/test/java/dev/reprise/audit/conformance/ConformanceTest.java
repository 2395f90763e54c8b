package dev.reprise.audit.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.audit.conformance.Conformance.Options;
import dev.reprise.audit.conformance.Conformance.Outcome;
import dev.reprise.audit.conformance.Conformance.Report;
import dev.reprise.audit.conformance.Conformance.Result;
import dev.reprise.engine.Model;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.loaders.onnx.OnnxWriter;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConformanceTest {
    @TempDir
    Path folder;

    /** A TensorProto: dims = [n], data_type = 1, raw_data. */
    private static byte[] tensor(float... values) {
        ByteBuffer b = ByteBuffer.allocate(6 + 4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        b.put((byte) 0x08).put((byte) values.length).put((byte) 0x10).put((byte) 1).put((byte) 0x4a).put((byte) (4 * values.length));
        for (float v : values)
            b.putFloat(v);
        return b.array();
    }

    private void testCase(String name, String opType, float[] in, float... out) throws IOException {
        Path data = Files.createDirectories(folder.resolve("node").resolve(name).resolve("test_data_set_0"));
        ValueType type = ValueType.of(DType.FLOAT32, Shape.of(in.length));
        Value x = new Value("x", type), y = new Value("y", type);
        Node n = new Node("n", "", opType, 17, List.of(x), List.of(y), Attributes.NONE);
        try (Model m = new Model(new Graph("g", List.of(x), List.of(y), List.of(n)), new Model.Info(name, "", 8, 17, "test", Map.of()),
                Arena.ofShared())) {
            OnnxWriter.write(m, data.resolveSibling("model.onnx"));
        }
        Files.write(data.resolve("input_0.pb"), tensor(in));
        Files.write(data.resolve("output_0.pb"), tensor(out));
    }

    @ParameterizedTest
    @EnumSource
    void everyOutcomeHasItsReason(Executor executor) throws IOException {
        testCase("test_right", "Identity", new float[]{1, 2}, 1, 2);
        testCase("test_wrong", "Identity", new float[]{1, 2}, 1, 3);
        testCase("test_shape", "Identity", new float[]{1, 2}, 1);
        testCase("test_unknown", "NoSuchOperator", new float[]{1}, 1);
        testCase("test_strnormalizer_x", "Identity", new float[]{1}, 1);
        Files.write(Files.createDirectories(folder.resolve("node/test_broken")).resolve("model.onnx"), new byte[]{1, 2, 3});
        List<Result> seen = new ArrayList<>();
        Report r = Conformance.run(folder, new Options(null, executor, 60), seen::add);
        assertThat(r.results()).isEqualTo(seen);
        assertThat(r.results()).extracting(Result::name).containsExactly("test_broken", "test_right", "test_shape", "test_strnormalizer_x",
                "test_unknown", "test_wrong");
        assertThat(r.results()).extracting(Result::outcome).containsExactly(Outcome.FAILED, Outcome.PASSED, Outcome.FAILED,
                Outcome.EXCLUDED, Outcome.UNSUPPORTED,
                Outcome.FAILED);
        assertThat(r.results()).extracting(Result::group).containsOnly("node");
        assertThat(r.results().get(0).reason()).contains("model.onnx");
        assertThat(r.results().get(2).reason()).contains("float32[2]", "float32[1]");
        assertThat(r.results().get(3).reason()).isEqualTo("strings");
        assertThat(r.results().get(4).reason()).contains("NoSuchOperator");
        assertThat(r.results().get(5).reason()).contains("element 1 is 2.0, expected 3.0", "1 of 2");
        assertThat(r.summary()).isEqualTo("passed 1, failed 3, unsupported 1, excluded 1");
        Report one = Conformance.run(folder, new Options(Pattern.compile("right"), executor, 60), _ -> {});
        assertThat(one.summary()).isEqualTo("passed 1, failed 0, unsupported 0, excluded 0");
    }

    @Test
    void comparesAsTheSuiteDoes() {
        try (Arena arena = Arena.ofConfined()) {
            Tensor e = Tensor.of(arena, Shape.of(3), 1000f, Float.NaN, Float.NEGATIVE_INFINITY);
            assertThat(Comparison.difference("y", Tensor.of(arena, Shape.of(3), 1000.9f, Float.NaN, Float.NEGATIVE_INFINITY), e)).isNull();
            assertThat(Comparison.difference("y", Tensor.of(arena, Shape.of(3), 1001.1f, Float.NaN, Float.NEGATIVE_INFINITY), e))
                    .contains("element 0");
            assertThat(Comparison.difference("y", Tensor.of(arena, Shape.of(3), 1000f, 1, Float.NEGATIVE_INFINITY), e))
                    .contains("element 1");
            assertThat(Comparison.difference("y", Tensor.of(arena, Shape.of(3), 1000f, Float.NaN, Float.POSITIVE_INFINITY), e))
                    .contains("element 2");
            assertThat(Comparison.difference("y", Tensor.of(arena, Shape.of(3), 1000L, 0, 0), e)).contains("int64");
            Tensor one = Tensor.of(arena, Shape.of(1), 1f), two = Tensor.of(arena, Shape.of(1), 2f);
            assertThat(Comparison.difference("y", new Datum.Sequence(List.of(one)), new Datum.Sequence(List.of(one)))).isNull();
            assertThat(Comparison.difference("y", new Datum.Sequence(List.of(one, two)), new Datum.Sequence(List.of(one, one))))
                    .contains("y[1]");
            assertThat(Comparison.difference("y", new Datum.Sequence(List.of(one)), new Datum.Sequence(List.of()))).contains("1 elements");
            assertThat(Comparison.difference("y", one, new Datum.Sequence(List.of(one)))).contains("sequence");
            assertThat(Comparison.difference("y", new Datum.Optional(null), new Datum.Optional(null))).isNull();
            assertThat(Comparison.difference("y", new Datum.Optional(one), new Datum.Optional(null))).contains("expected nothing");
        }
    }
}
