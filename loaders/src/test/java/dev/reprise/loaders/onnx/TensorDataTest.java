package dev.reprise.loaders.onnx;

import static dev.reprise.loaders.onnx.Protos.adding;
import static dev.reprise.loaders.onnx.Protos.external;
import static dev.reprise.loaders.onnx.Protos.raw;
import static dev.reprise.loaders.onnx.Protos.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.reprise.engine.Model;
import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.onnx.proto.Onnx.TensorProto;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way in which ONNX stores the elements of a tensor. */
class TensorDataTest {
    @TempDir
    Path folder;

    private static double[] values(TensorProto.Builder t) {
        try (Arena arena = Arena.ofConfined()) {
            return ((Tensor) DatumReader.read(MemorySegment.ofArray(t.build().toByteArray()), "t.pb", null, arena)).toDoubles();
        }
    }

    private static void refused(TensorProto.Builder t, String... parts) {
        assertThatThrownBy(() -> values(t)).isInstanceOf(LoadException.class).hasMessageContainingAll(parts);
    }

    private static double[] expected(DType t) {
        return switch (t.kind()) {
            case FLOAT, SIGNED -> new double[]{0, 1, -2, 100};
            case UNSIGNED -> new double[]{0, 1, 2, 200};
            case BOOL -> new double[]{0, 1, 1, 0};
        };
    }

    @ParameterizedTest
    @EnumSource
    void rawData(DType dtype) {
        try (Arena arena = Arena.ofConfined()) {
            Tensor t = Tensor.allocate(arena, dtype, dev.reprise.ops.tensor.Shape.of(4));
            for (int i = 0; i < 4; i++)
                t.setDouble(i, expected(dtype)[i]);
            TensorProto.Builder p = tensor("t", dtype.code(), 4).setRawData(ByteString.copyFrom(t.data().asByteBuffer()));
            assertThat(values(p)).containsExactly(expected(dtype));
            refused(p.clone().setDims(0, 5), "raw_data", "'t'", dtype.toString());
            refused(p.clone().setDims(0, 3), "raw_data");
        }
    }

    @ParameterizedTest
    @EnumSource
    void typedData(DType dtype) {
        TensorProto.Builder p = tensor("t", dtype.code(), 4);
        for (double v : expected(dtype)) {
            switch (dtype) {
                case FLOAT32 -> p.addFloatData((float) v);
                case FLOAT64 -> p.addDoubleData(v);
                case INT64 -> p.addInt64Data((long) v);
                case UINT32, UINT64 -> p.addUint64Data((long) v);
                case FLOAT16 -> p.addInt32Data(Float.floatToFloat16((float) v) & 0xffff);
                case BFLOAT16 -> p.addInt32Data(Float.floatToIntBits((float) v) >>> 16);
                default -> p.addInt32Data((int) v);
            }
        }
        assertThat(values(p)).containsExactly(expected(dtype));
        refused(p.clone().setDims(0, 5), "has 4 elements", "needs 5");
        refused(p.clone().addDims(0), "has 4 elements");
        TensorProto.Builder wrongField = dtype == DType.INT64 ? p.clone().clearInt64Data().addFloatData(1) : p.clone().addInt64Data(1);
        refused(wrongField, "must be in");
    }

    @Test
    void integersOutsideTheirTypeAreRefused() {
        refused(tensor("t", DType.UINT8.code(), 1).addInt32Data(256), "256", "UINT8");
        refused(tensor("t", DType.INT8.code(), 1).addInt32Data(-129), "-129");
        assertThat(values(tensor("t", DType.UINT32.code(), 1).addUint64Data(0xffffffffL))).containsExactly(4294967295.0);
    }

    @Test
    void boolBytesBecomeZeroOrOne() {
        assertThat(values(tensor("t", DType.BOOL.code(), 3).setRawData(ByteString.copyFrom(new byte[]{0, 2, -1})))).containsExactly(0, 1,
                1);
    }

