package dev.reprise.engine.operator;

import static dev.reprise.engine.operator.Cases.floats;
import static dev.reprise.engine.operator.Cases.refuses;
import static dev.reprise.engine.operator.Cases.shape;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reprise.engine.SingleNode;
import dev.reprise.engine.graph.Attributes;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** RNN, GRU and LSTM against the specification's equations written out in double precision. */
class RecurrentsTest {
    private static final int STEPS = 4, BATCH = 3, INPUT = 5;

    private record Inputs(int gates, int hidden, int directions, Tensor x, Tensor w, Tensor r, Tensor b, Tensor lens, Tensor h, Tensor c,
            Tensor p) {
        static Inputs random(long seed, int gates, int hidden, int directions) {
            Random random = new Random(seed);
            int n = gates * hidden;
            Tensor lens = Tensor.of(Arena.ofAuto(), shape(BATCH), 4, 2, 0);
            return new Inputs(gates, hidden, directions, of(random, STEPS, BATCH, INPUT), of(random, directions, n, INPUT),
                    of(random, directions, n, hidden),
                    of(random, directions, 2 * n), lens, of(random, directions, BATCH, hidden), of(random, directions, BATCH, hidden),
                    of(random, directions, 3 * hidden));
        }

        private static Tensor of(Random random, long... dims) {
            Tensor t = floats(Shape.of(dims), new float[(int) Shape.of(dims).size()]);
            for (long i = 0; i < t.size(); i++)
                t.setFloat(i, random.nextFloat() - 0.5f);
            return t;
        }

        Tensor[] all() { return gates == 4 ? new Tensor[]{x, w, r, b, lens, h, c, p} : new Tensor[]{x, w, r, b, lens, h}; }

        /** x · W and h · R with their biases for gate g, unit i. */
        double input(int d, int t, int s, int g, int i) {
            int n = gates * hidden, row = g * hidden + i;
            double sum = b.getDouble((long) d * 2 * n + row);
            for (int k = 0; k < INPUT; k++)
                sum += x.getDouble(((long) t * BATCH + s) * INPUT + k) * w.getDouble(((long) d * n + row) * INPUT + k);
            return sum;
        }

        double state(int d, double[] state, int g, int i) {
            int n = gates * hidden, row = g * hidden + i;
            double sum = b.getDouble((long) d * 2 * n + n + row);
            for (int k = 0; k < hidden; k++)
                sum += state[k] * r.getDouble(((long) d * n + row) * hidden + k);
            return sum;
        }
    }

    private interface Step {
        void step(Inputs in, int d, int t, int s, double[] h, double[] c);
    }

    private static double sigmoid(double x) { return 1 / (1 + Math.exp(-x)); }

    private static void rnn(Inputs in, int d, int t, int s, double[] h, double[] c) {
        double[] old = h.clone();
        for (int i = 0; i < h.length; i++)
            h[i] = Math.tanh(in.input(d, t, s, 0, i) + in.state(d, old, 0, i));
    }

    private static Step gru(boolean linearFirst) {
        return (in, d, t, s, h, _) -> {
            double[] old = h.clone(), reset = h.clone();
            for (int i = 0; i < h.length; i++)
                reset[i] = sigmoid(in.input(d, t, s, 1, i) + in.state(d, old, 1, i));
            double[] product = new double[h.length];
            for (int i = 0; i < h.length; i++)
                product[i] = reset[i] * old[i];
            for (int i = 0; i < h.length; i++) {
                double z = sigmoid(in.input(d, t, s, 0, i) + in.state(d, old, 0, i));
                double from = linearFirst ? reset[i] * in.state(d, old, 2, i) : in.state(d, product, 2, i);
                h[i] = (1 - z) * Math.tanh(in.input(d, t, s, 2, i) + from) + z * old[i];
            }
        };
    }

    private static Step lstm(boolean coupled, double clip) {
        return (in, d, t, s, h, c) -> {
            double[] old = h.clone();
            for (int i = 0; i < h.length; i++) {
                double[] gate = new double[4], peephole = new double[3];
                for (int g = 0; g < 4; g++)
                    gate[g] = in.input(d, t, s, g, i) + in.state(d, old, g, i);
                for (int g = 0; g < 3; g++)
                    peephole[g] = in.p.getDouble((d * 3L + g) * h.length + i);
                double input = sigmoid(Math.clamp(gate[0] + peephole[0] * c[i], -clip, clip));
                double forget = coupled ? 1 - input : sigmoid(Math.clamp(gate[2] + peephole[2] * c[i], -clip, clip));
                c[i] = forget * c[i] + input * Math.tanh(Math.clamp(gate[3], -clip, clip));
                h[i] = sigmoid(Math.clamp(gate[1] + peephole[1] * c[i], -clip, clip)) * Math.tanh(c[i]);
            }
        };
    }

