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
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Attention over parts of one projection, as exporters cut it: no part is copied, and the bits are those of attention over copies. */
class AttentionWindowsTest {
    private static final long SEED = 99;
    private static final int B = 2, L = 19, H = 3, D = 5;

    /** How Q, K and V lie in a projection. */
    enum Style {
        /** Split into three, then heads. */
        SPLIT(Shape.of(B, L, 3 * H * D)),
        /** The three, then heads: transposed, then one index of the first axis each. */
        INDEX(Shape.of(B, L, 3 * H * D)),
        /** Slices, the last by a negative start. */
        SLICE(Shape.of(B, L, 3 * H * D)),
        /** Each head has its own three. */
        HEADS_FIRST(Shape.of(B, L, 3 * H * D)),
        /** A split of a part of a split. */
        NESTED(Shape.of(B, L, 4 * H * D)),
        /** The three of each element side by side, as EDM's networks have them: the kernel cannot read that, and it is copied. */
        INTERLEAVED(Shape.of(B, L, 3 * H * D)),
        /** The same, made by a convolution, whose weights can trade places. */
        CONVOLUTION(Shape.of(B, 2, 1, L));

        final Shape shape;

        Style(Shape shape) { this.shape = shape; }
    }

    private final List<Node> nodes = new ArrayList<>();
    private final Arena arena = Arena.ofShared();

    @ParameterizedTest
    @EnumSource(Style.class)
    void partsAreReadWhereTheyLie(Style style) {
        Value x = new Value("x", ValueType.of(DType.FLOAT32, style.shape));
        Value[] parts = parts(style, x);
        Tensor in = random(style.shape);
        // The parts as copies, made by the interpreter.
        Map<String, Tensor> copies = run(new Graph("parts", List.of(x), typed(parts), nodes), Map.of("x", in), false, null);
        nodes.clear();
        Value[] whole = new Value[3];
        for (int i = 0; i < 3; i++)
            whole[i] = new Value(parts[i].name(), ValueType.of(DType.FLOAT32, Shape.of(B, H, L, D)));
        Value y = attention(whole);
        Tensor want = run(new Graph("copies", List.of(whole), List.of(y), nodes), copies, true, null).get("y");
        nodes.clear();
        y = attention(parts(style, x));
        List<String> steps = new ArrayList<>();
        Tensor found = run(new Graph("windows", List.of(x), List.of(y), nodes), Map.of("x", in), true, steps).get("y");
        assertThat(found.sha256()).as(style + ", seed " + SEED).isEqualTo(want.sha256());
        assertThat(steps).contains("FusedAttention");
        if (style == Style.INTERLEAVED) assertThat(steps).contains("Split");
        else if (style == Style.CONVOLUTION) assertThat(steps).containsOnly("Transpose", "ConvChannelsLast", "FusedAttention");
        else assertThat(steps).doesNotContain("Split", "Slice", "Gather");
    }

    private Value[] parts(Style style, Value x) {
        return switch (style) {
            case SPLIT -> heads(split(x, 2, 3));
            case INDEX -> {
                Value t = op("Transpose", Attributes.of("perm", new long[]{2, 0, 3, 1, 4}), reshape(x, B, L, 3, H, D));
                Value[] r = new Value[3];
                for (int i = 0; i < 3; i++)
                    r[i] = op("Gather", Attributes.of("axis", 0), t, longs(Shape.SCALAR, i));
                yield r;
            }
            case SLICE -> heads(slice(x, 0, H * D), slice(x, H * D, 2 * H * D), slice(x, -H * D, Long.MAX_VALUE));
            case HEADS_FIRST -> {
                Value[] p = split(reshape(x, B, L, H, 3 * D), 3, 3);
                for (int i = 0; i < 3; i++)
                    p[i] = op("Transpose", Attributes.of("perm", new long[]{0, 2, 1, 3}), p[i]);
                yield p;
            }
            case CONVOLUTION -> {
                Value y = op("Conv", Attributes.NONE, x, weights(Shape.of(3 * H * D, 2, 1, 1)), weights(Shape.of(3 * H * D)));
                Value[] p = split(reshape(y, B, H, D, 3, L), 3, 3);
                for (int i = 0; i < 3; i++)
                    p[i] = op("Transpose", Attributes.of("perm", new long[]{0, 1, 3, 2}), reshape(p[i], B, H, D, L));
                yield p;
            }
            case INTERLEAVED -> heads(split(reshape(x, B, L, H * D, 3), 3, 3));
            case NESTED -> {
                Value[] two = split(x, 2, 2), first = split(two[0], 2, 2), second = split(two[1], 2, 2);
                yield heads(first[1], second[0], second[1]);
            }
        };
    }

