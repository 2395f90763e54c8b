package dev.reprise.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Large batches run part by part: with the bits of single images, whatever crosses from stretch to stretch, and in less memory. */
class StretchTest {
    private static final int C = 16, SIZE = 128;

    private final Arena arena = Arena.ofShared();
    private final long seed = System.nanoTime();
    private Random random = new Random(seed);
    private final List<Node> nodes = new ArrayList<>();

    /**
     * A block of a U-Net, of which a convolution's result is also an output and a skip connection, a part of the result is subtracted from every image,
     * and the projection of a time embedding stands in the midst.
     */
    private Graph block(int batch) {
        nodes.clear();
        random = new Random(seed);
        Value x = new Value("x", ValueType.of(DType.FLOAT32, Shape.of(batch, C, SIZE, SIZE)));
        Value t = new Value("t", ValueType.of(DType.FLOAT32, Shape.of(batch, C)));
        Value mask = new Value("mask", ValueType.of(DType.FLOAT32, Shape.of(1, C, SIZE, SIZE)));
        Value first = node("Relu", conv(x, C, 3));
        Value h = node("Sub", node("Relu", conv(first, C, 3)), mask);
        Value time = node("Reshape", node("MatMul", t, weights(C, C)), constant(0, -1, 1, 1));
        h = node("Add", h, time);
        h = add("GroupNormalization", List.of(h, weights(C), weights(C)), "num_groups", 4L);
        h = add("Concat", List.of(h, first), "axis", 1L);
        h = node("Relu", node("Add", conv(h, C, 1), x));
        h = add("MaxPool", List.of(h), "kernel_shape", new long[]{3, 3}, "pads", new long[]{1, 1, 1, 1});
        h = add("ConvTranspose", List.of(h, weights(C, C, 3, 3)), "pads", new long[]{1, 1, 1, 1});
        Value pooled = node("GlobalAveragePool", h), end = node("Mul", conv(h, C, 1), pooled);
        for (Value v : List.of(first, end))
            v.type(ValueType.of(DType.FLOAT32, Shape.of(batch, C, SIZE, SIZE)));
        return new Graph("block", List.of(x, t, mask), List.of(first, end), List.copyOf(nodes));
    }

    @ParameterizedTest
    @CsvSource({"2,8,4", "2,9,3", "3,8,2", "1,8,8", "2,7,1", "8,8,1"})
    void givesTheBitsOfSingleImages(int threads, int batch, int parts) {
        Graph one = block(1), many = block(batch);
        Map<String, Tensor> in = Map.of("x", random(batch, C, SIZE, SIZE), "t", random(batch, C), "mask", random(1, C, SIZE, SIZE));
        try (Session s = session(many, threads); Session single = session(one, 1)) {
            List<PlanStep> steps = s.plan(shapes(many)).describe();
            assertThat(steps.stream().mapToInt(PlanStep::parts).max()).hasValue(parts);
            if (parts > 1)
                assertThat(steps.stream().filter(p -> p.parts() > 1).map(PlanStep::operator)).contains("ConvChannelsLast", "Sub", "Add",
                        "GroupNormChannelsLast", "Concat", "MaxPoolChannelsLast", "ConvTransposeChannelsLast", "Mul");
            for (int run = 0; run < 2; run++) {
                Map<String, Tensor> out = s.run(in, arena);
                for (int i = 0; i < batch; i++) {
                    Map<String, Tensor> expected = single.run(
                            Map.of("x", image(in.get("x"), i), "t", image(in.get("t"), i), "mask", in.get("mask")),
                            arena);
                    for (String name : expected.keySet())
                        assertThat(image(out.get(name), i).sha256()).as("seed %d, run %d: %s of image %d", seed, run, name, i)
                                .isEqualTo(expected.get(name).sha256());
                }
            }
        }
    }

