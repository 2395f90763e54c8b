package dev.reprise.loaders.onnx;

import static dev.reprise.loaders.onnx.Protos.adding;
import static dev.reprise.loaders.onnx.Protos.attribute;
import static dev.reprise.loaders.onnx.Protos.entry;
import static dev.reprise.loaders.onnx.Protos.graph;
import static dev.reprise.loaders.onnx.Protos.model;
import static dev.reprise.loaders.onnx.Protos.node;
import static dev.reprise.loaders.onnx.Protos.opset;
import static dev.reprise.loaders.onnx.Protos.raw;
import static dev.reprise.loaders.onnx.Protos.tensor;
import static dev.reprise.loaders.onnx.Protos.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.engine.Model;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.onnx.proto.Onnx.GraphProto;
import dev.reprise.loaders.onnx.proto.Onnx.ModelProto;
import dev.reprise.loaders.onnx.proto.Onnx.SparseTensorProto;
import dev.reprise.loaders.onnx.proto.Onnx.TypeProto;
import dev.reprise.loaders.onnx.proto.Onnx.ValueInfoProto;
import dev.reprise.ops.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxLoaderTest {
    @TempDir
    Path folder;

    private static Model read(ModelProto.Builder m) { return OnnxLoader.read(m.build().toByteArray(), "m.onnx"); }

    private static void refused(ModelProto.Builder m, String... parts) {
        assertThatThrownBy(() -> read(m)).isInstanceOf(LoadException.class).hasMessageStartingWith("m.onnx: ")
                .hasMessageContainingAll(parts);
    }

    @Test
    void readsAGraph() {
        try (Model m = read(adding(raw("w", 1, 2)))) {
            Graph g = m.graph();
            assertThat(g.inputs()).extracting(Value::name).containsExactly("x");
            assertThat(g.nodes()).hasSize(1);
            Node n = g.nodes().getFirst();
            assertThat(n.input(0)).isSameAs(g.inputs().getFirst());
            assertThat(n.input(1).constant().toFloats()).containsExactly(1, 2);
            assertThat(n.output(0)).isSameAs(g.outputs().getFirst());
            assertThat(n.opset()).isEqualTo(17);
        }
    }

    @Test
    void readsFromAFileAndHashesIt() throws IOException, NoSuchAlgorithmException {
        byte[] bytes = adding(raw("w", 1, 2)).addMetadataProps(entry("k", "v")).build().toByteArray();
        Path file = Files.write(folder.resolve("a.onnx"), bytes);
        try (Model m = OnnxLoader.read(file)) {
            assertThat(m.info().name()).isEqualTo("a.onnx");
            assertThat(m.info().sha256()).isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
            assertThat(m.info().metadata()).containsEntry("k", "v");
            assertThat(m.info().irVersion()).isEqualTo(8);
            assertThat(m.info().opset()).isEqualTo(17);
            assertThat(m.info().producer()).isEqualTo("test");
            assertThat(m.graph().nodes().getFirst().input(1).constant().toFloats()).containsExactly(1, 2);
        }
    }

    @Test
    void aMissingFileIsALoadException() {
        assertThatThrownBy(() -> OnnxLoader.load(folder.resolve("none.onnx"))).isInstanceOf(LoadException.class)
                .hasMessageContainingAll("none.onnx", "cannot be read");
    }

    @Test
    void declaredTypesKeepSymbols() {
        GraphProto.Builder g = graph(node("Identity", List.of("x"), "y")).addInput(value("x", 10, "N", 3, "?", -1)).addOutput(value("y"));
        try (Model m = read(model(g))) {
            assertThat(m.graph().inputs().getFirst().type()).isInstanceOfSatisfying(ValueType.TensorType.class, t -> {
                assertThat(t.dtype()).isEqualTo(DType.FLOAT16);
                assertThat(t.dims()).hasToString("[N, 3, ?, ?]");
                assertThat(t.shape()).isNull();
            });
        }
    }

    @Test
    void sequenceAndOptionalTypes() {
        TypeProto tensor = value("x", 7, 2).getType();
        TypeProto sequence = TypeProto.newBuilder().setSequenceType(TypeProto.Sequence.newBuilder().setElemType(tensor)).build();
        TypeProto optional = TypeProto.newBuilder().setOptionalType(TypeProto.Optional.newBuilder().setElemType(sequence)).build();
        GraphProto.Builder g = graph(node("Identity", List.of("x"), "y"))
                .addInput(ValueInfoProto.newBuilder().setName("x").setType(optional)).addOutput(value("y"));
        try (Model m = read(model(g))) {
            assertThat(m.graph().inputs().getFirst().type()).isInstanceOfSatisfying(ValueType.OptionalType.class,
                    o -> assertThat(o.element()).isInstanceOfSatisfying(ValueType.SequenceType.class,
                            s -> assertThat(s.element()).hasToString("int64[2]")));
        }
    }

    @Test
    void anInitializerThatIsAnInputIsAConstant() {
        ModelProto.Builder m = adding(raw("w", 1, 2)).setIrVersion(3);
        m.getGraphBuilder().addInput(value("w"));
        try (Model r = read(m)) {
            assertThat(r.graph().inputs()).extracting(Value::name).containsExactly("x");
        }
        m.getGraphBuilder().setInput(1, value("w", 7, 2));
        refused(m, "'w'", "float32", "int64");
    }

    @Test
    void absentInputsAndUnwantedOutputsAreNull() {
        GraphProto.Builder g = graph(node("Clip", List.of("x", "", "x"), "y", "")).addInput(value("x")).addOutput(value("y"));
        try (Model m = read(model(g))) {
            Node n = m.graph().nodes().getFirst();
            assertThat(n.inputs()).hasSize(3);
            assertThat(n.input(1)).isNull();
            assertThat(n.output(1)).isNull();
        }
    }

    @Test
    void unsortedNodesAreSorted() {
        GraphProto.Builder g = graph(node("Neg", List.of("b"), "y"), node("Abs", List.of("x"), "a"), node("Exp", List.of("a"), "b"))
                .addInput(value("x"))
                .addOutput(value("y"));
        try (Model m = read(model(g))) {
            assertThat(m.graph().nodes()).extracting(Node::opType).containsExactly("Abs", "Exp", "Neg");
        }
    }

    @Test
    void subgraphsReferToOuterValuesAndOrderTheirNode() {
        GraphProto.Builder branch = graph(node("Neg", List.of("a"), "z")).addOutput(value("z"));
        GraphProto.Builder g = graph(
                node("If", List.of("c"), "y").addAttribute(attribute("then_branch", branch)).addAttribute(attribute("else_branch", branch)),
                node("Abs", List.of("x"), "a")).addInput(value("x")).addInput(value("c", 9)).addOutput(value("y"));
        try (Model m = read(model(g))) {
            assertThat(m.graph().nodes()).extracting(Node::opType).containsExactly("Abs", "If");
            Graph then = m.graph().nodes().get(1).attributes().graph("then_branch");
            Graph other = m.graph().nodes().get(1).attributes().graph("else_branch");
            assertThat(then.nodes().getFirst().input(0)).isSameAs(m.graph().nodes().getFirst().output(0));
            assertThat(then.outputs().getFirst()).isSameAs(then.nodes().getFirst().output(0)).isNotSameAs(other.outputs().getFirst());
        }
    }

    @Test
    void aNameOfTheSubgraphHidesAnOuterOne() {
        GraphProto.Builder branch = graph(node("Neg", List.of("x"), "a"), node("Exp", List.of("a"), "z")).addOutput(value("z"));
        GraphProto.Builder g = graph(node("Abs", List.of("x"), "a"),
                node("If", List.of("c"), "y").addAttribute(attribute("then_branch", branch)).addAttribute(attribute("else_branch", branch)))
                .addInput(value("x"))
                .addInput(value("c", 9)).addOutput(value("y"));
        try (Model m = read(model(g))) {
            Graph then = m.graph().nodes().get(1).attributes().graph("then_branch");
            assertThat(then.nodes().get(1).input(0)).isSameAs(then.nodes().get(0).output(0))
                    .isNotSameAs(m.graph().nodes().getFirst().output(0));
        }
    }

    @Test
    void sparseInitializersBecomeDense() {
        SparseTensorProto.Builder linear = SparseTensorProto.newBuilder().setValues(raw("w", 5, 7))
                .setIndices(tensor("", 7, 2).addInt64Data(1).addInt64Data(3)).addDims(2)
                .addDims(2);
        SparseTensorProto.Builder full = SparseTensorProto.newBuilder().setValues(raw("w", 5, 7))
                .setIndices(tensor("", 7, 2, 2).addInt64Data(0).addInt64Data(1).addInt64Data(1).addInt64Data(1)).addDims(2).addDims(2);
        for (SparseTensorProto.Builder s : List.of(linear, full)) {
            ModelProto.Builder m = adding(raw("unused", 1));
            m.getGraphBuilder().addSparseInitializer(s);
            try (Model r = read(m)) {
                assertThat(r.graph().nodes().getFirst().input(1).constant().toFloats()).containsExactly(0, 5, 0, 7);
            }
        }
        ModelProto.Builder outside = adding(raw("unused", 1));
        outside.getGraphBuilder().addSparseInitializer(linear.clone().setIndices(tensor("", 7, 2).addInt64Data(1).addInt64Data(4)));
        refused(outside, "sparse index 4");
    }

    @Test
    void aiOnnxIsTheDefaultDomain() {
        ModelProto.Builder m = model(graph(node("Neg", List.of("x"), "y").setDomain("ai.onnx")).addInput(value("x")).addOutput(value("y")))
                .clearOpsetImport()
                .addOpsetImport(opset("ai.onnx", 11));
        try (Model r = read(m)) {
            assertThat(r.graph().nodes().getFirst().is("Neg")).isTrue();
            assertThat(r.graph().nodes().getFirst().opset()).isEqualTo(11);
        }
    }

    @Test
    void whatContradictsItselfIsRefused() {
        GraphProto.Builder ok = graph(node("Neg", List.of("x"), "y")).addInput(value("x")).addOutput(value("y"));
        refused(model(ok.clone().setNode(0, node("Neg", List.of("nowhere"), "y"))), "Neg node 'y_node'", "'nowhere'",
                "produced by nothing");
        refused(model(ok.clone().addOutput(value("z"))), "graph output 'z'", "produced by nothing");
        refused(model(ok.clone().addNode(node("Abs", List.of("x"), "y"))), "Abs node 'y_node'", "'y'", "already");
        refused(model(ok.clone().addInput(value("x"))), "'x'", "twice");
        refused(model(ok.clone().addInitializer(raw("w", 1)).addInitializer(raw("w", 1))), "'w'", "twice");
        refused(model(graph(node("Neg", List.of("y"), "a"), node("Neg", List.of("a"), "y")).addOutput(value("y"))), "cycle");
        refused(model(ok.clone().addNode(node("Abs", List.of("x"), "z").addAttribute(attribute("a", 1)).addAttribute(attribute("a", 2)))),
                "'a'", "twice");
        refused(ModelProto.newBuilder().setIrVersion(8), "no graph");
        refused(model(ok).clearOpsetImport(), "imports no version");
    }

    @Test
    void versionsOutsideTheRangeAreUnsupported() {
        GraphProto.Builder g = graph(node("Neg", List.of("x"), "y")).addInput(value("x")).addOutput(value("y"));
        for (ModelProto.Builder m : List.of(model(g).setIrVersion(2), model(g).setIrVersion(14),
                model(g).clearOpsetImport().addOpsetImport(opset("", 25))))
            assertThatThrownBy(() -> read(m)).isInstanceOfSatisfying(LoadException.class, e -> assertThat(e.unsupported()).isTrue());
        for (int ir = 3; ir <= 13; ir++)
            read(model(g).setIrVersion(ir)).close();
    }

    @Test
    void everyUnsupportedOperatorIsNamed() {
        GraphProto.Builder branch = graph(node("Inner", List.of("x"), "z")).addOutput(value("z"));
        byte[] bytes = model(graph(node("Foo", List.of("x"), "a"), node("Identity", List.of("a"), "b"), call("com.acme", "Bar", "b", "c"),
                node("If", List.of("x"), "y").addAttribute(attribute("then_branch", branch)).addAttribute(attribute("else_branch", branch)))
                .addInput(value("x"))
                .addOutput(value("y"))).build().toByteArray();
        assertThatThrownBy(() -> OnnxLoader.load(bytes, "m.onnx")).isInstanceOfSatisfying(LoadException.class, e -> {
            assertThat(e.unsupported()).isTrue();
            assertThat(e).hasMessageContainingAll("m.onnx", "Foo node 'a_node'", "com.acme.Bar node 'c_node'", "Inner node 'z_node'");
        });
    }

    private static dev.reprise.loaders.onnx.proto.Onnx.NodeProto.Builder call(String domain, String op, String in, String out) {
        return Protos.call(domain, op, List.of(in), out);
    }

    @Test
    void elementTypesThatCannotBeStoredAreUnsupported() {
        for (int dtype : new int[]{8, 14, 15, 17, 18, 19, 20, 21, 22, 23, 24})
            assertThatThrownBy(() -> read(adding(tensor("w", dtype, 0)))).isInstanceOfSatisfying(LoadException.class, e -> {
                assertThat(e.unsupported()).isTrue();
                assertThat(e).hasMessageContaining("initializer 'w'");
            });
        refused(adding(tensor("w", 99, 0)), "'w'", "element type 99");
        refused(model(graph(node("Neg", List.of("x"), "y")).addInput(value("x", 8, 2)).addOutput(value("y"))), "graph input 'x'", "string");
    }
}