    private Value[] heads(Value... p) {
        for (int i = 0; i < 3; i++)
            p[i] = op("Transpose", Attributes.of("perm", new long[]{0, 2, 1, 3}), reshape(p[i], B, L, H, D));
        return p;
    }

    private Value attention(Value[] p) {
        Value kt = op("Transpose", Attributes.of("perm", new long[]{0, 1, 3, 2}), p[1]);
        Value weights = op("Softmax", Attributes.of("axis", -1), op("MatMul", Attributes.NONE, p[0], kt));
        Value y = new Value("y", ValueType.of(DType.FLOAT32, Shape.of(B, H, L, D)));
        nodes.add(new Node("y", "", "MatMul", 17, List.of(weights, p[2]), List.of(y), Attributes.NONE));
        return y;
    }

    private Value op(String opType, Attributes a, Value... in) {
        Value v = new Value("v" + nodes.size(), null);
        nodes.add(new Node("n" + nodes.size(), "", opType, 17, List.of(in), List.of(v), a));
        return v;
    }

    private Value longs(Shape s, long... v) { return Value.constant("c" + nodes.size(), Tensor.of(arena, s, v)); }

    private Value weights(Shape s) { return Value.constant("w" + nodes.size() + s, random(s)); }

    private Value reshape(Value v, long... to) { return op("Reshape", Attributes.NONE, v, longs(Shape.of(to.length), to)); }

    private Value slice(Value v, long start, long end) {
        return op("Slice", Attributes.NONE, v, longs(Shape.of(1), start), longs(Shape.of(1), end), longs(Shape.of(1), 2));
    }

    private Value[] split(Value v, long axis, int n) {
        Value[] r = new Value[n];
        for (int i = 0; i < n; i++)
            r[i] = new Value("s" + nodes.size() + "_" + i, null);
        nodes.add(new Node("split" + nodes.size(), "", "Split", 13, List.of(v), List.of(r), Attributes.of("axis", axis)));
        return r;
    }

    private static List<Value> typed(Value[] parts) {
        for (Value v : parts)
            v.type(ValueType.of(DType.FLOAT32, Shape.of(B, H, L, D)));
        return List.of(parts);
    }

    private Tensor random(Shape s) {
        Tensor t = Tensor.allocate(arena, DType.FLOAT32, s);
        Random random = new Random(SEED);
        for (long i = 0; i < t.size(); i++)
            t.setFloat(i, (float) random.nextGaussian());
        return t;
    }

    private Map<String, Tensor> run(Graph g, Map<String, Tensor> in, boolean optimize, List<String> steps) {
        try (Model model = new Model(g, new Model.Info("windows", "", 8, 17, "test", Map.of()), Arena.ofShared());
                Session s = model.session(SessionOptions.DEFAULT.threads(2).plan(PlanOptions.DEFAULT.optimize(optimize)))) {
            if (steps != null)
                s.plan(in.values().stream().map(Tensor::shape).toList()).describe().forEach(p -> steps.add(p.operator()));
            return s.run(in, arena);
        }
    }
}
