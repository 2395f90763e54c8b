package dev.reprise.bench;

import dev.reprise.ops.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs as Chrome's trace viewer (chrome://tracing, ui.perfetto.dev) shows them: one process for each model and batch size, one
 * bar for each step of the plan.
 */
record Trace(List<Event> traceEvents, String displayTimeUnit) {
    /**
     * One event in the viewer's own terms.
     *
     * @param ph  "X" for a bar, "M" for a name
     * @param ts  microseconds since the first run began
     * @param dur microseconds
     */
    record Event(String name, String cat, String ph, double ts, double dur, int pid, int tid, Map<String, Object> args) {}

    private static final int RUNS = 3;

    Trace() { this(new ArrayList<>(), "ms"); }

    /** Adds a few runs under that name. */
    void add(String name, Reprise engine, Map<String, Tensor> inputs) {
        int pid = 1 + (int) traceEvents.stream().filter(e -> e.ph.equals("M")).count();
        traceEvents.add(new Event("process_name", "", "M", 0, 0, pid, 1, Map.of("name", name)));
        long origin = System.nanoTime();
        for (int i = 0; i < RUNS; i++)
            engine.observed(inputs, (node, kernel, nanos) -> {
                double end = (System.nanoTime() - origin) / 1e3, duration = nanos / 1e3;
                traceEvents.add(new Event(node.opType(), "step", "X", end - duration, duration, pid, 1,
                        Map.of("node", node.name(), "GFLOP/s", kernel == null ? 0 : kernel.flops() / (double) Math.max(1, nanos))));
            });
    }
}
