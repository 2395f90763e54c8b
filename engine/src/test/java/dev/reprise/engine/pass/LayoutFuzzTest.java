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
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random graphs of transposes, reshapes, slices, joins, sums, softmaxes, products, convolutions and what epilogues take up:
 * with passes and without, the same bits. Layouts may change where numbers lie, never what they are.
 */
class LayoutFuzzTest {
    private record Made(Value value, Shape shape) {}

    private final List<Node> nodes = new ArrayList<>();
    private final List<Made> made = new ArrayList<>();
    private Random random;
    private Arena weights;

    static LongStream seeds() { return LongStream.range(0, 300); }

    @ParameterizedTest
    @MethodSource("seeds")
    void passesKeepTheBits(long seed) {
        random = new Random(seed);
        weights = Arena.ofShared();
        Shape in = random.nextBoolean() ? Shape.of(1 + random.nextInt(2), 4, 6, 6) : Shape.of(2, 3, 8);
        Value x = new Value("x", ValueType.of(DType.FLOAT32, in));
        made.add(new Made(x, in));
        int count = 4 + random.nextInt(14);
        for (int i = 0; i < count; i++)
            step();
        List<Value> outputs = new ArrayList<>();
        for (int i = Math.max(1, made.size() - 3); i < made.size(); i++) {
            made.get(i).value.type(ValueType.of(DType.FLOAT32, made.get(i).shape));
            outputs.add(made.get(i).value);
        }
        Graph g = new Graph("fuzz", List.of(x), outputs, nodes);
        try (Model model = new Model(g, new Model.Info("fuzz", "", 8, 17, "test", Map.of()), weights); Arena arena = Arena.ofShared()) {
            Tensor t = Tensor.allocate(arena, DType.FLOAT32, in);
            for (long i = 0; i < t.size(); i++)
                t.setFloat(i, (float) random.nextGaussian());
            Map<String, Tensor> plain = run(model, t, arena, false), passed = run(model, t, arena, true);
            plain.forEach((name, a) -> {
                Tensor b = passed.get(name);
                assertThat(b.shape()).as("seed %d, output %s of %s", seed, name, nodes).isEqualTo(a.shape());
                assertThat(b.toFloats()).as("seed %d, output %s of %s", seed, name, nodes).isEqualTo(a.toFloats());
            });
        }
    }

    private static Map<String, Tensor> run(Model model, Tensor x, Arena arena, boolean optimize) {
        try (Session s = model.session(SessionOptions.DEFAULT.threads(2).plan(PlanOptions.DEFAULT.optimize(optimize)))) {
            return s.run(Map.of("x", x), arena);
        }
    }

