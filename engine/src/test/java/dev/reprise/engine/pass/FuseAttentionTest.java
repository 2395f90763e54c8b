package dev.reprise.engine.pass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.plan.PlanOptions;
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

/** Which products around a softmax become attention. */
class FuseAttentionTest {
    private static final long SEED = 41;
    private static final int B = 3, H = 2, L = 21, D = 5, VALUES = 7;

    private final List<Node> nodes = new ArrayList<>();
    private final Arena arena = Arena.ofShared();

    /** Softmax(Q K^T / 2) V, or its transpose as DDPM's code has it: V^T (Softmax(Q K^T / 2))^T. */
    @ParameterizedTest
    @CsvSource({"3, false", "3, true", "4, false", "4, true"})
    void attentionEitherWayAbout(int rank, boolean transposed) {
        Map<String, Tensor> in = inputs(rank, transposed);
        Graph g = graph(rank, transposed);
        List<String> steps = new ArrayList<>();
        Tensor found = run(g, in, true, steps), want = run(g, in, false, null);
        assertThat(steps).contains("FusedAttention").doesNotContain("Softmax", "MatMul");
        assertThat(found.shape()).isEqualTo(want.shape());
        // Sums of 21 weighted values of about 1, in another order: some roundings of 6e-8.
        for (long i = 0; i < want.size(); i++)
            assertThat(found.getFloat(i)).as("element %d, seed %d", i, SEED).isCloseTo(want.getFloat(i), within(1e-6f));
    }

    /** The bits of the one are those of the other. */
    @ParameterizedTest
    @CsvSource({"3", "4"})
    void theTransposeHasTheSameBits(int rank) {
        Tensor plain = run(graph(rank, false), inputs(rank, false), true, null);
        nodes.clear();
        Tensor turned = run(graph(rank, true), inputs(rank, true), true, null);
        long pages = plain.size() / ((long) L * VALUES);
        for (int p = 0; p < pages; p++)
            for (int l = 0; l < L; l++)
                for (int v = 0; v < VALUES; v++)
                    assertThat(turned.getFloat((p * VALUES + v) * (long) L + l)).as("%d, %d, %d; seed %d", p, l, v, SEED)
                            .isEqualTo(plain.getFloat((p * (long) L + l) * VALUES + v));
    }

    /** A transpose that swaps batch and queries is not the one that attention has. */
    @Test
    void otherTransposesAreLeftAlone() {
        Value q = input("q", 21, L, D), kt = input("kt", 21, D, 21), v = input("v", L, VALUES, 21);
        Value p = op("Softmax", Attributes.of("axis", -1), op("MatMul", Attributes.NONE, q, kt));
        Value t = op("Transpose", Attributes.of("perm", new long[]{1, 0, 2}), p);
        Value y = output(L, VALUES, 21);
        nodes.add(new Node("y", "", "MatMul", 17, List.of(v, t), List.of(y), Attributes.NONE));
        Map<String, Tensor> in = Map.of("q", random(21, L, D), "kt", random(21, D, 21), "v", random(L, VALUES, 21));
        List<String> steps = new ArrayList<>();
        Graph g = new Graph("other", List.of(q, kt, v), List.of(y), nodes);
        Tensor found = run(g, in, true, steps), want = run(g, in, false, null);
        assertThat(steps).contains("Softmax").doesNotContain("FusedAttention");
        assertThat(found.sha256()).isEqualTo(want.sha256());
    }

    private Graph graph(int rank, boolean transposed) {
        long[] swap = swap(rank);
        Value q = input("q", dims(rank, L, D)), k = input("k", dims(rank, L, D)),
                v = transposed ? input("v", dims(rank, VALUES, L)) : input("v", dims(rank, L, VALUES));
        Value s = op("MatMul", Attributes.NONE, q, op("Transpose", Attributes.of("perm", swap), k));
        Value half = Value.constant("half", Tensor.of(arena, Shape.SCALAR, 0.5f));
        Value p = op("Softmax", Attributes.of("axis", -1), op("Mul", Attributes.NONE, s, half));
        Value y = transposed ? output(dims(rank, VALUES, L)) : output(dims(rank, L, VALUES));
        List<Value> in = transposed ? List.of(v, op("Transpose", Attributes.of("perm", swap), p)) : List.of(p, v);
        nodes.add(new Node("y", "", "MatMul", 17, in, List.of(y), Attributes.NONE));
        return new Graph("attention", List.of(q, k, v), List.of(y), nodes);
    }

    /** V^T holds the values of V. */
    private Map<String, Tensor> inputs(int rank, boolean transposed) {
        Tensor v = random(dims(rank, L, VALUES)), turned = Tensor.allocate(arena, DType.FLOAT32, Shape.of(dims(rank, VALUES, L)));
        for (long i = 0; i < v.size(); i++)
            turned.setFloat(i / (L * VALUES) * (L * VALUES) + i % VALUES * L + i / VALUES % L, v.getFloat(i));
        return Map.of("q", random(dims(rank, L, D)), "k", random(dims(rank, L, D)), "v", transposed ? turned : v);
    }

    private static long[] dims(int rank, long rows, long columns) {
        return rank == 3 ? new long[]{B, rows, columns} : new long[]{B, H, rows, columns};
    }

    private static long[] swap(int rank) { return rank == 3 ? new long[]{0, 2, 1} : new long[]{0, 1, 3, 2}; }

    private static Value input(String name, long... dims) { return new Value(name, ValueType.of(DType.FLOAT32, Shape.of(dims))); }

    private static Value output(long... dims) { return input("y", dims); }

    private Value op(String opType, Attributes a, Value... in) {
        Value v = new Value("v" + nodes.size(), null);
        nodes.add(new Node("n" + nodes.size(), "", opType, 17, List.of(in), List.of(v), a));
        return v;
    }

    private Tensor random(long... dims) {
        Tensor t = Tensor.allocate(arena, DType.FLOAT32, Shape.of(dims));
        Random random = new Random(SEED);
        for (long i = 0; i < t.size(); i++)
            t.setFloat(i, (float) random.nextGaussian());
        return t;
    }

    private Tensor run(Graph g, Map<String, Tensor> in, boolean optimize, List<String> steps) {
        try (Model model = new Model(g, new Model.Info("attention", "", 8, 17, "test", Map.of()), Arena.ofShared());
                Session s = model.session(SessionOptions.DEFAULT.threads(2).plan(PlanOptions.DEFAULT.optimize(optimize)))) {
            if (steps != null)
                s.plan(g.inputs().stream().map(v -> in.get(v.name()).shape()).toList()).describe().forEach(p -> steps.add(p.operator()));
            return s.run(in, arena).get("y");
        }
    }
}
