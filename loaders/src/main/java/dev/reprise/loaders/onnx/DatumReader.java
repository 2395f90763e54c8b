package dev.reprise.loaders.onnx;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.Source;
import dev.reprise.loaders.onnx.proto.Onnx.OptionalProto;
import dev.reprise.loaders.onnx.proto.Onnx.SequenceProto;
import dev.reprise.loaders.onnx.proto.Onnx.TensorProto;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads values in files of their own (.pb): a TensorProto, SequenceProto or OptionalProto. The file does not say which it
 * is; the type that a graph declares for the value does.
 */
public final class DatumReader {
    private final Source source;
    private final TensorReader tensors;

    private DatumReader(Source source, TensorReader tensors) {
        this.source = source;
        this.tensors = tensors;
    }

    /**
     * The value in a file.
     *
     * @param type  what it is; null is taken as a tensor
     * @param arena the value's memory lives as long as this arena
     * @throws LoadException where the file cannot be read, is damaged, or holds what Reprise does not store
     */
    public static Datum read(Path file, ValueType type, Arena arena) {
        Source source = new Source(file.getFileName().toString());
        return read(source, source.map(file, arena), type, file.toAbsolutePath().getParent(), arena);
    }

    /** As {@link #read(Path, ValueType, Arena)}, from memory. */
    public static Datum read(MemorySegment bytes, String name, ValueType type, Arena arena) {
        return read(new Source(name), bytes, type, null, arena);
    }

    private static Datum read(Source source, MemorySegment bytes, ValueType type, Path folder, Arena arena) {
        return switch (type) {
            case ValueType.SequenceType _ -> {
                Splitter.Split s = Splitter.split(source, bytes, SequenceProto.getDescriptor());
                yield reader(source, s, folder, arena).sequence(parse(source, s, SequenceProto.parser()));
            }
            case ValueType.OptionalType _ -> {
                Splitter.Split s = Splitter.split(source, bytes, OptionalProto.getDescriptor());
                yield reader(source, s, folder, arena).optional(parse(source, s, OptionalProto.parser()));
            }
            case null, default -> {
                Splitter.Split s = Splitter.split(source, bytes, TensorProto.getDescriptor());
                yield reader(source, s, folder, arena).tensor(parse(source, s, TensorProto.parser()));
            }
        };
    }

    private static DatumReader reader(Source source, Splitter.Split s, Path folder, Arena arena) {
        return new DatumReader(source, new TensorReader(source, s.payloads(), new ExternalData(source, folder, arena), arena));
    }

    private static <T> T parse(Source source, Splitter.Split s, Parser<T> parser) {
        try {
            return parser.parseFrom(s.bytes(), 0, s.length());
        } catch (InvalidProtocolBufferException e) {
            throw source.error("is damaged (" + e.getMessage() + ")", e);
        }
    }

    private Tensor tensor(TensorProto t) { return tensors.read(t, "tensor '" + t.getName() + "'"); }

    private Datum.Sequence sequence(SequenceProto s) {
        List<Datum> list = new ArrayList<>();
        switch (s.getElemType()) {
            case SequenceProto.DataType.TENSOR_VALUE -> s.getTensorValuesList().forEach(t -> list.add(tensor(t)));
            case SequenceProto.DataType.SPARSE_TENSOR_VALUE ->
                s.getSparseTensorValuesList().forEach(t -> list.add(tensors.read(t, "sparse tensor")));
            case SequenceProto.DataType.SEQUENCE_VALUE -> s.getSequenceValuesList().forEach(t -> list.add(sequence(t)));
            case SequenceProto.DataType.OPTIONAL_VALUE -> s.getOptionalValuesList().forEach(t -> list.add(optional(t)));
            case SequenceProto.DataType.UNDEFINED_VALUE -> {
            }
            default -> throw source.unsupported("a sequence of element kind " + s.getElemType());
        }
        return new Datum.Sequence(list);
    }

    private Datum.Optional optional(OptionalProto o) {
        return new Datum.Optional(switch (o.getElemType()) {
            case OptionalProto.DataType.TENSOR_VALUE -> o.hasTensorValue() ? tensor(o.getTensorValue()) : null;
            case OptionalProto.DataType.SPARSE_TENSOR_VALUE ->
                o.hasSparseTensorValue() ? tensors.read(o.getSparseTensorValue(), "sparse tensor") : null;
            case OptionalProto.DataType.SEQUENCE_VALUE -> o.hasSequenceValue() ? sequence(o.getSequenceValue()) : null;
            case OptionalProto.DataType.OPTIONAL_VALUE -> o.hasOptionalValue() ? optional(o.getOptionalValue()) : null;
            case OptionalProto.DataType.UNDEFINED_VALUE -> null;
            default -> throw source.unsupported("an optional of element kind " + o.getElemType());
        });
    }
}
