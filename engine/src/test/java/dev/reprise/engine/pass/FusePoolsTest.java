package dev.reprise.engine.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.plan.PlanOptions;
import dev.reprise.engine.plan.PlanStep;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A ResNet's first layers become one node, with the bits of two, where nobody else wants what is between them. */
class FusePoolsTest {
    private static final String CONV = "ConvChannelsLast", POOL = "MaxPoolChannelsLast", BOTH = "ConvMaxPoolChannelsLast";
    private static final int CHANNELS = 64;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final Arena arena = Arena.ofShared();
    private final Tensor weights = random(CHANNELS, 3, 7, 7), bias = random(CHANNELS);

    /** Activation, convolution's bias, size, stride, padding before and behind and rounding of the windows, float32, and whether one node computes it. */
    @ParameterizedTest
    @CsvSource({"Relu,true,3,2,1,1,0,true", "Relu,false,2,2,0,0,0,true", "Relu,true,3,2,0,0,1,true", "Relu,true,3,1,1,1,0,true",
        "Relu,true,5,2,2,2,0,false", "Relu,true,1,2,0,0,0,false", "Sigmoid,true,3,2,1,1,0,false", "Identity,true,3,2,1,1,0,false"})
    void givesTheBitsOfTwoNodes(String activation, boolean biased, int size, int stride, int begin, int end, int ceil, boolean one) {
        Map<String, Tensor> in = Map.of("x", random(2, 3, 46, 61));
        Graph g = graph(activation, biased, size, stride, begin, end, ceil, false),
                apart = graph(activation, biased, size, stride, begin, end, ceil, true);
        try (Session s = session(g, PlanOptions.DEFAULT);
                Session two = session(apart, PlanOptions.DEFAULT);
                Session exact = session(g, PlanOptions.DEFAULT.exact(true))) {
            assertThat(operators(s, g)).as("seed %d", seed).contains(one ? BOTH : POOL).doesNotContain(one ? POOL : BOTH);
            assertThat(operators(two, apart)).contains(CONV, POOL).doesNotContain(BOTH);
            assertThat(operators(exact, g)).contains(CONV, POOL).doesNotContain(BOTH);
            Tensor found = s.run(in, arena).get("y");
            assertThat(found.sha256()).as("seed %d", seed).isEqualTo(two.run(in, arena).get("y").sha256());
            float[] direct = exact.run(in, arena).get("y").toFloats(), own = found.toFloats();
            for (int i = 0; i < own.length; i++)
                assertThat(own[i]).as("seed %d, element %d", seed, i).isCloseTo(direct[i], org.assertj.core.data.Offset.offset(1e-4f));
        }
    }

    @Test
    void needsNoMemoryForWhatIsBetween() {
        Graph g = graph("Relu", true, 3, 2, 1, 1, 0, false), apart = graph("Relu", true, 3, 2, 1, 1, 0, true);
        try (Session s = session(g, PlanOptions.DEFAULT); Session two = session(apart, PlanOptions.DEFAULT)) {
            long between = 2L * 23 * 31 * CHANNELS * 4;
            assertThat(s.plan(shapes(g)).arenaBytes()).isLessThan(two.plan(shapes(apart)).arenaBytes() - between / 2);
        }
    }

    /** @param apart the convolution's result is an output as well */
    private Graph graph(String activation, boolean biased, int size, int stride, int begin, int end, int ceil, boolean apart) {
        List<Node> nodes = new ArrayList<>();
        Value x = new Value("x", ValueType.of(DType.FLOAT32, Shape.of(2, 3, 46, 61)));
        List<Value> in = new ArrayList<>(List.of(x, Value.constant("w", weights)));
        if (biased) in.add(Value.constant("b", bias));
        Value conv = new Value("conv", null), h = new Value("h", ValueType.of(DType.FLOAT32, Shape.of(2, CHANNELS, 23, 31)));
        nodes.add(new Node("conv", "", "Conv", 21, in, List.of(conv),
                Attributes.of("strides", new long[]{2, 2}, "pads", new long[]{3, 3, 3, 3})));
        nodes.add(new Node("act", "", activation, 21, List.of(conv), List.of(h), Attributes.NONE));
        Shape out = Shape.of(2, CHANNELS, pooled(23, size, stride, begin, end, ceil), pooled(31, size, stride, begin, end, ceil));
        Value y = new Value("y", ValueType.of(DType.FLOAT32, out));
        nodes.add(new Node("pool", "", "MaxPool", 21, List.of(h), List.of(y),
                Attributes.of("kernel_shape", new long[]{size, size}, "strides", new long[]{stride, stride}, "pads",
                        new long[]{begin, begin, end, end}, "ceil_mode", (long) ceil)));
        return new Graph("stem", List.of(x), apart ? List.of(y, h) : List.of(y), nodes);
    }

    private static int pooled(int in, int size, int stride, int begin, int end, int ceil) {
        int room = in + begin + end - size;
        return (ceil == 1 ? Math.ceilDiv(room, stride) : room / stride) + 1;
    }

    private Tensor random(long... dims) {
        Tensor t = Tensor.allocate(arena, DType.FLOAT32, Shape.of(dims));
        for (long i = 0; i < t.size(); i++)
            t.setFloat(i, (float) random.nextGaussian() / 4);
        return t;
    }

    private static List<String> operators(Session s, Graph g) {
        return s.plan(shapes(g)).describe().stream().map(PlanStep::operator).toList();
    }

    private static List<Shape> shapes(Graph g) { return g.inputs().stream().map(v -> ((ValueType.TensorType) v.type()).shape()).toList(); }

    private static Session session(Graph g, PlanOptions options) {
        Model model = new Model(g, new Model.Info("stem", "", 8, 21, "test", Map.of()), Arena.ofShared());
        return model.session(SessionOptions.DEFAULT.threads(2).plan(options));
    }
}