    private void step() {
        Made a = made.get(random.nextInt(5) == 0 ? random.nextInt(made.size()) : made.size() - 1);
        Shape s = a.shape;
        int rank = s.rank();
        switch (random.nextInt(17)) {
            case 0, 1 -> {
                List<Integer> perm = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
                Collections.shuffle(perm, random);
                int[] p = perm.stream().mapToInt(i -> i).toArray();
                add("Transpose", s.permute(p), Attributes.of("perm", IntStream.of(p).asLongStream().toArray()), a.value);
            }
            case 2, 3 -> {
                Shape to = random.nextBoolean() ? merged(s) : split(s);
                add("Reshape", to, Attributes.NONE, a.value, longs(to.dims()));
            }
            case 4 -> {
                int axis = random.nextInt(rank + 1);
                long[] d = new long[rank + 1];
                for (int i = 0, j = 0; i <= rank; i++)
                    d[i] = i == axis ? 1 : s.dim(j++);
                add("Unsqueeze", Shape.of(d), Attributes.NONE, a.value, longs(axis));
            }
            case 5 -> add("Neg", s, Attributes.NONE, a.value);
            case 6 -> {
                List<Made> same = made.stream().filter(m -> m.shape.equals(s)).toList();
                add("Add", s, Attributes.NONE, a.value, same.get(random.nextInt(same.size())).value);
            }
            case 7 -> {
                long[] d = s.dims();
                for (int i = 0; i < d.length; i++)
                    if (random.nextBoolean()) d[i] = 1;
                int drop = 0;
                while (drop < rank && d[drop] == 1 && random.nextBoolean())
                    drop++;
                add("Mul", s, Attributes.NONE, a.value, weight(Arrays.copyOfRange(d, drop, rank)));
            }
            case 8 -> {
                int axis = random.nextInt(rank);
                add("Concat", s.with(axis, 2 * s.dim(axis)), Attributes.of("axis", axis), a.value, a.value);
            }
            case 9 -> {
                int axis = random.nextInt(rank);
                if (s.dim(axis) < 2) return;
                long end = 1 + random.nextInt((int) s.dim(axis) - 1);
                add("Slice", s.with(axis, end), Attributes.NONE, a.value, longs(0), longs(end), longs(axis));
            }
            case 10 -> add("Softmax", s, Attributes.of("axis", random.nextInt(rank)), a.value);
            case 11 -> {
                int axis = random.nextInt(rank);
                boolean keep = random.nextBoolean() || rank < 3;
                Shape to = keep ? s.with(axis, 1) : Shape.of(IntStream.range(0, rank).filter(i -> i != axis).mapToLong(s::dim).toArray());
                add("ReduceSum", to, Attributes.of("keepdims", keep ? 1 : 0), a.value, longs(axis));
            }
            case 12 -> add(random.nextBoolean() ? "Relu" : "Tanh", s, Attributes.NONE, a.value);
            case 13 -> add("Mul", s, Attributes.NONE, a.value, Value.constant("factor", Tensor.of(weights, Shape.SCALAR, 0.75f)));
            case 14 -> {
                if (rank < 2) return;
                long n = 1 + random.nextInt(20);
                add("MatMul", s.with(-1, n), Attributes.NONE, a.value, weight(s.dim(-1), n));
                // What an epilogue may take up comes often: a bias, a residual, an activation, a factor.
                if (random.nextBoolean()) add("Add", made.getLast().shape, Attributes.NONE, weight(n), made.getLast().value);
            }
            default -> spatial(a);
        }
        if (made.getLast().shape.size() > 20_000) made.removeLast();
    }

    private void spatial(Made a) {
        Shape s = a.shape;
        if (s.rank() != 4) return;
        long c = s.dim(1);
        switch (random.nextInt(3)) {
            case 0 -> {
                long m = 1 + random.nextInt(9);
                add("Conv", s.with(1, m), Attributes.of("pads", new long[]{1, 1, 1, 1}, "kernel_shape", new long[]{3, 3}), a.value,
                        weight(m, c, 3, 3), weight(m));
            }
            case 1 -> add("GlobalAveragePool", s.with(2, 1).with(3, 1), Attributes.NONE, a.value);
            default -> {
                if (s.dim(2) < 2 || s.dim(3) < 2) return;
                add("MaxPool", s.with(2, s.dim(2) - 1).with(3, s.dim(3) - 1), Attributes.of("kernel_shape", new long[]{2, 2}), a.value);
            }
        }
    }

    private Shape merged(Shape s) {
        if (s.rank() < 2) return s;
        int at = random.nextInt(s.rank() - 1);
        long[] d = new long[s.rank() - 1];
        for (int i = 0; i < d.length; i++)
            d[i] = i < at ? s.dim(i) : i == at ? s.dim(i) * s.dim(i + 1) : s.dim(i + 1);
        return Shape.of(d);
    }

    private Shape split(Shape s) {
        int at = random.nextInt(s.rank());
        long size = s.dim(at), factor = size % 3 == 0 ? 3 : size % 2 == 0 ? 2 : 1;
        long[] d = new long[s.rank() + 1];
        for (int i = 0; i < d.length; i++)
            d[i] = i < at ? s.dim(i) : i == at ? factor : i == at + 1 ? size / factor : s.dim(i - 1);
        return Shape.of(d);
    }

    private void add(String opType, Shape shape, Attributes attributes, Value... in) {
        Value v = new Value("v" + nodes.size(), null);
        nodes.add(new Node(opType + nodes.size(), "", opType, 17, List.of(in), List.of(v), attributes));
        made.add(new Made(v, shape));
    }

    private Value longs(long... v) { return Value.constant("longs", Tensor.of(weights, Shape.of(v.length), v)); }

    private Value weight(long... dims) {
        Tensor t = Tensor.allocate(weights, DType.FLOAT32, Shape.of(dims));
        for (long i = 0; i < t.size(); i++)
            t.setFloat(i, (float) random.nextGaussian());
        return Value.constant("weight", t);
    }
}