    @Test
    void needsLessMemoryAndTellsEachStepOnce() {
        Graph g = block(8);
        Map<String, Tensor> in = Map.of("x", random(8, C, SIZE, SIZE), "t", random(8, C), "mask", random(1, C, SIZE, SIZE));
        try (Session parted = session(g, 1); Session whole = session(g, 8)) {
            Plan p = parted.plan(shapes(g)), w = whole.plan(shapes(g));
            assertThat(p.arenaBytes()).isLessThan(w.arenaBytes() * 3 / 4);
            assertThat(p.flops()).isEqualTo(w.flops());
            List<String> told = new ArrayList<>();
            Datum[] out = new Datum[2];
            p.run(g.inputs().stream().map(v -> in.get(v.name())).toArray(Tensor[]::new), out, arena,
                    (node, kernel, nanos) -> told.add(node.name()));
            assertThat(told).doesNotHaveDuplicates().containsExactlyElementsOf(p.describe().stream().map(PlanStep::node).toList());
            assertThat(((Tensor) out[1]).sha256()).isEqualTo(whole.run(in, arena).get(g.outputs().get(1).name()).sha256());
        }
    }

    /** Every image of y takes all of x, which its own successor could overwrite part by part. */
    @Test
    void doesNotOverwriteWhatLaterPartsTakeWhole() {
        nodes.clear();
        int side = 4 * SIZE, batch = 8;
        Value x = new Value("x", ValueType.of(DType.FLOAT32, Shape.of(batch, side, side)));
        Value y = new Value("y", ValueType.of(DType.FLOAT32, Shape.of(batch, batch, side, side)));
        Value difference = node("Sub", y, x), tanh = node("Tanh", x);
        difference.type(y.type());
        tanh.type(x.type());
        Graph g = new Graph("whole", List.of(x, y), List.of(difference, tanh), List.copyOf(nodes));
        Map<String, Tensor> in = Map.of("x", random(batch, side, side), "y", random(batch, batch, side, side));
        try (Session parted = session(g, 2); Session whole = session(g, batch)) {
            assertThat(parted.plan(shapes(g)).describe()).extracting(PlanStep::parts).containsExactly(4, 4);
            Map<String, Tensor> found = parted.run(in, arena), expected = whole.run(in, arena);
            for (String name : expected.keySet())
                assertThat(found.get(name).sha256()).as("seed %d: %s", seed, name).isEqualTo(expected.get(name).sha256());
        }
    }

    private Value conv(Value x, int channels, int kernel) {
        int in = x.name().startsWith("Concat") ? 2 * C : C;
        return add("Conv", List.of(x, weights(channels, in, kernel, kernel)), "pads",
                new long[]{kernel / 2, kernel / 2, kernel / 2, kernel / 2});
    }

    private Value node(String opType, Value... inputs) { return add(opType, Arrays.asList(inputs)); }

    private Value add(String opType, List<Value> inputs, Object... attributes) {
        Value v = new Value(opType + nodes.size(), null);
        nodes.add(new Node(v.name(), "", opType, 21, inputs, List.of(v), Attributes.of(attributes)));
        return v;
    }

    private Value weights(long... dims) { return Value.constant("w" + nodes.size() + "_" + dims.length, random(dims)); }

    private Value constant(long... values) { return Value.constant("c" + nodes.size(), Tensor.of(arena, Shape.of(values.length), values)); }

    private Tensor random(long... dims) {
        Tensor t = Tensor.allocate(arena, DType.FLOAT32, Shape.of(dims));
        for (long i = 0; i < t.size(); i++)
            t.setFloat(i, (float) random.nextGaussian() / 4);
        return t;
    }

    private static Tensor image(Tensor batch, int i) {
        Shape one = batch.shape().with(0, 1);
        long bytes = one.size() * batch.dtype().bytes();
        return new Tensor(batch.dtype(), one, batch.data().asSlice(i * bytes, bytes));
    }

    private static List<Shape> shapes(Graph g) { return g.inputs().stream().map(v -> ((ValueType.TensorType) v.type()).shape()).toList(); }

    private Session session(Graph g, int threads) {
        Model model = new Model(g, new Model.Info("block", "", 8, 21, "test", Map.of()), Arena.ofShared());
        return model.session(SessionOptions.DEFAULT.threads(threads));
    }
}
