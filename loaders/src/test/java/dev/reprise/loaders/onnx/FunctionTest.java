package dev.reprise.loaders.onnx;

import static dev.reprise.loaders.onnx.Protos.attribute;
import static dev.reprise.loaders.onnx.Protos.call;
import static dev.reprise.loaders.onnx.Protos.function;
import static dev.reprise.loaders.onnx.Protos.graph;
import static dev.reprise.loaders.onnx.Protos.model;
import static dev.reprise.loaders.onnx.Protos.node;
import static dev.reprise.loaders.onnx.Protos.opset;
import static dev.reprise.loaders.onnx.Protos.reference;
import static dev.reprise.loaders.onnx.Protos.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.engine.Model;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.onnx.proto.Onnx.AttributeProto.AttributeType;
import dev.reprise.loaders.onnx.proto.Onnx.FunctionProto;
import dev.reprise.loaders.onnx.proto.Onnx.ModelProto;
import dev.reprise.loaders.onnx.proto.Onnx.NodeProto;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Model-local functions: their calls are replaced by their bodies. */
class FunctionTest {
    private static final String D = "local";

    private static ModelProto.Builder calling(NodeProto.Builder call, FunctionProto.Builder... functions) {
        ModelProto.Builder m = model(graph(call).addInput(value("x")).addOutput(value("y"))).addOpsetImport(opset(D, 1));
        for (FunctionProto.Builder f : functions)
            m.addFunctions(f);
        return m;
    }

    private static Model read(ModelProto.Builder m) { return OnnxLoader.read(m.build().toByteArray(), "m.onnx"); }

    private static void refused(ModelProto.Builder m, String... parts) {
        assertThatThrownBy(() -> read(m)).isInstanceOf(LoadException.class).hasMessageContainingAll(parts);
    }

    @Test
    void theBodyReplacesTheCall() {
        FunctionProto.Builder f = function(D, "F", List.of("a"), List.of("b"), node("Neg", List.of("a"), "t"),
                node("Exp", List.of("t"), "b")).clearOpsetImport()
                .addOpsetImport(opset("", 13));
        try (Model m = read(calling(call(D, "F", List.of("x"), "y"), f))) {
            Graph g = m.graph();
            assertThat(g.nodes()).extracting(Node::opType).containsExactly("Neg", "Exp");
            assertThat(g.nodes().getFirst().input(0)).isSameAs(g.inputs().getFirst());
            assertThat(g.nodes().getLast().output(0)).isSameAs(g.outputs().getFirst());
            assertThat(g.nodes()).extracting(Node::opset).containsOnly(13);
            assertThat(g.nodes().getFirst().name()).isEqualTo("y_node/t_node");
        }
    }

    @Test
    void attributesComeFromTheCallOrTheDefault() {
        FunctionProto.Builder f = function(D, "F", List.of("a"), List.of("b"),
                node("LeakyRelu", List.of("a"), "b").addAttribute(reference("alpha", "slope", AttributeType.FLOAT))
                        .addAttribute(reference("beta", "other", AttributeType.FLOAT))
                        .addAttribute(reference("gone", "absent", AttributeType.INT)))
                .addAttribute("slope").addAttribute("absent").addAttributeProto(attribute("other", 0.25f));
        try (Model m = read(calling(call(D, "F", List.of("x"), "y").addAttribute(attribute("slope", 0.5f)), f))) {
            Node n = m.graph().nodes().getFirst();
            assertThat(n.attributes().real("alpha")).isEqualTo(0.5f);
            assertThat(n.attributes().real("beta")).isEqualTo(0.25f);
            assertThat(n.attributes().has("gone")).isFalse();
        }
        refused(model(graph(node("LeakyRelu", List.of("x"), "y").addAttribute(reference("alpha", "slope", AttributeType.FLOAT)))
                .addInput(value("x"))
                .addOutput(value("y"))), "outside of a function");
    }

    @Test
    void functionsCallFunctionsAndPassAttributesOn() {
        FunctionProto.Builder inner = function(D, "Inner", List.of("a"), List.of("b"),
                node("LeakyRelu", List.of("a"), "b").addAttribute(reference("alpha", "p", AttributeType.FLOAT)));
        FunctionProto.Builder outer = function(D, "Outer", List.of("a"), List.of("b"),
                call(D, "Inner", List.of("a"), "t").addAttribute(reference("p", "q", AttributeType.FLOAT)),
                call(D, "Inner", List.of("t"), "b").addAttribute(attribute("p", 2f)));
        try (Model m = read(calling(call(D, "Outer", List.of("x"), "y").addAttribute(attribute("q", 1f)), outer, inner))) {
            assertThat(m.graph().nodes()).extracting(n -> n.attributes().real("alpha")).containsExactly(1f, 2f);
        }
    }