    /** Writers that do not pack numbers, or pack them in several pieces, are legal protobuf. */
    @Test
    void unpackedAndSplitNumbers() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.writeInt64(1, 5);
        out.writeInt32(2, DType.INT64.code());
        out.writeInt64(7, 11);
        out.writeInt64(7, -12);
        out.writeString(8, "t");
        out.writeInt64(7, 1L << 40);
        out.writeByteArray(7, new byte[]{13, 14});
        out.flush();
        TensorProto.Builder floats = tensor("t", 1, 3);
        ByteArrayOutputStream more = new ByteArrayOutputStream();
        more.writeBytes(floats.build().toByteArray());
        out = CodedOutputStream.newInstance(more);
        out.writeFloat(4, 1.5f);
        out.writeFloat(4, 2.5f);
        out.writeByteArray(4, ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(3.5f).array());
        out.flush();
        try (Arena arena = Arena.ofConfined()) {
            assertThat(((Tensor) DatumReader.read(MemorySegment.ofArray(bytes.toByteArray()), "t", null, arena)).toLongs())
                    .containsExactly(11, -12, 1L << 40, 13, 14);
            assertThat(((Tensor) DatumReader.read(MemorySegment.ofArray(more.toByteArray()), "t", null, arena)).toFloats())
                    .containsExactly(1.5f, 2.5f, 3.5f);
        }
    }

    @Test
    void shapesThatCannotBeAreRefused() {
        refused(tensor("t", 1, -1), "negative dimension");
        refused(tensor("t", 1, 0, -1), "negative dimension");
        refused(tensor("t", 1, 1L << 32, 1L << 32), "64-bit");
        refused(tensor("t", 1, 1L << 62), "64-bit");
        refused(tensor("t", 1, 1L << 40).setRawData(ByteString.copyFrom(new byte[4])), "raw_data has 4 bytes");
        refused(tensor("t", 1, 1L << 40), "has 0 elements");
        refused(tensor("t", 1, new long[65]), "65 dimensions");
        refused(tensor("t", 1, 1).setRawData(ByteString.copyFrom(new byte[4])).addFloatData(1), "both raw_data and float_data");
    }

    @Test
    void emptyAndScalarTensors() {
        assertThat(values(tensor("t", 1, 0, 3))).isEmpty();
        assertThat(values(tensor("t", 1).addFloatData(4))).containsExactly(4);
    }

    private float[] weights(TensorProto.Builder w) throws IOException {
        Path file = Files.write(folder.resolve("m.onnx"), adding(w).build().toByteArray());
        try (Model m = OnnxLoader.read(file)) {
            return m.graph().nodes().getFirst().input(1).constant().toFloats();
        }
    }

    private void refusedExternal(TensorProto.Builder w, String... parts) {
        assertThatThrownBy(() -> weights(w)).isInstanceOf(LoadException.class).hasMessageContaining("m.onnx")
                .hasMessageContaining("initializer 'w'")
                .hasMessageContainingAll(parts);
    }

    @Test
    void externalData() throws IOException {
        Files.createDirectory(folder.resolve("sub"));
        Files.write(folder.resolve("sub/w.bin"),
                ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN).putFloat(1).putFloat(2).putFloat(3).array());
        assertThat(weights(external("w", "sub/w.bin", "4", "8", 2))).containsExactly(2, 3);
        assertThat(weights(external("w", "./sub/w.bin", null, null, 3))).containsExactly(1, 2, 3);
        refusedExternal(external("w", "sub/w.bin", "8", null, 2), "has only 12 bytes");
        refusedExternal(external("w", "sub/w.bin", "9223372036854775807", null, 2), "has only 12 bytes");
        refusedExternal(external("w", "sub/w.bin", "-4", null, 2), "offset '-4'");
        refusedExternal(external("w", "sub/w.bin", "four", null, 2), "offset 'four'");
        refusedExternal(external("w", "sub/w.bin", null, "4", 2), "of 4 bytes", "need 8");
        refusedExternal(external("w", null, null, null, 2), "without a location");
        refusedExternal(external("w", "none.bin", null, null, 2), "cannot be read");
        refusedExternal(external("w", "sub", null, null, 2), "not a regular file");
        refusedExternal(external("w", "sub/w.bin", null, null, 1).setRawData(ByteString.copyFrom(new byte[4])), "both external data");
    }

    @Test
    void theHashCoversExternalData() throws IOException {
        Path file = Files.write(folder.resolve("m.onnx"), adding(external("w", "w.bin", null, null, 1)).build().toByteArray());
        String[] hashes = new String[2];
        for (int i = 0; i < 2; i++) {
            Files.write(folder.resolve("w.bin"), new byte[]{0, 0, 0, (byte) i});
            try (Model m = OnnxLoader.read(file)) {
                hashes[i] = m.info().sha256();
            }
        }
        assertThat(hashes[0]).hasSize(64).isNotEqualTo(hashes[1]);
    }

    @Test
    void externalDataStaysInTheFolder() throws IOException {
        Path inside = Files.createDirectory(folder.resolve("model"));
        Path secret = Files.write(folder.resolve("secret.bin"), new byte[8]);
        for (String location : List.of(secret.toString(), "../secret.bin", "a/../../secret.bin", "..", "/etc/passwd", "")) {
            Path file = Files.write(inside.resolve("m.onnx"), adding(external("w", location, null, null, 2)).build().toByteArray());
            assertThatThrownBy(() -> OnnxLoader.read(file)).as(location).isInstanceOf(LoadException.class).hasMessageContaining("'w'");
        }
        Files.createSymbolicLink(inside.resolve("link.bin"), secret);
        Files.createSymbolicLink(inside.resolve("up"), folder);
        for (String location : List.of("link.bin", "up/secret.bin")) {
            Path file = Files.write(inside.resolve("m.onnx"), adding(external("w", location, null, null, 2)).build().toByteArray());
            assertThatThrownBy(() -> OnnxLoader.read(file)).as(location).isInstanceOf(LoadException.class)
                    .hasMessageContaining("outside the model's folder");
        }
        assertThatThrownBy(() -> OnnxLoader.read(adding(external("w", "w.bin", null, null, 2)).build().toByteArray(), "bytes"))
                .isInstanceOf(LoadException.class)
                .hasMessageContaining("not read from a folder");
    }

    /** Large data stays in the file; of small data each would keep its pages there in memory. */
    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 4096, 4097, 100_000})
    void onlySmallDataIsCopiedOutOfTheFile(int n) throws IOException {
        float[] values = new float[n];
        for (int i = 0; i < n; i++)
            values[i] = i + 0.5f;
        Path file = Files.write(folder.resolve("m.onnx"), adding(raw("w", values)).build().toByteArray());
        ByteBuffer bytes = ByteBuffer.allocate(n * 4).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        Files.write(folder.resolve("w.bin"), bytes.array());
        Path beside = Files.write(folder.resolve("x.onnx"), adding(external("w", "w.bin", null, null, n)).build().toByteArray());
        for (Path p : List.of(file, beside))
            try (Model m = OnnxLoader.read(p)) {
                Tensor w = m.graph().nodes().getFirst().input(1).constant();
                assertThat(w.data().isMapped()).as(p.toString()).isEqualTo(n > 4096);
                assertThat(w.toFloats()).as(p.toString()).containsExactly(values);
            }
    }
}
