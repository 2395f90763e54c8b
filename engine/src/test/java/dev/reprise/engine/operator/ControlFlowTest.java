package dev.reprise.engine.operator;

import static dev.reprise.engine.operator.Cases.floats;
import static dev.reprise.engine.operator.Cases.iota;
import static dev.reprise.engine.operator.Cases.longs;
import static dev.reprise.engine.operator.Cases.scalar;
import static dev.reprise.engine.operator.Cases.shape;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reprise.engine.SingleNode;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.engine.graph.Graph;
import dev.reprise.engine.graph.Node;
import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;

/** If, Loop, Scan, sequences and optionals. Bodies are made of operators of this family alone. */
class ControlFlowTest {
    private static Node node(String op, List<Value> in, Value out, Object... attributes) {
        return new Node("", "", op, 17, in, List.of(out), Attributes.of(attributes));
    }

    private static Value value(String name) { return new Value(name, null); }

    private static Tensor bool(boolean b) {
        Tensor t = Tensor.allocate(Arena.ofAuto(), DType.BOOL, shape());
        t.setLong(0, b ? 1 : 0);
        return t;
    }

    private static double[] numbers(Datum d) { return ((Tensor) d).toDoubles(); }

    private static List<Datum> run(String op, Attributes a, int outputs, Datum... in) {
        return SingleNode.run(Arena.ofAuto(), op, 17, a, outputs, in);
    }

    private static Graph constant(float v) {
        Value out = value("out");
        return new Graph("", List.of(), List.of(out), List.of(node("Constant", List.of(), out, "value_float", v)));
    }

    @Test
    void ifTakesOneBranch() {
        Attributes a = Attributes.of("then_branch", constant(1), "else_branch", constant(2));
        assertArrayEquals(new double[]{1}, numbers(run("If", a, 1, bool(true)).getFirst()));
        assertArrayEquals(new double[]{2}, numbers(run("If", a, 1, bool(false)).getFirst()));
    }

    /** Carries a vector that grows by the trip number, and stacks the trip numbers. */
    private static Graph growing(Value condition) {
        Value trip = value("trip"), go = value("go"), x = value("x"), one = value("one"), grown = value("grown"), seen = value("seen");
        seen.type(ValueType.of(DType.INT64, shape()));
        return new Graph("", List.of(trip, go, x), List.of(condition == null ? go : condition, grown, seen),
                List.of(node("Unsqueeze", List.of(trip, Value.constant("axes", longs(0))), one),
                        node("Concat", List.of(x, one), grown, "axis", 0),
                        node("Identity", List.of(trip), seen)));
    }

    @Test
    void loopCarriesAndStacks() {
        List<Datum> got = run("Loop", Attributes.of("body", growing(null)), 2, scalar(3), bool(true), longs(9));
        assertArrayEquals(new double[]{9, 0, 1, 2}, numbers(got.get(0)));
        assertArrayEquals(new double[]{0, 1, 2}, numbers(got.get(1)));
    }

    @Test
    void loopStopsWhereToldOrNeverStarts() {
        Attributes once = Attributes.of("body", growing(Value.constant("stop", bool(false))));
        assertArrayEquals(new double[]{9, 0}, numbers(run("Loop", once, 2, null, null, longs(9)).getFirst()));
        List<Datum> never = run("Loop", Attributes.of("body", growing(null)), 2, scalar(3), bool(false), longs(9));
        assertArrayEquals(new double[]{9}, numbers(never.get(0)));
        assertEquals(shape(0), ((Tensor) never.get(1)).shape());
    }

    /** Appends the slice to the state and gives the slice out again. */
    private static Graph appending() {
        Value state = value("state"), slice = value("slice"), next = value("next"), out = value("out");
        return new Graph("", List.of(state, slice), List.of(next, out),
                List.of(node("Concat", List.of(state, slice), next, "axis", 0), node("Identity", List.of(slice), out)));
    }

