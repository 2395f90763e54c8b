package dev.reprise.loaders.onnx;

import com.google.protobuf.ByteString;
import dev.reprise.loaders.onnx.proto.Onnx.AttributeProto;
import dev.reprise.loaders.onnx.proto.Onnx.FunctionProto;
import dev.reprise.loaders.onnx.proto.Onnx.GraphProto;
import dev.reprise.loaders.onnx.proto.Onnx.ModelProto;
import dev.reprise.loaders.onnx.proto.Onnx.NodeProto;
import dev.reprise.loaders.onnx.proto.Onnx.OperatorSetIdProto;
import dev.reprise.loaders.onnx.proto.Onnx.StringStringEntryProto;
import dev.reprise.loaders.onnx.proto.Onnx.TensorProto;
import dev.reprise.loaders.onnx.proto.Onnx.TensorShapeProto;
import dev.reprise.loaders.onnx.proto.Onnx.TypeProto;
import dev.reprise.loaders.onnx.proto.Onnx.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** Short ways to write ONNX messages in tests. */
final class Protos {
    private Protos() {}

    static ModelProto.Builder model(GraphProto.Builder graph) {
        return ModelProto.newBuilder().setIrVersion(8).setProducerName("test").addOpsetImport(opset("", 17)).setGraph(graph);
    }

    static OperatorSetIdProto.Builder opset(String domain, long version) {
        return OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version);
    }

    static GraphProto.Builder graph(NodeProto.Builder... nodes) {
        GraphProto.Builder g = GraphProto.newBuilder().setName("g");
        for (NodeProto.Builder n : nodes)
            g.addNode(n);
        return g;
    }

    /** A node named after its first output. */
    static NodeProto.Builder node(String opType, List<String> inputs, String... outputs) {
        return NodeProto.newBuilder().setName(outputs[0] + "_node").setOpType(opType).addAllInput(inputs)
                .addAllOutput(Arrays.asList(outputs));
    }

    static ValueInfoProto value(String name, int dtype, Object... dims) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (Object d : dims) {
            if (d instanceof String s) shape.addDimBuilder().setDimParam(s);
            else if (d instanceof Number n) shape.addDimBuilder().setDimValue(n.longValue());
            else shape.addDimBuilder();
        }
        return ValueInfoProto.newBuilder().setName(name)
                .setType(TypeProto.newBuilder().setTensorType(TypeProto.Tensor.newBuilder().setElemType(dtype).setShape(shape))).build();
    }

    static ValueInfoProto value(String name) { return value(name, 1, 2); }

    /** A float tensor with raw data. */
    static TensorProto.Builder raw(String name, float... values) {
        ByteBuffer b = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float v : values)
            b.putFloat(v);
        return tensor(name, 1, values.length).setRawData(ByteString.copyFrom(b.array()));
    }

    static TensorProto.Builder tensor(String name, int dtype, long... dims) {
        TensorProto.Builder t = TensorProto.newBuilder().setName(name).setDataType(dtype);
        for (long d : dims)
            t.addDims(d);
        return t;
    }

    static TensorProto.Builder external(String name, String location, String offset, String length, long... dims) {
        TensorProto.Builder t = tensor(name, 1, dims).setDataLocation(TensorProto.DataLocation.EXTERNAL);
        if (location != null) t.addExternalData(entry("location", location));
        if (offset != null) t.addExternalData(entry("offset", offset));
        if (length != null) t.addExternalData(entry("length", length));
        return t;
    }

    static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    static AttributeProto.Builder attribute(String name, long value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INT).setI(value);
    }

    static AttributeProto.Builder attribute(String name, float value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.FLOAT).setF(value);
    }

    static AttributeProto.Builder attribute(String name, GraphProto.Builder value) {
        return AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.GRAPH).setG(value);
    }

    /** Within a function: the value of the call's attribute {@code of}. */
    static AttributeProto.Builder reference(String name, String of, AttributeProto.AttributeType type) {
        return AttributeProto.newBuilder().setName(name).setType(type).setRefAttrName(of);
    }

    static FunctionProto.Builder function(String domain, String name, List<String> inputs, List<String> outputs,
            NodeProto.Builder... nodes) {
        FunctionProto.Builder f = FunctionProto.newBuilder().setDomain(domain).setName(name).addAllInput(inputs).addAllOutput(outputs)
                .addOpsetImport(opset("", 17)).addOpsetImport(opset(domain, 1));
        for (NodeProto.Builder n : nodes)
            f.addNode(n);
        return f;
    }

    /** A model y = x + w with one initializer. */
    static ModelProto.Builder adding(TensorProto.Builder w) {
        return model(graph(node("Add", List.of("x", "w"), "y")).addInput(value("x")).addOutput(value("y")).addInitializer(w));
    }

    static NodeProto.Builder call(String domain, String function, List<String> inputs, String... outputs) {
        return node(function, inputs, outputs).setDomain(domain);
    }
}
