package dev.reprise.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.operator.OperatorException;
import dev.reprise.engine.plan.PlanOptions;
import dev.reprise.ops.device.Device;
import dev.reprise.ops.device.DeviceException;
import dev.reprise.ops.device.DeviceFailure;
import dev.reprise.ops.device.Subgraph;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Pieces of a graph on a device that knows Add and Mul, the rest on the CPU. */
class PartitionTest {
    private static final Shape SHAPE = Shape.of(2, 3);

    /** Runs its pieces in plain Java; remembers them. */
    private static final class Toy implements Device {
        final List<Subgraph> pieces = new ArrayList<>();
        boolean broken;
        boolean all;
        /** Runs of pieces until one fails. */
        int runs = Integer.MAX_VALUE;
        int open;

        @Override
        public Info info() { return new Info("toy", "Java", "a device for tests", 0, true); }

        @Override
        public String refusal(Subgraph.Operation o, List<Subgraph.Port> values) {
            assertThat(values).hasSizeGreaterThanOrEqualTo(o.inputs().length > 1 && o.inputs()[0] != o.inputs()[1] ? 3 : 2);
            return o.opType().equals("Add") || o.opType().equals("Mul") || all ? "" : "toy knows no " + o.opType();
        }

        @Override
        public Piece compile(Subgraph s) throws DeviceException {
            if (broken) throw new DeviceException("toy is out of order", null);
            pieces.add(s);
            Piece run = (in, out, scratch, workers) -> {
                float[][] values = new float[s.values().size()][];
                for (int i = 0; i < values.length; i++)
                    if (s.values().get(i).constant() != null) values[i] = s.values().get(i).constant().toFloats();
                for (int i = 0; i < in.length; i++)
                    values[s.inputs()[i]] = in[i].toFloats();
                for (Subgraph.Operation o : s.operations()) {
                    float[] a = values[o.inputs()[0]], b = values[o.inputs()[1]], y = new float[a.length];
                    for (int i = 0; i < y.length; i++)
                        y[i] = o.opType().equals("Add") ? a[i] + b[i] : a[i] * b[i];
                    values[o.outputs()[0]] = y;
                }
                for (int i = 0; i < out.length; i++)
                    for (int j = 0; j < out[i].size(); j++)
                        out[i].setFloat(j, values[s.outputs()[i]][j]);
            };
            open++;
            return new Piece() {
                @Override
                public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
                    if (runs-- <= 0) throw new DeviceFailure("toy broke", null);
                    run.run(in, out, scratch, workers);
                }

                @Override
                public void close() { open--; }
            };
        }

