package dev.reprise.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.graph.ValueType.Dim;
import dev.reprise.engine.operator.OperatorException;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SessionTest {
    private final List<Node> nodes = new ArrayList<>();
    private final Arena arena = Arena.ofShared();

    @AfterEach
    void close() { arena.close(); }

    private static Value input(String name, Object... dims) {
        return new Value(name, new ValueType.TensorType(DType.FLOAT32,
                Arrays.stream(dims).<Dim>map(d -> d instanceof String s ? new Dim.Symbol(s) : new Dim.Known((Integer) d)).toList()));
    }

    private Value op(String opType, Attributes attributes, Value... in) {
        Value out = new Value("v" + nodes.size(), null);
        nodes.add(new Node("n" + nodes.size(), "", opType, 17, List.of(in), List.of(out), attributes));
        return out;
    }

    private Model model(List<Value> inputs, Value... outputs) {
        for (Value v : outputs)
            if (v.type() == null) v.type(new ValueType.TensorType(DType.FLOAT32, null));
        return new Model(new Graph("g", inputs, List.of(outputs), nodes), new Model.Info("g.onnx", "", 8, 17, "test", Map.of()),
                Arena.ofShared());
    }

    private Tensor ones(long... dims) {
        Tensor t = Tensor.allocate(arena, DType.FLOAT32, Shape.of(dims));
        for (long i = 0; i < t.size(); i++)
            t.setFloat(i, 1);
        return t;
    }

    /** (N, C) in two inputs that share N, added, then reshaped by shape arithmetic to (N, C / 2, 2). */
    private Model sum() {
        Value a = input("a", "N", 6), b = input("b", "N", 6);
        Value s = op("Add", Attributes.NONE, a, b);
        Value n = op("Gather", Attributes.of("axis", 0), op("Shape", Attributes.NONE, s), longs(0));
        return model(List.of(a, b), op("Reshape", Attributes.NONE, s, op("Concat", Attributes.of("axis", 0), n, longs(3, 2))));
    }

    private Value longs(long... v) { return Value.constant("longs", Tensor.of(arena, Shape.of(v.length), v)); }

    @Test
    void wrongInputsAreNamed() {
        try (Model m = sum(); Session s = m.session(SessionOptions.DEFAULT.threads(1))) {
            assertThatThrownBy(() -> s.run(Map.of("a", ones(2, 6)), arena))
                    .hasMessage("g.onnx: input 'b' is missing; the model's inputs are [a: float32[N, 6], b: float32[N, 6]]");
            assertThatThrownBy(() -> s.run(Map.of("a", ones(2, 6), "b", ones(2, 6), "c", ones(1)), arena))
                    .hasMessageContaining("there is no input 'c'");
            assertThatThrownBy(() -> s.run(Map.of("a", ones(2, 6), "b", ones(2, 7)), arena))
                    .hasMessage("g.onnx: input 'b' must be float32[N, 6], found float32[2, 7]");
            assertThatThrownBy(() -> s.run(Map.of("a", ones(2, 6), "b", ones(3, 6)), arena))
                    .hasMessageContaining("dimension 'N' is 3 in input 'b' but 2 in another");
            assertThatThrownBy(() -> s.run(Map.of("a", ones(2, 6), "b", Tensor.of(arena, Shape.of(1, 6), 1L, 2, 3, 4, 5, 6)), arena))
                    .hasMessageContaining("found int64[1, 6]");
        }
    }

    @Test
    void shapeArithmeticFoldsAwayAndPlansAreKept() {
        try (Model m = sum(); Session s = m.session(SessionOptions.DEFAULT.threads(1))) {
            Tensor y = s.run(Map.of("a", ones(2, 6), "b", ones(2, 6)), arena).values().iterator().next();
            assertThat(y.shape()).isEqualTo(Shape.of(2, 3, 2));
            assertThat(y.toFloats()).containsOnly(2f);
            assertThat(s.plan(List.of(Shape.of(2, 6), Shape.of(2, 6))).steps()).isEqualTo(1);
            assertThat(s.plan(List.of(Shape.of(2, 6), Shape.of(2, 6)))).isSameAs(s.plan(List.of(Shape.of(2, 6), Shape.of(2, 6))));
        }
    }

    @Test
    void manyShapesEvictPlansAndStillRun() {
        try (Model m = sum(); Session s = m.session(new SessionOptions(1, SessionOptions.DEFAULT.plan(), 2))) {
            for (int round = 0; round < 3; round++)
                for (int n = 1; n < 6; n++)
                    assertThat(s.run(Map.of("a", ones(n, 6), "b", ones(n, 6)), arena).values().iterator().next().shape())
                            .isEqualTo(Shape.of(n, 3, 2));
        }
    }

    @Test
    void symbolicShapes() {
        try (Model m = sum()) {
            Map<String, List<String>> shapes = SymbolicShapes.of(m);
            assertThat(shapes.get("a")).containsExactly("N", "6");
            assertThat(shapes.get(m.graph().outputs().getFirst().name())).containsExactly("N", "3", "2");
        }
        nodes.clear();
        Value x = input("x", "N", 1, "H", "W");
        Value p = op("MaxPool", Attributes.of("kernel_shape", new long[]{2, 2}, "strides", new long[]{2, 2}), x);
        Value c = op("Concat", Attributes.of("axis", 3), p, p,
                op("MaxPool", Attributes.of("kernel_shape", new long[]{1, 1}, "strides", new long[]{2, 2}), x));
        try (Model m = model(List.of(x), c)) {
            assertThat(SymbolicShapes.of(m).get(c.name())).containsExactly("N", "1", "H/2", "3*W/2");
        }
    }

    @Test
    void threadsShareASession() throws Exception {
        Random random = new Random(5);
        Value x = input("x", "N", 32);
        Tensor w = Tensor.allocate(arena, DType.FLOAT32, Shape.of(32, 32));
        for (int i = 0; i < w.size(); i++)
            w.setFloat(i, (float) random.nextGaussian());
        Value y = x;
        for (int i = 0; i < 5; i++)
            y = op("Tanh", Attributes.NONE, op("MatMul", Attributes.NONE, y, Value.constant("w", w)));
        try (Model m = model(List.of(x), y); Session s = m.session(SessionOptions.DEFAULT.threads(2))) {
            String[] hashes = new String[6];
            Thread[] threads = new Thread[hashes.length];
            for (int t = 0; t < threads.length; t++) {
                int n = t;
                threads[t] = new Thread(() -> {
                    try (Arena own = Arena.ofShared()) {
                        for (int i = 0; i < 50; i++) {
                            Tensor in = Tensor.allocate(own, DType.FLOAT32, Shape.of(1 + n % 3, 32));
                            for (long j = 0; j < in.size(); j++)
                                in.setFloat(j, (j % 32) / 16f - 1);
                            hashes[n] = s.run(Map.of("x", in), own).values().iterator().next().rows(0, 1).sha256();
                        }
                    }
                });
                threads[t].start();
            }
            for (Thread t : threads)
                t.join();
            assertThat(hashes).containsOnly(hashes[0]).doesNotContainNull();
        }
    }

    @Test
    void nodesThatCannotWorkAreNamed() {
        Value x = input("x", "N", 4);
        try (Model m = model(List.of(x), op("Reshape", Attributes.NONE, x, longs(3, 5)));
                Session s = m.session(SessionOptions.DEFAULT.threads(1))) {
            assertThatThrownBy(() -> s.run(Map.of("x", ones(2, 4)), arena)).isInstanceOf(OperatorException.class)
                    .hasMessageContaining("Reshape node 'n0'");
        }
    }

    /** Kernels reach memory by address: what they read may go only when they are done. */
    @Test
    void closingWaitsForRunsInProgress() throws InterruptedException {
        for (int round = 0; round < 20; round++) {
            nodes.clear();
            Model model = sum();
            Session session = model.session(SessionOptions.DEFAULT.threads(2));
            Map<String, Tensor> in = Map.of("a", ones(64, 6), "b", ones(64, 6));
            List<Throwable> ends = Collections.synchronizedList(new ArrayList<>());
            CountDownLatch going = new CountDownLatch(2);
            Runnable loop = () -> {
                try {
                    while (true) {
                        try (Arena own = Arena.ofConfined()) {
                            session.run(in, own);
                        }
                        going.countDown();
                    }
                } catch (Throwable e) {
                    ends.add(e);
                }
            };
            Thread[] threads = {new Thread(loop), new Thread(loop)};
            for (Thread t : threads)
                t.start();
            going.await();
            if (round % 2 == 0) session.close();
            model.close();
            for (Thread t : threads)
                t.join();
            session.close();
            assertThat(ends).hasSize(2)
                    .allSatisfy(e -> assertThat(e).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed"));
        }
    }
}
