package dev.reprise.engine;

import dev.reprise.engine.graph.Value;
import dev.reprise.engine.graph.ValueType;
import dev.reprise.engine.graph.ValueType.Dim;
import dev.reprise.engine.operator.OperatorException;
import dev.reprise.engine.operator.WeightCache;
import dev.reprise.engine.plan.Plan;
import dev.reprise.engine.plan.PlanOptions;
import dev.reprise.ops.device.CpuDevice;
import dev.reprise.ops.device.DeviceFailure;
import dev.reprise.ops.kernel.WarmUp;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Pages;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a {@link Model}. The first run with given input shapes compiles a {@link Plan} for them, later ones reuse it. A
 * session may be used by many threads at once: each run has memory of its own, and the worker pool serves one run at a
 * time while the others go on with their own thread alone. The bits of a result never depend on any of that.
 *
 * <pre>{@code
 * try (Model model = OnnxLoader.load(path); Session session = model.session(SessionOptions.DEFAULT); Arena arena = Arena.ofConfined()) {
 *     Tensor y = session.run(Map.of("x", x), arena).get("y");
 * }
 * }</pre>
 */
public final class Session implements AutoCloseable {
    private final Model model;
    private final SessionOptions options;
    private final Workers workers;
    private final Arena weights = Pages.arena();
    private final WeightCache cache;
    private final Map<List<Shape>, Plan> plans;
    private volatile Last last;
    /** As the options say, until a device fails. */
    private volatile PlanOptions compile;
    private final Uses uses;

