package dev.reprise.engine.operator;

import dev.reprise.engine.graph.Graph;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Scan (since 8 with a batch axis and sequence lengths; 9, 11, 16, 19, … with axes and directions). */
final class Scan {
    private Scan() {}

    static void register(Registry r) {
        r.addDynamic("Scan", 8, Scan::batched, "body", "num_scan_inputs", "directions");
        r.addDynamic("Scan", 9, Scan::scan, "body", "num_scan_inputs", "scan_input_axes", "scan_input_directions", "scan_output_axes",
                "scan_output_directions");
    }

    private static Datum[] scan(EvalContext c) {
        List<Tensor> inputs = new ArrayList<>();
        for (int i = 0; i < c.inputs(); i++)
            inputs.add(c.tensor(i));
        return run(c, inputs, -1, c.attributes().integers("scan_input_axes", new long[0]),
                c.attributes().integers("scan_input_directions", new long[0]))
                .toArray(Datum[]::new);
    }

    /** Version 8: input 0 the optional lengths; everything else has a leading batch axis, and is scanned along the next. */
    private static Datum[] batched(EvalContext c) {
        if (c.inputs() < 2) throw c.error("at least one scan input is required");
        long batch = c.tensor(1).shape().dim(0);
        List<List<Tensor>> results = new ArrayList<>();
        for (long b = 0; b < batch; b++) {
            List<Tensor> one = new ArrayList<>();
            for (int i = 1; i < c.inputs(); i++) {
                Tensor t = Stack.slice(c, c.tensor(i), 0, b, 1);
                one.add(t.reshape(Stack.without(t.shape(), 0)));
            }
            results.add(
                    run(c, one, c.has(0) ? c.tensor(0).getLong(b) : -1, new long[0], c.attributes().integers("directions", new long[0])));
        }
        Graph body = c.attributes().graph("body");
        Datum[] out = new Datum[body.outputs().size()];
        for (int k = 0; k < out.length; k++) {
            int output = k;
            out[k] = Stack.join(c, results.stream().map(r -> padded(c, r.get(output), results, output)).toList(), 0, true, null);
        }
        return out;
    }

    /** Scan outputs of shorter sequences are filled up with zeros. */
    private static Tensor padded(EvalContext c, Tensor t, List<List<Tensor>> all, int output) {
        Tensor longest = t;
        for (List<Tensor> r : all)
            if (r.get(output).size() > longest.size()) longest = r.get(output);
        if (longest.size() == t.size()) return t;
        Tensor out = c.allocate(longest.dtype(), longest.shape());
        out.data().asSlice(0, t.byteSize()).copyFrom(t.data());
        return out;
    }

    /** @param limit steps, or -1 for the whole axis */
    private static List<Tensor> run(EvalContext c, List<Tensor> inputs, long limit, long[] axes, long[] backward) {
        Graph body = c.attributes().graph("body");
        int m = Math.toIntExact(c.attributes().integer("num_scan_inputs")), states = inputs.size() - m;
        if (m < 1 || states < 0 || body.inputs().size() != inputs.size() || body.outputs().size() < states)
            throw c.error("num_scan_inputs is " + m + ", the node has " + inputs.size() + " inputs, its body " + body.inputs().size());
        int[] axis = new int[m];
        long length = -1;
        for (int i = 0; i < m; i++) {
            Tensor t = inputs.get(states + i);
            axis[i] = Shape.axis(i < axes.length ? axes[i] : 0, t.shape().rank());
            long n = t.shape().dim(axis[i]);
            if (length >= 0 && n != length) throw c.error("scan inputs have lengths " + length + " and " + n);
            length = n;
        }
        long steps = limit < 0 ? length : limit;
        if (steps > length) throw c.error("sequence length " + steps + " is longer than the input's " + length);
        List<Datum> state = new ArrayList<>(inputs.subList(0, states));
        int outputs = body.outputs().size() - states;
        List<List<Tensor>> stacks = new ArrayList<>();
        for (int i = 0; i < outputs; i++)
            stacks.add(new ArrayList<>());
        for (long step = 0; step < steps; step++) {
            List<Datum> in = new ArrayList<>(state);
            for (int i = 0; i < m; i++) {
                Tensor t = Stack.slice(c, inputs.get(states + i), axis[i],
                        i < backward.length && backward[i] == 1 ? steps - 1 - step : step, 1);
                in.add(t.reshape(Stack.without(t.shape(), axis[i])));
            }
            List<Datum> out = c.run(body, in);
            state = out.subList(0, states);
            for (int i = 0; i < outputs; i++)
                stacks.get(i).add(Stack.tensor(c, out.get(states + i)));
        }
        long[] outAxes = c.attributes().integers("scan_output_axes", new long[0]),
                outBackward = c.attributes().integers("scan_output_directions", new long[0]);
        List<Tensor> result = new ArrayList<>();
        for (Datum d : state)
            result.add(Stack.tensor(c, d));
        for (int i = 0; i < outputs; i++)
            result.add(
                    Stack.join(c, stacks.get(i), i < outAxes.length ? (int) outAxes[i] : 0, i >= outBackward.length || outBackward[i] == 0,
                            body.outputs().get(states + i).type()));
        return result;
    }
}
