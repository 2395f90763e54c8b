package dev.reprise.loaders.onnx;

import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.loaders.Source;
import dev.reprise.loaders.onnx.proto.Onnx.AttributeProto;
import dev.reprise.loaders.onnx.proto.Onnx.AttributeProto.AttributeType;
import dev.reprise.loaders.onnx.proto.Onnx.GraphProto;
import dev.reprise.ops.tensor.Tensor;
import com.google.protobuf.ByteString;
import java.util.function.Function;

/**
 * Turns AttributeProtos into the values that {@code Attributes} holds. Sparse tensors become dense, type attributes
 * become {@link ValueType}s.
 */
final class AttributeReader {
    private final Source source;
    private final TensorReader tensors;
    private final TypeReader types;

    AttributeReader(Source source, TensorReader tensors, TypeReader types) {
        this.source = source;
        this.tensors = tensors;
        this.types = types;
    }

    /**
     * @param where    names the attribute in messages
     * @param subgraph imports a graph attribute
     */
    Object read(AttributeProto a, String where, Function<GraphProto, Graph> subgraph) {
        AttributeType type = a.hasType() && a.getType() != AttributeType.UNDEFINED ? a.getType() : guess(a, where);
        return switch (type) {
            case FLOAT -> a.getF();
            case INT -> a.getI();
            case STRING -> a.getS().toStringUtf8();
            case TENSOR -> {
                if (!a.hasT()) throw source.error(where + ": has no tensor");
                yield tensors.read(a.getT(), where);
            }
            case GRAPH -> {
                if (!a.hasG()) throw source.error(where + ": has no graph");
                yield subgraph.apply(a.getG());
            }
            case FLOATS -> {
                float[] f = new float[a.getFloatsCount()];
                for (int i = 0; i < f.length; i++)
                    f[i] = a.getFloats(i);
                yield f;
            }
            case INTS -> a.getIntsList().stream().mapToLong(Long::longValue).toArray();
            case STRINGS -> a.getStringsList().stream().map(ByteString::toStringUtf8).toArray(String[]::new);
            case TENSORS -> a.getTensorsList().stream().map(t -> tensors.read(t, where)).toArray(Tensor[]::new);
            case GRAPHS -> a.getGraphsList().stream().map(subgraph).toArray(Graph[]::new);
            case SPARSE_TENSOR -> {
                if (!a.hasSparseTensor()) throw source.error(where + ": has no sparse tensor");
                yield tensors.read(a.getSparseTensor(), where);
            }
            case SPARSE_TENSORS -> a.getSparseTensorsList().stream().map(t -> tensors.read(t, where)).toArray(Tensor[]::new);
            case TYPE_PROTO -> {
                ValueType t = types.read(a.getTp(), where);
                if (t == null) throw source.error(where + ": has no type");
                yield t;
            }
            default -> throw source.unsupported(where + ": kind " + type);
        };
    }

    /** Old writers left the kind out: it is that of the one field that is there. */
    private AttributeType guess(AttributeProto a, String where) {
        if (a.hasF()) return AttributeType.FLOAT;
        if (a.hasI()) return AttributeType.INT;
        if (a.hasS()) return AttributeType.STRING;
        if (a.hasT()) return AttributeType.TENSOR;
        if (a.hasG()) return AttributeType.GRAPH;
        if (a.hasSparseTensor()) return AttributeType.SPARSE_TENSOR;
        if (a.hasTp()) return AttributeType.TYPE_PROTO;
        if (a.getFloatsCount() > 0) return AttributeType.FLOATS;
        if (a.getIntsCount() > 0) return AttributeType.INTS;
        if (a.getStringsCount() > 0) return AttributeType.STRINGS;
        if (a.getTensorsCount() > 0) return AttributeType.TENSORS;
        if (a.getGraphsCount() > 0) return AttributeType.GRAPHS;
        throw source.error(where + ": has neither a kind nor a value");
    }
}
