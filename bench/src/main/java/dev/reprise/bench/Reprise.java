package dev.reprise.bench;

import dev.reprise.engine.Model;
import dev.reprise.engine.Session;
import dev.reprise.engine.SessionOptions;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.graph.ValueType.Dim;
import dev.reprise.engine.plan.Plan;
import dev.reprise.engine.plan.PlanOptions;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.ops.device.CpuDevice;
import dev.reprise.ops.device.Device;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** This engine. */
final class Reprise implements Subject {
    static final String NAME = "reprise";

    private final Model model;
    private final Session session;

    Reprise(Path file, int threads) { this(file, threads, CpuDevice.INSTANCE); }

    Reprise(Path file, int threads, Device device) {
        model = OnnxLoader.load(file);
        session = model.session(SessionOptions.DEFAULT.threads(threads)
                .plan(PlanOptions.DEFAULT.device(device).warnings(w -> System.err.println("reprise bench: warning: " + w))));
    }

    @Override
    public List<Inputs.Spec> inputs() {
        return model.graph().inputs().stream().map(v -> {
            if (!(v.type() instanceof ValueType.TensorType t) || t.dims() == null)
                throw new IllegalArgumentException(
                        model.info().name() + ": input '" + v.name() + "' is " + v.type() + "; only tensors of known rank can be measured");
            return new Inputs.Spec(v.name(), t.dtype(),
                    t.dims().stream().mapToLong(d -> d instanceof Dim.Known k ? k.size() : -1).toArray());
        }).toList();
    }

    Plan plan(Map<String, Tensor> inputs) { return session.plan(inputs.values().stream().map(Tensor::shape).toList()); }

    void observed(Map<String, Tensor> inputs, Plan.Observer observer) {
        try (Arena arena = Arena.ofShared()) {
            session.runAny(inputs, arena, observer);
        }
    }

    @Override
    public Run prepare(Map<String, Tensor> inputs, Arena arena) {
        Tensor[] in = inputs.values().toArray(Tensor[]::new), out = session.run(inputs, arena).values().toArray(Tensor[]::new);
        return () -> session.run(in, out);
    }

    @Override
    public float[] output(Map<String, Tensor> inputs) {
        try (Arena arena = Arena.ofShared()) {
            Tensor t = session.run(inputs, arena).values().iterator().next();
            if (t.dtype() != DType.FLOAT32)
                throw new IllegalArgumentException(model.info().name() + ": the first output must be float32, found " + t.dtype());
            return t.toFloats();
        }
    }

    @Override
    public void close() {
        session.close();
        model.close();
    }
}
