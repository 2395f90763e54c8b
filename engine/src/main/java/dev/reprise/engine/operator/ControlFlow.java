package dev.reprise.engine.operator;

import dev.reprise.engine.graph.Graph;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** If (since 1, 11, 13, 16, 19, …) and Loop (1, 11, 13, 16, 19, …): every form that the operator sets know. */
final class ControlFlow {
    private ControlFlow() {}

    static void register(Registry r) {
        r.addDynamic("If", 1, ControlFlow::branch, "then_branch", "else_branch");
        r.addDynamic("Loop", 1, ControlFlow::loop, "body");
    }

    private static Datum[] branch(EvalContext c) {
        return c.run(c.attributes().graph(isTrue(c, c.tensor(0)) ? "then_branch" : "else_branch"), List.of()).toArray(Datum[]::new);
    }

    private static boolean isTrue(EvalContext c, Datum d) {
        if (d instanceof Tensor t && t.dtype() == DType.BOOL && t.size() == 1) return t.getLong(0) != 0;
        throw c.error("a condition must be one bool, found " + d);
    }

    private static Datum[] loop(EvalContext c) {
        Graph body = c.attributes().graph("body");
        int carried = Math.max(0, c.inputs() - 2), scans = body.outputs().size() - 1 - carried;
        if (body.inputs().size() != carried + 2 || scans < 0)
            throw c.error("the body has " + body.inputs().size() + " inputs and " + body.outputs().size() + " outputs, the node carries "
                    + carried + " values");
        long trips = c.has(0) ? c.tensor(0).getLong(0) : Long.MAX_VALUE;
        boolean go = !c.has(1) || isTrue(c, c.tensor(1));
        List<Datum> state = new ArrayList<>();
        for (int i = 0; i < carried; i++)
            state.add(c.input(i + 2));
        List<List<Tensor>> stacks = new ArrayList<>();
        for (int i = 0; i < scans; i++)
            stacks.add(new ArrayList<>());
        for (long trip = 0; trip < trips && go; trip++) {
            Tensor number = c.allocate(DType.INT64, Shape.SCALAR), condition = c.allocate(DType.BOOL, Shape.SCALAR);
            number.setLong(0, trip);
            condition.setLong(0, 1);
            List<Datum> in = new ArrayList<>(List.of(number, condition));
            in.addAll(state);
            List<Datum> out = c.run(body, in);
            go = isTrue(c, out.getFirst());
            state = out.subList(1, 1 + carried);
            for (int i = 0; i < scans; i++)
                stacks.get(i).add(Stack.tensor(c, out.get(1 + carried + i)));
        }
        List<Datum> result = new ArrayList<>(state);
        for (int i = 0; i < scans; i++)
            result.add(Stack.join(c, stacks.get(i), 0, true, body.outputs().get(1 + carried + i).type()));
        return result.toArray(Datum[]::new);
    }
}