    @Test
    void absentInputsStayAbsentAndUnwantedOutputsAreDropped() {
        FunctionProto.Builder f = function(D, "F", List.of("a", "low", "high"), List.of("b", "c"),
                node("Clip", List.of("a", "low", "high"), "b"), node("Neg", List.of("a"), "c"));
        try (Model m = read(calling(call(D, "F", List.of("x", ""), "", "y"), f))) {
            Node clip = m.graph().nodes().getFirst();
            assertThat(clip.input(1)).isNull();
            assertThat(clip.input(2)).isNull();
            assertThat(m.graph().nodes().getLast().output(0)).isSameAs(m.graph().outputs().getFirst());
        }
        refused(calling(call(D, "F", List.of("x", "x", "x", "x"), "y"), f), "takes 3 inputs, found 4");
        refused(calling(call(D, "F", List.of("x"), "y", "u", "v"), f), "gives 2 outputs, found 3");
    }

    @Test
    void anOutputThatIsAnInputBecomesIdentity() {
        FunctionProto.Builder f = function(D, "F", List.of("a"), List.of("a", "b", "b"), node("Neg", List.of("a"), "b"));
        try (Model m = read(calling(call(D, "F", List.of("x"), "y", "z", "w"), f))) {
            assertThat(m.graph().nodes()).extracting(Node::opType).containsExactly("Neg", "Identity", "Identity");
            assertThat(m.graph().outputs().getFirst()).isSameAs(m.graph().nodes().get(1).output(0));
        }
    }

    @Test
    void overloadsAreDistinct() {
        FunctionProto.Builder a = function(D, "F", List.of("a"), List.of("b"), node("Neg", List.of("a"), "b")).setOverload("one");
        FunctionProto.Builder b = function(D, "F", List.of("a"), List.of("b"), node("Exp", List.of("a"), "b")).setOverload("two");
        try (Model m = read(calling(call(D, "F", List.of("x"), "y").setOverload("two"), a, b))) {
            assertThat(m.graph().nodes().getFirst().opType()).isEqualTo("Exp");
        }
        refused(calling(call(D, "F", List.of("x"), "y").setOverload("two"), b, b), "defined twice");
    }

    @Test
    void subgraphsOfTheBodySeeTheBody() {
        var branch = graph(node("Neg", List.of("a"), "z")).addOutput(value("z"));
        FunctionProto.Builder f = function(D, "F", List.of("a"), List.of("b"),
                node("If", List.of("a"), "b").addAttribute(attribute("then_branch", branch))
                        .addAttribute(attribute("else_branch", branch)));
        try (Model m = read(calling(call(D, "F", List.of("x"), "y"), f))) {
            assertThat(m.graph().nodes().getFirst().attributes().graph("then_branch").nodes().getFirst().input(0))
                    .isSameAs(m.graph().inputs().getFirst());
        }
    }

    @Test
    void theBodySeesNothingOfItsCaller() {
        refused(calling(call(D, "F", List.of("x"), "y"), function(D, "F", List.of("a"), List.of("b"), node("Neg", List.of("x"), "b"))),
                "'x'", "produced by nothing");
    }

    @Test
    void recursionIsRefused() {
        FunctionProto.Builder f = function(D, "F", List.of("a"), List.of("b"), call(D, "G", List.of("a"), "b"));
        FunctionProto.Builder g = function(D, "G", List.of("a"), List.of("b"), call(D, "F", List.of("a"), "b"));
        refused(calling(call(D, "F", List.of("x"), "y"), f, g), "calls itself");
    }

    @Test
    void exponentialGrowthIsRefused() {
        ModelProto.Builder m = calling(call(D, "F0", List.of("x"), "y"));
        for (int i = 0; i < 40; i++)
            m.addFunctions(function(D, "F" + i, List.of("a"), List.of("b"), call(D, "F" + (i + 1), List.of("a"), "t"),
                    call(D, "F" + (i + 1), List.of("t"), "b")));
        m.addFunctions(function(D, "F40", List.of("a"), List.of("b"), node("Neg", List.of("a"), "b")));
        refused(m, "nodes once its functions are inlined");
    }

    @Test
    void longChainsOfCallsAreRefused() {
        ModelProto.Builder m = calling(call(D, "F0", List.of("x"), "y"));
        for (int i = 0; i < 5000; i++)
            m.addFunctions(function(D, "F" + i, List.of("a"), List.of("b"), call(D, "F" + (i + 1), List.of("a"), "b")));
        refused(m, "nested deeper");
    }

    @Test
    void brokenBodiesAreRefused() {
        refused(calling(call(D, "F", List.of("x"), "y"), function(D, "F", List.of("a"), List.of("b"))),
                "output 'b' is produced by nothing");
        refused(calling(call(D, "F", List.of("x"), "y"), function(D, "F", List.of("a", "a"), List.of("b"), node("Neg", List.of("a"), "b"))),
                "listed twice");
        refused(calling(call(D, "F", List.of("x"), "y"),
                function(D, "F", List.of("a"), List.of("b"), node("Neg", List.of("a"), "b"), node("Neg", List.of("a"), "b"))),
                "produced twice");
        refused(calling(call(D, "F", List.of("x"), "y"),
                function(D, "F", List.of("a"), List.of("b"), node("Neg", List.of("a"), "b")).clearOpsetImport()),
                "function imports no version");
    }
}
