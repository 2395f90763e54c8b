package dev.reprise.loaders.onnx;

import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.graph.ValueType.Dim;
import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.Source;
import dev.reprise.loaders.onnx.proto.Onnx.TensorProto;
import dev.reprise.loaders.onnx.proto.Onnx.TensorShapeProto;
import dev.reprise.loaders.onnx.proto.Onnx.TypeProto;
import dev.reprise.ops.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Turns TypeProtos into {@link ValueType}s. */
final class TypeReader {
    private final Source source;

    TypeReader(Source source) { this.source = source; }

    /**
     * The declared type, or null where nothing is declared.
     *
     * @param what names the value in messages
     * @throws LoadException (unsupported) for maps, sparse and opaque types, and element types that Reprise does not store
     */
    ValueType read(TypeProto t, String what) {
        return switch (t.getValueCase()) {
            case TENSOR_TYPE -> tensor(t.getTensorType(), what);
            case SEQUENCE_TYPE ->
                new ValueType.SequenceType(element(t.getSequenceType().hasElemType(), t.getSequenceType().getElemType(), what));
            case OPTIONAL_TYPE ->
                new ValueType.OptionalType(element(t.getOptionalType().hasElemType(), t.getOptionalType().getElemType(), what));
            case VALUE_NOT_SET -> null;
            default -> throw source.unsupported(what + ": type " + t.getValueCase().name().toLowerCase(Locale.ROOT));
        };
    }

    private ValueType element(boolean declared, TypeProto t, String what) { return declared ? read(t, what) : null; }

    private ValueType tensor(TypeProto.Tensor t, String what) {
        if (t.getElemType() == 0) return null;
        if (!DType.knows(t.getElemType())) {
            TensorProto.DataType name = TensorProto.DataType.forNumber(t.getElemType());
            if (name == null) throw source.error(what + ": element type " + t.getElemType() + " is not one of ONNX's");
            throw source.unsupported(what + ": element type " + name.name().toLowerCase(Locale.ROOT));
        }
        return new ValueType.TensorType(DType.ofCode(t.getElemType()), t.hasShape() ? dims(t.getShape(), what) : null);
    }

    private List<Dim> dims(TensorShapeProto shape, String what) {
        List<Dim> dims = new ArrayList<>(shape.getDimCount());
        for (TensorShapeProto.Dimension d : shape.getDimList()) {
            // Some exporters write -1 for "any".
            if (d.hasDimValue() && d.getDimValue() < -1) throw source.error(what + ": dimension " + d.getDimValue() + " is negative");
            if (d.hasDimValue() && d.getDimValue() >= 0) dims.add(new Dim.Known(d.getDimValue()));
            else if (d.hasDimParam() && !d.getDimParam().isEmpty()) dims.add(new Dim.Symbol(d.getDimParam()));
            else dims.add(Dim.UNKNOWN);
        }
        return List.copyOf(dims);
    }
}
