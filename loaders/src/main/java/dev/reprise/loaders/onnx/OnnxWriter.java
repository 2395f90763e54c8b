package dev.reprise.loaders.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.reprise.engine.Model;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.graph.ValueType.Dim;
import dev.reprise.loaders.onnx.proto.Onnx.AttributeProto;
import dev.reprise.loaders.onnx.proto.Onnx.GraphProto;
import dev.reprise.loaders.onnx.proto.Onnx.ModelProto;
import dev.reprise.loaders.onnx.proto.Onnx.NodeProto;
import dev.reprise.loaders.onnx.proto.Onnx.OperatorSetIdProto;
import dev.reprise.loaders.onnx.proto.Onnx.StringStringEntryProto;
import dev.reprise.loaders.onnx.proto.Onnx.TensorProto;
import dev.reprise.loaders.onnx.proto.Onnx.TensorShapeProto;
import dev.reprise.loaders.onnx.proto.Onnx.TypeProto;
import dev.reprise.loaders.onnx.proto.Onnx.ValueInfoProto;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes a {@link Model} as an ONNX file. Values are told apart by identity, so names that several bear get a number.
 * Weights are written as raw data, straight from their memory; a model beyond protobuf's 2 GB is refused.
 */
public final class OnnxWriter {
    private final Map<Value, String> names = new IdentityHashMap<>();
    private final Set<String> taken = new HashSet<>();

    private OnnxWriter() {}

    /**
     * @throws IOException              where the file cannot be written; nothing is left behind then
     * @throws IllegalArgumentException for graphs with values whose type is not known at the edges, or over 2 GB
     */
    public static void write(Model model, Path file) throws IOException {
        ModelProto proto = new OnnxWriter().model(model);
        Path temporary = Files.createTempFile(file.toAbsolutePath().getParent(), file.getFileName().toString(), ".part");
        try {
            try (OutputStream out = Files.newOutputStream(temporary)) {
                proto.writeTo(out);
            }
            Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private ModelProto model(Model model) {
        Model.Info info = model.info();
        ModelProto.Builder b = ModelProto.newBuilder().setIrVersion(info.irVersion()).setProducerName(info.producer())
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(info.opset())).setGraph(graph(model.graph()));
        info.metadata().forEach((k, v) -> b.addMetadataProps(StringStringEntryProto.newBuilder().setKey(k).setValue(v)));
        return b.build();
    }

    private GraphProto graph(Graph g) {
        GraphProto.Builder b = GraphProto.newBuilder().setName(g.name());
        g.inputs().forEach(v -> b.addInput(info(v)));
        Set<Value> initializers = java.util.Collections.newSetFromMap(new IdentityHashMap<>());
        for (Node n : g.nodes())
            for (Value v : n.inputs())
                if (v != null && v.isConstant() && initializers.add(v)) b.addInitializer(tensor(v.constant()).setName(name(v)));
        for (Value v : g.outputs())
            if (v.isConstant() && initializers.add(v)) b.addInitializer(tensor(v.constant()).setName(name(v)));
        g.nodes().forEach(n -> b.addNode(node(n)));
        g.outputs().forEach(v -> b.addOutput(info(v)));
        return b.build();
    }

    private String name(Value v) {
        return names.computeIfAbsent(v, k -> {
            String name = k.name();
            for (int i = 1; !taken.add(name); i++)
                name = k.name() + "#" + i;
            return name;
        });
    }

    private ValueInfoProto info(Value v) {
        ValueInfoProto.Builder b = ValueInfoProto.newBuilder().setName(name(v));
        if (!(v.type() instanceof ValueType.TensorType t))
            throw new IllegalArgumentException(
                    "value '" + v.name() + "' has no tensor type, found " + v.type() + "; inputs and outputs need one");
        TypeProto.Tensor.Builder type = TypeProto.Tensor.newBuilder().setElemType(t.dtype().code());
        if (t.dims() != null) {
            TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
            for (Dim d : t.dims())
                shape.addDim(switch (d) {
                    case Dim.Known(long size) -> TensorShapeProto.Dimension.newBuilder().setDimValue(size).build();
                    case Dim.Symbol(String s) -> TensorShapeProto.Dimension.newBuilder().setDimParam(s).build();
                });
            type.setShape(shape);
        }
        return b.setType(TypeProto.newBuilder().setTensorType(type)).build();
    }

    private NodeProto node(Node n) {
        NodeProto.Builder b = NodeProto.newBuilder().setName(n.name()).setOpType(n.opType()).setDomain(n.domain());
        n.inputs().forEach(v -> b.addInput(v == null ? "" : name(v)));
        n.outputs().forEach(v -> b.addOutput(v == null ? "" : name(v)));
        for (String a : n.attributes().names())
            b.addAttribute(attribute(a, n.attributes().get(a)));
        return b.build();
    }

    private AttributeProto attribute(String name, Object value) {
        AttributeProto.Builder b = AttributeProto.newBuilder().setName(name);
        switch (value) {
            case Long i -> b.setType(AttributeProto.AttributeType.INT).setI(i);
            case Float f -> b.setType(AttributeProto.AttributeType.FLOAT).setF(f);
            case String s -> b.setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(s));
            case Tensor t -> b.setType(AttributeProto.AttributeType.TENSOR).setT(tensor(t));
            case Graph g -> b.setType(AttributeProto.AttributeType.GRAPH).setG(graph(g));
            case long[] l -> {
                b.setType(AttributeProto.AttributeType.INTS);
                for (long i : l)
                    b.addInts(i);
            }
            case float[] l -> {
                b.setType(AttributeProto.AttributeType.FLOATS);
                for (float f : l)
                    b.addFloats(f);
            }
            case String[] l -> {
                b.setType(AttributeProto.AttributeType.STRINGS);
                List.of(l).forEach(s -> b.addStrings(ByteString.copyFromUtf8(s)));
            }
            default -> throw new IllegalArgumentException(
                    "attribute '" + name + "' of kind " + value.getClass().getSimpleName() + " cannot be written");
        }
        return b.build();
    }

    private static TensorProto.Builder tensor(Tensor t) {
        TensorProto.Builder b = TensorProto.newBuilder().setDataType(t.dtype().code());
        for (long d : t.shape().dims())
            b.addDims(d);
        if (t.byteSize() > Integer.MAX_VALUE)
            throw new IllegalArgumentException(
                    "a tensor of " + t.byteSize() + " bytes does not fit an ONNX file; 2 GB is protobuf's limit");
        return b.setRawData(UnsafeByteOperations.unsafeWrap(t.data().asByteBuffer()));
    }
}