        @Override
        public void close() {}
    }

    private final List<Node> nodes = new ArrayList<>();

    private Value op(String opType, Value... in) {
        Value out = new Value("v" + nodes.size(), null);
        nodes.add(new Node("n" + nodes.size(), "", opType, 17, List.of(in), List.of(out), Attributes.NONE));
        return out;
    }

    /** x and y through two device pieces with Neg between them, one Neg beside them. */
    private Graph graph(Arena arena) {
        nodes.clear();
        ValueType type = ValueType.of(DType.FLOAT32, SHAPE);
        Value x = new Value("x", type), y = new Value("y", type);
        Value c = Value.constant("c", Tensor.of(arena, SHAPE, 1f, 2, 3, 4, 5, 6));
        Value a = op("Add", x, y), m = op("Mul", a, c), n = op("Neg", m), beside = op("Neg", x);
        Value b = op("Add", n, a), z = op("Mul", b, beside);
        z.type(type);
        return new Graph("g", List.of(x, y), List.of(z), nodes);
    }

    private float[] run(PlanOptions options) { return run(options, 1).getFirst(); }

    private List<float[]> run(PlanOptions options, int times) {
        Arena weights = Arena.ofShared();
        Graph g = graph(weights);
        try (Model model = new Model(g, new Model.Info("g", "", 8, 17, "test", Map.of()), weights);
                Session s = model.session(SessionOptions.DEFAULT.threads(1).plan(options));
                Arena arena = Arena.ofConfined()) {
            Tensor x = Tensor.of(arena, SHAPE, 1f, -2, 3, -4, 5, 0.5f), y = Tensor.of(arena, SHAPE, 7f, 8, 9, 10, 11, 12);
            List<float[]> all = new ArrayList<>();
            for (int i = 0; i < times; i++)
                all.add(s.run(Map.of("x", x, "y", y), arena).values().iterator().next().toFloats());
            return all;
        }
    }

    @Test
    void piecesAreAsLargeAsTheyCanBeAndComputeTheSame() {
        Toy toy = new Toy();
        float[] expected = run(PlanOptions.DEFAULT);
        assertThat(run(PlanOptions.DEFAULT.device(toy))).isEqualTo(expected);
        assertThat(toy.pieces).hasSize(2);
        assertThat(toy.pieces.get(0).operations()).extracting(Subgraph.Operation::opType).containsExactly("Add", "Mul");
        assertThat(toy.pieces.get(0).outputs()).hasSize(2);
        assertThat(toy.pieces.get(1).operations()).extracting(Subgraph.Operation::opType).containsExactly("Add", "Mul");
        assertThat(toy.pieces.get(1).inputs()).hasSize(3);
        assertThat(toy.open).as("pieces that nobody closed").isZero();
    }

    @Test
    void whatTheDeviceRefusesIsNamedOnceAndAnErrorWhereThatIsAsked() {
        List<String> warnings = new ArrayList<>();
        PlanOptions options = PlanOptions.DEFAULT.device(new Toy()).warnings(warnings::add);
        run(options);
        assertThat(warnings).containsExactly("toy: 2 of 6 nodes stay on the CPU: toy knows no Neg (2 nodes)");
        assertThatThrownBy(() -> run(options.strict(true))).isInstanceOf(OperatorException.class).hasMessage(warnings.getFirst());
    }

    @Test
    void pieceThatCannotBeCompiledIsAnErrorWhereThatIsAsked() {
        Toy toy = new Toy();
        toy.all = true;
        toy.broken = true;
        assertThatThrownBy(() -> run(PlanOptions.DEFAULT.device(toy).strict(true))).isInstanceOf(OperatorException.class)
                .hasMessageContaining("toy is out of order");
    }

    /** Which of the two pieces of which run fails: the run is repeated whole, and the device is not asked again. */
    @Test
    void aDeviceThatFailsInARunIsLeftForTheCpu() {
        float[] expected = run(PlanOptions.DEFAULT);
        for (int good = 0; good < 4; good++) {
            Toy toy = new Toy();
            toy.runs = good;
            List<String> warnings = new ArrayList<>();
            for (float[] found : run(PlanOptions.DEFAULT.device(toy).warnings(warnings::add), 3))
                assertThat(found).as("after %d runs of pieces", good).isEqualTo(expected);
            assertThat(warnings).hasSize(2).last().isEqualTo("toy broke; this run is repeated on the CPU, and later ones run there");
            assertThat(toy.runs).as("runs on the device after the one that failed").isEqualTo(-1);
            assertThat(toy.open).as("pieces that nobody closed").isZero();
        }
    }

    @Test
    void aDeviceThatFailsInARunIsAnErrorWhereThatIsAsked() {
        Toy toy = new Toy();
        toy.all = true;
        toy.runs = 0;
        assertThatThrownBy(() -> run(PlanOptions.DEFAULT.device(toy).strict(true))).isInstanceOf(OperatorException.class)
                .hasMessage("toy broke").hasCauseInstanceOf(DeviceFailure.class);
    }

    @Test
    void aDeviceThatFailsLeavesItsPiecesToTheCpuAndSaysSo() {
        Toy toy = new Toy();
        toy.broken = true;
        List<String> warnings = new ArrayList<>();
        assertThat(run(PlanOptions.DEFAULT.device(toy).warnings(warnings::add))).isEqualTo(run(PlanOptions.DEFAULT));
        assertThat(warnings).hasSize(3).filteredOn(w -> w.contains("stays on the CPU: toy is out of order")).hasSize(2);
    }
}
