package dev.reprise.loaders.onnx;

import static dev.reprise.loaders.onnx.Protos.raw;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.MessageLite;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.onnx.proto.Onnx.OptionalProto;
import dev.reprise.loaders.onnx.proto.Onnx.SequenceProto;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatumReaderTest {
    private static final ValueType SEQUENCE = new ValueType.SequenceType(null);
    private static final ValueType OPTIONAL = new ValueType.OptionalType(null);

    @TempDir
    Path folder;

    private Datum read(MessageLite message, ValueType type, Arena arena) throws IOException {
        return DatumReader.read(Files.write(folder.resolve("v.pb"), message.toByteArray()), type, arena);
    }

    @Test
    void sequencesAndOptionals() throws IOException {
        SequenceProto sequence = SequenceProto.newBuilder().setElemType(1).addTensorValues(raw("a", 1, 2)).addTensorValues(raw("b", 3))
                .build();
        try (Arena arena = Arena.ofConfined()) {
            Datum.Sequence s = (Datum.Sequence) read(sequence, SEQUENCE, arena);
            assertThat(s.elements()).hasSize(2);
            assertThat(((Tensor) s.elements().get(1)).toFloats()).containsExactly(3);
            Datum.Optional o = (Datum.Optional) read(OptionalProto.newBuilder().setElemType(3).setSequenceValue(sequence).build(), OPTIONAL,
                    arena);
            assertThat(((Datum.Sequence) o.value()).elements()).hasSize(2);
            assertThat(((Datum.Optional) read(OptionalProto.newBuilder().build(), OPTIONAL, arena)).value()).isNull();
            assertThat(((Datum.Optional) read(OptionalProto.newBuilder().setElemType(1).build(), OPTIONAL, arena)).value()).isNull();
        }
    }

    @Test
    void mapsAreUnsupportedAndDamageIsNamed() {
        try (Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> read(SequenceProto.newBuilder().setElemType(4).build(), SEQUENCE, arena)).isInstanceOfSatisfying(
                    LoadException.class,
                    e -> assertThat(e.unsupported()).isTrue());
            SequenceProto deep = SequenceProto.getDefaultInstance();
            for (int i = 0; i < 300; i++)
                deep = SequenceProto.newBuilder().setElemType(3).addSequenceValues(deep).build();
            SequenceProto nested = deep;
            assertThatThrownBy(() -> read(nested, SEQUENCE, arena)).isInstanceOf(LoadException.class).hasMessageContaining("nested deeper");
            assertThatThrownBy(() -> DatumReader.read(folder.resolve("none.pb"), null, arena)).isInstanceOf(LoadException.class)
                    .hasMessageContaining("none.pb");
        }
    }
}