    private static void check(String op, Attributes attributes, boolean backward, Inputs in, Step step) {
        List<Datum> got = SingleNode.run(Arena.ofAuto(), op, 14, attributes, in.gates == 4 ? 3 : 2, in.all());
        int n = in.hidden;
        double[] y = new double[STEPS * in.directions * BATCH * n], last = new double[in.directions * BATCH * n], lastC = last.clone();
        for (int d = 0; d < in.directions; d++)
            for (int s = 0; s < BATCH; s++) {
                double[] h = new double[n], c = new double[n];
                int at = (d * BATCH + s) * n, length = (int) in.lens.getLong(s);
                for (int i = 0; i < n; i++) {
                    h[i] = in.h.getDouble(at + i);
                    c[i] = in.c.getDouble(at + i);
                }
                for (int k = 0; k < length; k++) {
                    int t = d == 1 || backward ? length - 1 - k : k;
                    step.step(in, d, t, s, h, c);
                    System.arraycopy(h, 0, y, ((t * in.directions + d) * BATCH + s) * n, n);
                }
                System.arraycopy(h, 0, last, at, n);
                System.arraycopy(c, 0, lastC, at, n);
            }
        // Sums of some ten products around 1 in float32: errors of a few 1e-7.
        assertArrayEquals(y, ((Tensor) got.get(0)).toDoubles(), 2e-6, op + attributes);
        assertArrayEquals(last, ((Tensor) got.get(1)).toDoubles(), 2e-6, op + attributes);
        if (in.gates == 4) assertArrayEquals(lastC, ((Tensor) got.get(2)).toDoubles(), 2e-6, op + attributes);
    }

    @Test
    void againstTheEquations() {
        for (int hidden : new int[]{1, 7, 16, 33}) {
            check("RNN", Attributes.of("hidden_size", hidden), false, Inputs.random(hidden, 1, hidden, 1), RecurrentsTest::rnn);
            check("RNN", Attributes.of("direction", "bidirectional"), false, Inputs.random(hidden, 1, hidden, 2), RecurrentsTest::rnn);
            check("GRU", Attributes.of("direction", "reverse"), true, Inputs.random(hidden, 3, hidden, 1), gru(false));
            check("GRU", Attributes.of("linear_before_reset", 1, "direction", "bidirectional"), false, Inputs.random(hidden, 3, hidden, 2),
                    gru(true));
            check("LSTM", Attributes.of("direction", "bidirectional"), false, Inputs.random(hidden, 4, hidden, 2), lstm(false, 1e9));
            check("LSTM", Attributes.of("input_forget", 1, "clip", 0.3f), false, Inputs.random(hidden, 4, hidden, 1), lstm(true, 0.3f));
        }
    }

    @Test
    void layoutOnlyMovesTheBatch() {
        Inputs in = Inputs.random(5, 3, 6, 2);
        Attributes plain = Attributes.of("direction", "bidirectional");
        List<Datum> want = SingleNode.run(Arena.ofAuto(), "GRU", 14, plain, 2, in.all());
        Tensor[] swapped = in.all();
        swapped[0] = transpose(swapped[0], 1, 0, 2);
        swapped[5] = transpose(swapped[5], 1, 0, 2);
        List<Datum> got = SingleNode.run(Arena.ofAuto(), "GRU", 14, plain.with("layout", 1), 2, swapped);
        assertArrayEquals(transpose((Tensor) want.get(0), 2, 0, 1, 3).toFloats(), ((Tensor) got.get(0)).toFloats());
        assertArrayEquals(transpose((Tensor) want.get(1), 1, 0, 2).toFloats(), ((Tensor) got.get(1)).toFloats());
    }

    private static Tensor transpose(Tensor t, long... perm) {
        return SingleNode.run(Arena.ofAuto(), "Transpose", 13, Attributes.of("perm", perm), t);
    }

    @Test
    void aSampleHasTheSameBitsAloneAndInABatch() {
        Inputs in = Inputs.random(9, 4, 19, 1);
        Tensor all = SingleNode.run(Arena.ofAuto(), "LSTM", 14, Attributes.NONE, in.x, in.w, in.r, in.b);
        Tensor alone = SingleNode.run(Arena.ofAuto(), "LSTM", 14, Attributes.NONE, slice(in.x, 1), in.w, in.r, in.b);
        assertEquals(slice(transpose(all, 0, 2, 1, 3), 1).sha256(), transpose(alone, 0, 2, 1, 3).sha256());
    }

    private static Tensor slice(Tensor t, long sample) {
        return SingleNode.run(Arena.ofAuto(), "Slice", 13, Attributes.NONE, t, Cases.longs(sample), Cases.longs(sample + 1),
                Cases.longs(1));
    }

    @Test
    void activationsTakeTheirParametersInOrder() {
        Tensor x = floats(shape(1, 1, 1), -2), one = floats(shape(2, 1, 1), 1, 1), zero = floats(shape(2, 1, 1), 0, 0);
        Attributes a = Attributes.of("direction", "bidirectional", "activations", new String[]{"Relu", "LeakyRelu"}, "activation_alpha",
                new float[]{0.5f});
        Cases.check("RNN", 14, a, shape(1, 2, 1, 1), Cases.values(0, -1), x, one, zero);
        a = Attributes.of("direction", "bidirectional", "activations", new String[]{"Affine", "HardSigmoid"}, "activation_alpha",
                new float[]{3},
                "activation_beta", new float[]{1});
        Cases.check("RNN", 14, a, shape(1, 2, 1, 1), Cases.values(-5, Math.fma(0.2f, -2f, 0.5f)), x, one, zero);
        refuses("'Sine' is not supported", "RNN", 14, Attributes.of("activations", new String[]{"Sine"}), x, one.rows(0, 1),
                zero.rows(0, 1));
        refuses("must have shape", "RNN", 14, Attributes.NONE, x, one, zero.rows(0, 1));
    }
}