    @Test
    void scanWalksAxesInBothDirections() {
        List<Datum> got = run("Scan", Attributes.of("body", appending(), "num_scan_inputs", 1), 2, iota(0), iota(2, 2));
        assertArrayEquals(new double[]{0, 1, 2, 3}, numbers(got.get(0)));
        assertArrayEquals(new double[]{0, 1, 2, 3}, numbers(got.get(1)));
        got = run("Scan",
                Attributes.of("body", appending(), "num_scan_inputs", 1, "scan_input_axes", new long[]{1}, "scan_input_directions",
                        new long[]{1}, "scan_output_axes", new long[]{-1}, "scan_output_directions", new long[]{1}),
                2, iota(0), iota(2, 2));
        assertArrayEquals(new double[]{1, 3, 0, 2}, numbers(got.get(0)));
        assertArrayEquals(new double[]{0, 1, 2, 3}, numbers(got.get(1)));
    }

    @Test
    void scan8HasABatchAndLengths() {
        Attributes a = Attributes.of("body", appending(), "num_scan_inputs", 1);
        List<Datum> got = SingleNode.run(Arena.ofAuto(), "Scan", 8, a, 2, longs(2, 2), iota(2, 0), iota(2, 3, 1));
        assertArrayEquals(new double[]{0, 1, 3, 4}, numbers(got.get(0)));
        assertEquals(shape(2, 2, 1), ((Tensor) got.get(1)).shape());
    }

    @Test
    void sequences() {
        Datum s = run("SequenceConstruct", Attributes.NONE, 1, iota(1), iota(2), iota(3)).getFirst();
        assertArrayEquals(new double[]{3}, numbers(run("SequenceLength", Attributes.NONE, 1, s).getFirst()));
        assertArrayEquals(new double[]{0, 1, 2}, numbers(run("SequenceAt", Attributes.NONE, 1, s, scalar(-1)).getFirst()));
        assertArrayEquals(new double[]{0, 0, 1, 0, 1, 2}, numbers(run("ConcatFromSequence", Attributes.of("axis", 0), 1, s).getFirst()));
        Datum more = run("SequenceInsert", Attributes.NONE, 1, s, floats(shape(1), 7), scalar(-3)).getFirst();
        assertArrayEquals(new double[]{7}, numbers(run("SequenceAt", Attributes.NONE, 1, more, scalar(0)).getFirst()));
        Datum less = run("SequenceErase", Attributes.NONE, 1, s, scalar(0)).getFirst();
        assertArrayEquals(new double[]{0, 1}, numbers(run("SequenceAt", Attributes.NONE, 1, less, scalar(0)).getFirst()));
        assertThrows(OperatorException.class, () -> run("SequenceAt", Attributes.NONE, 1, s, scalar(3)));
        Datum parts = run("SplitToSequence", Attributes.of("axis", 1), 1, iota(2, 3), scalar(2)).getFirst();
        assertArrayEquals(new double[]{2, 5}, numbers(((Datum.Sequence) parts).elements().get(1)));
        Datum rows = run("SplitToSequence", Attributes.of("keepdims", 0), 1, iota(2, 3)).getFirst();
        assertEquals(shape(3), ((Tensor) ((Datum.Sequence) rows).elements().get(1)).shape());
        Value x = value("x"), y = value("y");
        Graph body = new Graph("", List.of(x), List.of(y), List.of(node("Shape", List.of(x), y)));
        Datum mapped = run("SequenceMap", Attributes.of("body", body), 1, s).getFirst();
        assertArrayEquals(new double[]{2}, numbers(((Datum.Sequence) mapped).elements().get(1)));
    }

    @Test
    void optionals() {
        Datum full = run("Optional", Attributes.NONE, 1, iota(2)).getFirst(), empty = new Datum.Optional(null);
        assertArrayEquals(new double[]{1}, numbers(run("OptionalHasElement", Attributes.NONE, 1, full).getFirst()));
        assertArrayEquals(new double[]{0}, numbers(run("OptionalHasElement", Attributes.NONE, 1, empty).getFirst()));
        assertArrayEquals(new double[]{0, 1}, numbers(run("OptionalGetElement", Attributes.NONE, 1, full).getFirst()));
        assertArrayEquals(new double[]{1}, numbers(run("OptionalHasElement", Attributes.NONE, 1, iota(2)).getFirst()));
        assertArrayEquals(new double[]{0}, numbers(run("OptionalHasElement", Attributes.NONE, 1).getFirst()));
        assertThrows(OperatorException.class, () -> run("OptionalGetElement", Attributes.NONE, 1, empty));
    }
}
