package dev.reprise.tornado.device;

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
import dev.reprise.ops.device.Device;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.tornado.lower.Kind.Tier;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The way up of a U-Net, as the engine lays it out: what single operators do not show, since images become channels-last between convolutions. */
class DecoderTest {
    private static final Shape INPUT = Shape.of(2, 5, 6, 7), VOLUME = Shape.of(2, 3, 4, 5, 6);

    private final List<Node> nodes = new ArrayList<>();
    private final Arena weights = Arena.ofShared();
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    private Value op(String opType, int opset, Attributes a, Value... in) {
        Value out = new Value("v" + nodes.size(), null);
        List<Value> inputs = new ArrayList<>();
        for (Value v : in)
            inputs.add(v);
        nodes.add(new Node("n" + nodes.size(), "", opType, opset, inputs, List.of(out), a));
        return out;
    }

    private Value weight(long... dims) { return Value.constant("w" + nodes.size(), Networks.random(weights, Shape.of(dims), random)); }

    private Value scales(float... s) { return Value.constant("s" + nodes.size(), Tensor.of(weights, Shape.of(s.length), s)); }

    private static long[] l(long... v) { return v; }

    @Test
    void imagesGrowAsOnTheCpu() {
        Value x = new Value("x", ValueType.of(DType.FLOAT32, INPUT));
        Value a = op("Relu", 14, Attributes.NONE, op("Conv", 11, Attributes.of("pads", l(1, 1, 1, 1)), x, weight(8, 5, 3, 3), weight(8)));
        Value b = op("Relu", 14, Attributes.NONE,
                op("ConvTranspose", 11, Attributes.of("strides", l(2, 2), "pads", l(1, 1, 1, 1)), a, weight(8, 6, 4, 4), weight(6)));
        Value c = op("Conv", 11, Attributes.of("pads", l(1, 1, 1, 1)), b, weight(6, 6, 3, 3));
        Value d = op("Resize", 13, Attributes.of("mode", "linear"), c, null, scales(1, 1, 2, 2));
        Value e = op("Conv", 11, Attributes.NONE, d, weight(4, 6, 3, 3), weight(4));
        Value f = op("Resize", 18, Attributes.of("mode", "cubic", "axes", l(2, 3)), e, null, scales(1.5f, 0.75f));
        Value g = op("Conv", 11, Attributes.NONE, f, weight(3, 4, 1, 1), weight(3));
        agrees(x, g, List.of("ConvTransposeChannelsLast", "ResizeChannelsLast"));
    }

    @Test
    void volumesAreWhatTheyAreOnTheCpu() {
        Value x = new Value("x", ValueType.of(DType.FLOAT32, VOLUME));
        Value a = op("Conv", 11, Attributes.of("pads", l(1, 1, 1, 1, 1, 1)), x, weight(6, 3, 3, 3, 3), weight(6));
        Value b = op("Mul", 14, Attributes.NONE, a, op("Sigmoid", 13, Attributes.NONE, a));
        Value c = op("Conv", 11, Attributes.of("pads", l(1, 1, 1, 1, 1, 1)), b, weight(6, 6, 3, 3, 3));
        Value d = op("Add", 14, Attributes.NONE, c, a);
        agrees(x, op("Conv", 11, Attributes.of("strides", l(2, 1, 2)), d, weight(2, 6, 2, 3, 1), weight(2)), List.of("ConvChannelsLast"));
    }

    private void agrees(Value x, Value y, List<String> within) {
        Shape shape = ((ValueType.TensorType) x.type()).shape();
        Graph graph = new Graph("decoder", List.of(x), List.of(y), nodes);
        try (Model m = new Model(graph, new Model.Info("decoder", "", 8, 18, "test", Map.of()), weights);
                Session cpu = m.session(SessionOptions.DEFAULT.threads(1));
                Arena arena = Arena.ofShared()) {
            Map<String, Tensor> in = Map.of("x", Networks.random(arena, shape, random));
            float[] expected = cpu.run(in, arena).values().iterator().next().toFloats();
            assertThat(cpu.plan(List.of(shape)).graph().nodes()).extracting(Node::opType).containsAll(within);
            for (Tier tier : Tier.values())
                try (EmulatedDevice d = new EmulatedDevice(tier);
                        Session s = m.session(SessionOptions.DEFAULT.threads(1).plan(PlanOptions.DEFAULT.device(d).strict(true)))) {
                            float[] found = s.run(in, arena).values().iterator().next().toFloats();
                            List<Device.Piece> pieces = s.plan(List.of(shape)).pieces();
                            assertThat(pieces).as("pieces on the device").hasSize(1);
                            assertThat(pieces.getFirst().flops()).as("operations, as the CPU counts them")
                                    .isEqualTo(cpu.plan(List.of(shape)).flops());
                            assertThat(new Networks.Result(expected, found, 1, 1).difference()).as("%s, seed %d", tier.text(), seed)
                                    .isLessThan(1e-5);
                        }
        }
    }
}
