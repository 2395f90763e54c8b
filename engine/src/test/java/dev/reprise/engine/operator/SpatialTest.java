package dev.reprise.engine.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reprise.engine.SingleNode;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.plan.Interpreter;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pooling, resizing, grid sampling and regions against PyTorch's values ({@code test/recipes/spatial.py}). */
class SpatialTest {
    /** Weights and coordinates of PyTorch are float32 in another order: a few units in the last place of the largest value. */
    private static final double TOLERANCE = 4e-6;
    private static final Map<String, String> CHANNELS_LAST = Map.of("Resize", "ResizeChannelsLast", "Upsample", "ResizeChannelsLast",
            "AveragePool",
            "AveragePoolChannelsLast", "MaxPool",
            "MaxPoolChannelsLast", "GlobalAveragePool", "GlobalAveragePoolChannelsLast", "GlobalMaxPool", "GlobalMaxPoolChannelsLast");

    record Case(String name, String op, int opset, Attributes attributes, List<Tensor> in, List<Tensor> out) {
        @Override
        public String toString() { return op + ": " + name; }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void matchesTorch(Case c) {
        List<Datum> got = SingleNode.run(Arena.ofAuto(), c.op, c.opset, c.attributes, c.out.size(), c.in.toArray(Datum[]::new));
        for (int i = 0; i < c.out.size(); i++)
            assertClose(c.out.get(i), (Tensor) got.get(i), TOLERANCE);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void float64AndFloat16AgreeWithFloat32(Case c) {
        if (c.op.equals("AffineGrid") || c.op.equals("RoiAlign") || c.op.equals("GridSample")) return;
        for (DType t : List.of(DType.FLOAT64, DType.FLOAT16)) {
            Datum[] in = c.in.toArray(Datum[]::new);
            in[0] = converted(c.in.getFirst(), t);
            if (c.op.equals("MaxRoiPool")) in[1] = converted(c.in.get(1), t);
            Tensor got = (Tensor) SingleNode.run(Arena.ofAuto(), c.op, c.opset, c.attributes, c.out.size(), in).getFirst();
            assertEquals(t, got.dtype());
            assertClose(c.out.getFirst(), converted(got, DType.FLOAT32), t == DType.FLOAT64 ? TOLERANCE : 1e-3);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("channelsLast")
    void channelsLastHasTheBitsOfChannelsFirst(Case c) {
        for (int channels : new int[]{1, 3, 17, 35}) {
            // More channels than the case has: the channels of one image, repeated with other signs.
            Tensor x = widened(c.in.getFirst(), channels);
            Tensor[] in = c.in.toArray(Tensor[]::new);
            in[0] = x;
            Tensor first = SingleNode.run(Arena.ofAuto(), c.op, c.opset, c.attributes, sizes(c, in, channels));
            in[0] = moved(x, true);
            Tensor last = internal(CHANNELS_LAST.get(c.op), c.opset, c.attributes.with("opset", c.opset), sizes(c, in, channels));
            assertEquals(first.sha256(), moved(last, false).sha256(), channels + " channels");
        }
    }

    private static Tensor[] sizes(Case c, Tensor[] in, int channels) {
        // Sizes that name every axis name the channels too.
        if (!c.op.equals("Resize") || in.length < 4 || in[3] == null || in[3].size() != in[0].shape().rank()) return in;
        Tensor[] other = in.clone();
        other[3] = in[3].copy(Arena.ofAuto());
        other[3].setLong(1, channels);
        return other;
    }

    private static Tensor widened(Tensor x, int channels) {
        Tensor y = Tensor.allocate(Arena.ofAuto(), DType.FLOAT32, x.shape().with(1, channels));
        long plane = x.shape().product(2, x.shape().rank());
        for (long i = 0; i < y.size(); i++)
            y.setFloat(i, x.getFloat(i % (plane * x.shape().dim(1))) * (i / plane % 3 - 1.25f));
        return y;
    }

    private static Tensor internal(String op, int opset, Attributes attributes, Tensor[] in) {
        try (Workers workers = new Workers(3)) {
            Interpreter interpreter = new Interpreter(Arena.ofAuto(), workers, WeightCache.none(Arena.ofAuto()));
            List<Value> values = new ArrayList<>();
            for (int i = 0; i < in.length; i++) {
                values.add(in[i] == null ? null : new Value("in" + i, null));
                if (in[i] != null) interpreter.put(values.get(i), in[i]);
            }
            Value out = new Value("out", null);
            interpreter.run(new Node("", Node.INTERNAL, op, opset, values, List.of(out), attributes));
            return (Tensor) interpreter.get(out);
        }
    }

    /** Channels to the last axis, or back. */
    private static Tensor moved(Tensor x, boolean last) {
        int rank = x.shape().rank();
        int[] perm = new int[rank];
        for (int i = 1; i < rank; i++)
            perm[i] = last ? (i == rank - 1 ? 1 : i + 1) : (i == 1 ? rank - 1 : i - 1);
        long[] perms = Arrays.stream(perm).asLongStream().toArray();
        return SingleNode.run(Arena.ofAuto(), "Transpose", 13, Attributes.of("perm", perms), x);
    }

    private static Tensor converted(Tensor x, DType type) {
        Tensor y = Tensor.allocate(Arena.ofAuto(), type, x.shape());
        for (long i = 0; i < x.size(); i++)
            y.setDouble(i, x.getDouble(i));
        return y;
    }

    private static void assertClose(Tensor want, Tensor got, double tolerance) {
        assertEquals(want.shape(), got.shape());
        assertEquals(want.dtype(), got.dtype());
        double largest = 1;
        for (double v : want.toDoubles())
            largest = Math.max(largest, Math.abs(v));
        for (long i = 0; i < want.size(); i++)
            assertEquals(want.getDouble(i), got.getDouble(i), want.dtype().isFloat() ? tolerance * largest : 0, "element " + i);
    }

    static List<Case> channelsLast() throws IOException {
        Set<String> ops = CHANNELS_LAST.keySet();
        return cases().stream().filter(c -> ops.contains(c.op) && c.out.size() == 1).toList();
    }

    static List<Case> cases() throws IOException {
        List<Case> cases = new ArrayList<>();
        try (BufferedReader r = new BufferedReader(
                new InputStreamReader(SpatialTest.class.getResourceAsStream("/spatial.txt"), StandardCharsets.UTF_8))) {
            String line = r.readLine();
            while (line != null) {
                String name = line.substring(5);
                String[] op = r.readLine().split(" ");
                Attributes attributes = Attributes.NONE;
                List<Tensor> in = new ArrayList<>(), out = new ArrayList<>();
                for (line = r.readLine(); line != null && !line.startsWith("case"); line = r.readLine()) {
                    String[] w = line.split(" ");
                    switch (w[0]) {
                        case "attr" -> attributes = attributes.with(w[1], switch (w[2]) {
                            case "i" -> Long.valueOf(w[3]);
                            case "f" -> Float.valueOf(w[3]);
                            case "s" -> w[3];
                            default -> Arrays.stream(w, 3, w.length).mapToLong(Long::parseLong).toArray();
                        });
                        case "in" -> in.add(input(w, in.size()));
                        default -> out.add(tensor(out.isEmpty() ? DType.FLOAT32 : DType.INT64, w, 1));
                    }
                }
                cases.add(new Case(name, op[1], Integer.parseInt(op[2]), attributes, in, out));
            }
        }
        return cases;
    }

    private static Tensor input(String[] w, int k) {
        if (w[1].equals("none")) return null;
        if (!w[1].equals("x")) return tensor(w[1].equals("longs") ? DType.INT64 : DType.FLOAT32, w, 2);
        Tensor t = Tensor.allocate(Arena.ofAuto(), DType.FLOAT32,
                Shape.of(Arrays.stream(w, 2, w.length).mapToLong(Long::parseLong).toArray()));
        for (long i = 0; i < t.size(); i++)
            t.setFloat(i, ((7919 * i + 13 * k) % 101 - 50) / 16f);
        return t;
    }

    /** {@code SHAPE… : VALUES…} from word {@code at} on. */
    private static Tensor tensor(DType type, String[] w, int at) {
        int colon = Arrays.asList(w).indexOf(":");
        Tensor t = Tensor.allocate(Arena.ofAuto(), type, Shape.of(Arrays.stream(w, at, colon).mapToLong(Long::parseLong).toArray()));
        for (int i = colon + 1; i < w.length; i++)
            t.setDouble(i - colon - 1, Double.parseDouble(w[i]));
        return t;
    }
}