    Session(Model model, SessionOptions options) {
        WarmUp.start(model.weightBytes());
        this.model = model;
        this.options = options;
        this.compile = options.plan();
        this.workers = new Workers(options.threads());
        this.cache = new WeightCache(weights, options.plan().exact(), model::forget);
        uses = new Uses("session", this::release);
        this.plans = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<List<Shape>, Plan> eldest) {
                if (size() <= options.keepPlans()) return false;
                eldest.getValue().close();
                return true;
            }
        };
    }

    public Model model() { return model; }

    /** The pool of this session, for work around it on the same threads. */
    public Workers workers() { return workers; }

    /**
     * Runs the model.
     *
     * @param inputs one tensor for every input of the model, by name
     * @param arena  owns the memory of the results
     * @return the outputs by name, in the model's order
     * @throws IllegalArgumentException where an input is missing, unknown, or of another type than the model declares
     * @throws dev.reprise.engine.operator.OperatorException where a node cannot work on these inputs
     */
    public Map<String, Tensor> run(Map<String, Tensor> inputs, Arena arena) {
        Map<String, Tensor> out = new LinkedHashMap<>();
        runAny(inputs, arena, null).forEach((name, d) -> {
            if (!(d instanceof Tensor t)) throw new IllegalArgumentException("output '" + name + "' is no tensor; use runAny");
            out.put(name, t);
        });
        return out;
    }

    /** As {@link #run}, for models that also give sequences or optionals, and with an observer of every step (or null). */
    public Map<String, Datum> runAny(Map<String, Tensor> inputs, Arena arena, Plan.Observer observer) {
        Tensor[] in = order(inputs);
        Datum[] results = new Datum[model.graph().outputs().size()];
        run(in, results, arena, observer);
        Map<String, Datum> out = new LinkedHashMap<>();
        for (int i = 0; i < results.length; i++)
            out.put(model.graph().outputs().get(i).name(), results[i]);
        return out;
    }

    /**
     * Runs the model into tensors that the caller owns: in steady state this allocates nothing on the heap.
     *
     * @param inputs  in the order of the model's inputs
     * @param outputs in the order of the model's outputs, of the right types
     */
    public void run(Tensor[] inputs, Tensor[] outputs) {
        Last l = last;
        if (l == null || !l.fits(inputs)) check(inputs);
        run(inputs, outputs, null, null);
    }

    private void run(Tensor[] in, Datum[] results, Arena arena, Plan.Observer observer) {
        model.uses().enter();
        try {
            uses.enter();
            try {
                while (true) {
                    try {
                        plan(in).run(in, results, arena, observer);
                        return;
                    } catch (Plan.ClosedException e) {
                        // Another thread's shapes evicted the plan between look-up and run: make it again.
                        last = null;
                        if (uses.closed()) throw new IllegalStateException("the session is closed", e);
                    } catch (DeviceFailure e) {
                        leaveDevice(e);
                    }
                }
            } finally {
                uses.exit();
            }
        } finally {
            model.uses().exit();
        }
    }

    /**
     * Gives a device that failed in a run up: from now on this session runs on the CPU. Results are written when a run is done, so
     * the one that failed can be repeated whole.
     */
    private void leaveDevice(DeviceFailure e) {
        if (compile.strict()) throw new OperatorException(e.getMessage(), true, e);
        synchronized (plans) {
            // Of several runs that fail at once the first says so.
            if (compile.device() != CpuDevice.INSTANCE) {
                compile.warnings().accept(e.getMessage() + "; this run is repeated on the CPU, and later ones run there");
                compile = compile.device(CpuDevice.INSTANCE);
                plans.values().forEach(Plan::close);
                plans.clear();
            }
            last = null;
        }
    }

    /** The plan for inputs of these shapes (compiled now if need be): for inspection. */
    public Plan plan(List<Shape> shapes) {
        synchronized (plans) {
            if (uses.closed()) throw new IllegalStateException("the session is closed");
            Plan p = plans.get(shapes);
            if (p == null) plans.put(List.copyOf(shapes), p = Plan.compile(model.graph(), shapes, compile, workers, cache));
            return p;
        }
    }

    /** The plan of the latest run: most runs have the shapes of the one before, and to find that out must cost nothing. */
    private record Last(DType[] dtypes, Shape[] shapes, Plan plan) {
        boolean fits(Tensor[] in) {
            if (in.length != shapes.length) return false;
            for (int i = 0; i < in.length; i++)
                if (in[i].dtype() != dtypes[i] || !in[i].shape().equals(shapes[i])) return false;
            return true;
        }
    }

    private Plan plan(Tensor[] in) {
        Last l = last;
        if (l != null && l.fits(in)) return l.plan;
        Plan p = find(in);
        last = new Last(Arrays.stream(in).map(Tensor::dtype).toArray(DType[]::new),
                Arrays.stream(in).map(Tensor::shape).toArray(Shape[]::new),
                p);
        return p;
    }

    private Plan find(Tensor[] in) {
        List<Shape> shapes = new ArrayList<>(in.length);
        for (Tensor t : in)
            shapes.add(t.shape());
        return plan(shapes);
    }

    /** Bytes of the weights that were packed for this session. */
    public long packedBytes() { return cache.bytes(); }

    private Tensor[] order(Map<String, Tensor> inputs) {
        List<Value> declared = model.graph().inputs();
        Tensor[] in = new Tensor[declared.size()];
        for (int i = 0; i < in.length; i++) {
            in[i] = inputs.get(declared.get(i).name());
            if (in[i] == null)
                throw new IllegalArgumentException(
                        model.info().name() + ": input '" + declared.get(i).name() + "' is missing; the model's inputs are " + declared);
        }
        for (String name : inputs.keySet())
            if (declared.stream().noneMatch(v -> v.name().equals(name)))
                throw new IllegalArgumentException(
                        model.info().name() + ": there is no input '" + name + "'; the model's inputs are " + declared);
        check(in);
        return in;
    }

    private void check(Tensor[] in) {
        List<Value> declared = model.graph().inputs();
        if (in.length != declared.size())
            throw new IllegalArgumentException(model.info().name() + ": " + declared.size() + " inputs are needed, found " + in.length);
        Map<String, Long> symbols = new HashMap<>();
        for (int i = 0; i < in.length; i++) {
            if (!(declared.get(i).type() instanceof ValueType.TensorType t))
                throw new IllegalArgumentException(
                        model.info().name() + ": input '" + declared.get(i).name() + "' is no tensor: " + declared.get(i).type());
            if (t.dtype() != in[i].dtype()) throw mismatch(declared.get(i), in[i].dtype(), in[i].shape());
            if (t.dims() == null) continue;
            if (t.dims().size() != in[i].shape().rank()) throw mismatch(declared.get(i), in[i].dtype(), in[i].shape());
            for (int d = 0; d < t.dims().size(); d++) {
                long found = in[i].shape().dim(d);
                switch (t.dims().get(d)) {
                    case Dim.Known k -> {
                        if (k.size() != found) throw mismatch(declared.get(i), in[i].dtype(), in[i].shape());
                    }
                    case Dim.Symbol s -> {
                        Long before = s == Dim.UNKNOWN || s.name().equals("?") ? null : symbols.put(s.name(), found);
                        if (before != null && before != found)
                            throw new IllegalArgumentException(model.info().name() + ": dimension '" + s.name()
                                    + "' is " + found + " in input '" + declared.get(i).name() + "' but " + before + " in another");
                    }
                }
            }
        }
    }

    private IllegalArgumentException mismatch(Value declared, DType dtype, Shape shape) {
        return new IllegalArgumentException(
                model.info().name() + ": input '" + declared.name() + "' must be " + declared.type() + ", found "
                        + ValueType.of(dtype, shape));
    }

    /** Ends the threads and frees plans and packed weights, as soon as no run uses them any more. */
    @Override
    public void close() { uses.close(); }

    private void release() {
        synchronized (plans) {
            plans.values().forEach(Plan::close);
            plans.clear();
        }
        workers.close();
        weights.close();
    }
}
