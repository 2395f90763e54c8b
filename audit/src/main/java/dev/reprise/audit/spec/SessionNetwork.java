package dev.reprise.audit.spec;

import dev.reprise.engine.Session;
import dev.reprise.engine.graph.Value;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.model.ModelSpec;
import dev.reprise.samplers.model.Network;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * An ONNX model of one output as the network of a denoiser: its inputs by role, told in the types and shapes that the model takes (see
 * {@link NetworkInputs}). Counts the rows it has evaluated.
 */
final class SessionNetwork implements Network {
    private final Session session;
    private final ModelSpec spec;
    private final List<String> inputs;
    private final NetworkInputs told;
    private long rows;

    /** @throws IllegalArgumentException where the roles and the model's inputs do not fit */
    SessionNetwork(Session session, ModelSpec spec) {
        this.session = session;
        this.spec = spec;
        inputs = session.model().graph().inputs().stream().map(Value::name).toList();
        for (String name : new String[]{spec.inputs().sample(), spec.inputs().time(), spec.inputs().label()})
            if (name != null && !inputs.contains(name))
                throw new IllegalArgumentException(
                        spec.name() + ": the metadata names an input '" + name + "', the model's inputs are " + inputs);
        for (String name : inputs)
            if (!name.equals(spec.inputs().sample()) && !name.equals(spec.inputs().time()) && !name.equals(spec.inputs().label()))
                throw new IllegalArgumentException(spec.name() + ": the model needs an input '" + name
                        + "' to which the metadata gives no role (sample, time or label)");
        told = new NetworkInputs(session.model().graph(), spec);
    }

    @Override
    public void evaluate(Tensor x, Tensor time, Tensor label, Tensor out) {
        if (told.oneTime() && !NetworkInputs.equal(time)) {
            for (int i = 0; i < x.shape().dimInt(0); i++)
                evaluate(x.rows(i, i + 1), time.rows(i, i + 1), label == null ? null : label.rows(i, i + 1), out.rows(i, i + 1));
            return;
        }
        rows += x.shape().dim(0);
        if (told.plain()) {
            run(x, time, label, out);
            return;
        }
        try (Arena arena = Arena.ofShared()) {
            Tensor t = time == null || spec.inputs().time() == null ? null : told.time(time, arena);
            Tensor c = label == null ? null : told.label(label, arena);
            run(x, t, c, out);
        }
    }

    private void run(Tensor x, Tensor time, Tensor label, Tensor out) {
        Tensor[] in = new Tensor[inputs.size()];
        for (int i = 0; i < in.length; i++)
            in[i] = role(inputs.get(i), x, time, label);
        session.run(in, new Tensor[]{out});
    }

    private Tensor role(String name, Tensor x, Tensor time, Tensor label) {
        return name.equals(spec.inputs().sample()) ? x : name.equals(spec.inputs().time()) ? time : label;
    }

    /** Samples times evaluations so far. */
    long rows() { return rows; }
}
