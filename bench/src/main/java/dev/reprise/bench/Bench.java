package dev.reprise.bench;

import com.sun.management.ThreadMXBean;
import dev.reprise.audit.Version;
import dev.reprise.bench.model.Networks;
import dev.reprise.engine.Model;
import dev.reprise.engine.plan.Plan;
import dev.reprise.loaders.onnx.OnnxWriter;
import dev.reprise.ops.device.Device;
import dev.reprise.ops.device.Devices;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code reprise bench}: Reprise and ONNX Runtime on the same model, inputs, machine and threads, in one process. */
@Command(name = "reprise bench", mixinStandardHelpOptions = true, usageHelpAutoWidth = true, //
        description = "Times Reprise and ONNX Runtime in turn on the same inputs, after checking that their results agree. "
                + "Prints medians, GFLOP/s (convolutions counted as direct sums), the share of the FMA peak measured in the same run, the ratio "
                + "of times with its quartiles, and what a run allocates on the Java heap.")
public final class Bench implements Callable<Integer> {
    /** Peers are held to what float32 networks of fifty layers agree on. */
    private static final double TOLERANCE = 1e-3;
    private static final JsonMapper JSON = JsonMapper.builder().disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.INDENT_OUTPUT).build();

    @Parameters(paramLabel = "MODEL", description = "An ONNX file, or a network of full size with random weights: ddpm, ddpmpp, ddpmpp-64, "
            + "ddpmpp-32, dit-s2, uvit-s2, sscd, minilm. Default: all of these.")
    private List<String> models = Networks.NAMES;

    @Option(names = "--against", paramLabel = "PEER", defaultValue = OnnxRuntime.NAME, description = "onnxruntime (default) or none.")
    private String against;

    @Option(names = "--threads", paramLabel = "N", description = "Threads of each engine. Default: all cores.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--batch", paramLabel = "N,…", split = ",", defaultValue = "1,8", description = "Batch sizes. Default: ${DEFAULT-VALUE}.")
    private List<Integer> batches;

    @Option(names = "--seconds", paramLabel = "S", defaultValue = "10", //
            description = "How long to time each model and batch size, after warming up (5 to 20 s more). Default: ${DEFAULT-VALUE}.")
    private double seconds;

    @Option(names = "--json", paramLabel = "FILE", description = "Write everything found, nodes of profiles included.")
    private Path json;

    @Option(names = "--profile", description = "Time every node of the plan, as executed.")
    private boolean profile;

    @Option(names = "--trace", paramLabel = "FILE", description = "Write a few runs for Chrome's trace viewer (chrome://tracing, ui.perfetto.dev).")
    private Path trace;

    @Option(names = "--cold", description = "Also measure, in processes of their own, loading, the first forward and peak resident memory.")
    private boolean cold;

    @Option(names = "--distance", description = "Tell apart runs whose two threads' cores share a cache from runs where they do not, as on virtual machines of two processors.")
    private boolean distance;

    @Option(names = "--device", paramLabel = "NAME,…", split = ",", description = "Compare devices, such as cpu,tornado, instead of engines: time of "
            + "a forward and an image, compiling and copying apart, agreement with the first, and how each operator ran.")
    private List<String> devices = List.of();

    @Option(names = "--plot", paramLabel = "FILE.svg", description = "With --device: draw the times.")
    private Path plot;

    @Spec
    private CommandSpec spec;

    public static void main(String[] args) { System.exit(commandLine().execute(args)); }

    static CommandLine commandLine() {
        return new CommandLine(new Bench()).setExecutionExceptionHandler((e, line, _) -> {
            line.getErr()
                    .println("reprise bench: " + (e instanceof RuntimeException && e.getMessage() != null ? e.getMessage() : e.toString()));
            return 2;
        });
    }

    @Override
    public Integer call() throws IOException {
        if (!against.equals(OnnxRuntime.NAME) && !against.equals("none"))
            throw wrong("--against must be onnxruntime or none, found " + against);
        if (threads < 1) throw wrong("--threads must be at least 1, found " + threads);
        if (batches.stream().anyMatch(b -> b < 1)) throw wrong("--batch must be at least 1, found " + batches);
        if (distance && (threads != 2 || Runtime.getRuntime().availableProcessors() != 2 || !devices.isEmpty()))
            throw wrong("--distance is for two threads on two processors, where each has one; found " + threads + " on "
                    + Runtime.getRuntime().availableProcessors() + (devices.isEmpty() ? "" : ", and --device"));
        if (!devices.isEmpty()) return onDevices();
        if (plot != null) throw wrong("--plot needs --device");
        boolean peer = !against.equals("none");
        PrintWriter out = spec.commandLine().getOut();
        double peak = FmaPeak.measure(threads);
        out.println("FMA peak %.0f GFLOP/s on %d thread%s, %d floats a vector%s".formatted(peak, threads, threads == 1 ? "" : "s",
                FmaPeak.lanes(), peer ? "; against ONNX Runtime " + OnnxRuntime.version() : ""));
        out.println(line("model", "batch", "reprise", "GFLOP/s", "of peak", "heap/run", "peer", "GFLOP/s", "ratio", "(quartiles)",
                "difference"));
        List<Measurement.Row> rows = new ArrayList<>();
        Trace traced = trace == null ? null : new Trace();
        for (String m : models)
            rows.addAll(measure(m, peer, peak, traced));
        if (json != null)
            JSON.writeValue(json.toFile(), new Measurement(Version.environment(), processor(),
                    peer ? "ONNX Runtime " + OnnxRuntime.version() : null, threads, peak, rows));
        if (trace != null) JSON.writeValue(trace.toFile(), traced);
        return 0;
    }

    private int onDevices() throws IOException {
        List<Device> there = new ArrayList<>();
        for (String d : devices)
            try {
                there.add(d.equals("auto") ? Devices.automatic() : Devices.named(d));
            } catch (IllegalArgumentException e) {
                throw wrong("--device: " + e.getMessage());
            }
        PrintWriter out = spec.commandLine().getOut();
        DeviceBench.header(out);
        List<DeviceBench.Row> rows = new ArrayList<>();
        for (String m : models) {
            Path file = Path.of(m), temporary = null;
            if (!Files.exists(file)) temporary = file = written(m);
            try {
                for (int b : batches)
                    rows.addAll(DeviceBench.measure(m.substring(m.lastIndexOf('/') + 1), file, b, there, threads, seconds, out));
            } finally {
                if (temporary != null) Files.delete(temporary);
            }
        }
        if (json != null) JSON.writeValue(json.toFile(), rows);
        if (plot != null) Files.writeString(plot, BarPlot.of(rows));
        return 0;
    }

    /** A network of full size as a temporary file. */
    private static Path written(String name) throws IOException {
        try (Model m = Networks.named(name)) {
            Path file = Files.createTempFile("reprise-bench", ".onnx");
            OnnxWriter.write(m, file);
            return file;
        }
    }

    private ParameterException wrong(String message) { return new ParameterException(spec.commandLine(), message); }

    private List<Measurement.Row> measure(String name, boolean peer, double peak, Trace traced) throws IOException {
        Path file = Path.of(name), temporary = null;
        if (!Files.exists(file)) temporary = file = written(name);
        List<Measurement.Row> rows = new ArrayList<>();
        try (Subject other = peer ? new OnnxRuntime(file, threads) : null; Reprise ours = new Reprise(file, threads)) {
            for (int b : batches)
                rows.add(measure(name, b, file, ours, other, peak, traced));
        } finally {
            if (temporary != null) Files.delete(temporary);
        }
        return rows;
    }

    private Measurement.Row measure(String name, int batch, Path file, Reprise ours, Subject peer, double peak, Trace traced)
            throws IOException {
        PrintWriter out = spec.commandLine().getOut(), err = spec.commandLine().getErr();
        try (Arena arena = Arena.ofShared()) {
            String label = name.substring(name.lastIndexOf('/') + 1);
            Map<String, Tensor> in = Inputs.of(ours.inputs(), batch, arena);
            Double difference = peer == null ? null : difference(ours.output(in), peer.output(in));
            if (difference != null && !(difference <= TOLERANCE))
                throw new IllegalStateException(name + ": the results differ by " + difference + " of the largest value; nothing is timed");
            Subject.Run run = ours.prepare(in, arena), other = peer == null ? null : peer.prepare(in, arena);
            SideBySide.warmUp(run, Math.max(2, seconds * 6), s -> err.println(label + " at batch " + batch + ": " + s));
            SideBySide.Found found = timed(run, other);
            SideBySide.Times t = found.times();
            double heap = heapBytes(run, t.first().median());
            Plan plan = ours.plan(in);
            double gflop = plan.flops() / 1e9, rate = gflop / t.first().median() * 1e3;
            out.println(line(label, Integer.toString(batch), "%.2f ms".formatted(t.first().median()), "%.1f".formatted(rate),
                    "%.0f %%".formatted(100 * rate / peak), "%.0f B".formatted(heap),
                    peer == null ? "" : "%.2f ms".formatted(t.second().median()),
                    peer == null ? "" : "%.1f".formatted(gflop / t.second().median() * 1e3),
                    peer == null ? "" : "%.2f".formatted(t.ratio().median()),
                    peer == null ? "" : "(%.2f - %.2f)".formatted(t.ratio().lowerQuartile(), t.ratio().upperQuartile()),
                    peer == null ? "" : "%.1e".formatted(difference)));
            if (distance) {
                out.println("    cores near: " + times(found.distance().near()));
                out.println("    cores far apart: " + times(found.distance().far()));
            }
            Profile p = profile ? Profile.of(ours, in) : null;
            if (p != null) out.print(p.table());
            if (traced != null) traced.add(label + ", batch " + batch, ours, in);
            ColdStart.Result first = cold ? ColdStart.measure(Reprise.NAME, file, batch, threads) : null,
                    theirs = cold && peer != null ? ColdStart.measure(OnnxRuntime.NAME, file, batch, threads) : null;
            if (first != null) out.println("    cold: reprise " + cold(first) + (theirs == null ? "" : "; peer " + cold(theirs)));
            out.flush();
            return new Measurement.Row(label, batch, gflop, t.first(), rate, rate / peak, heap, plan.arenaBytes(), t.second(), t.ratio(),
                    found.distance(), difference, first, theirs, p);
        }
    }

    private SideBySide.Found timed(Subject.Run run, Subject.Run peer) {
        if (!distance) return SideBySide.measure(run, peer, seconds, null);
        try (CoreDistance d = new CoreDistance()) {
            for (int i = 0; i < 50; i++)
                d.nanos(); // until it is compiled
            return SideBySide.measure(run, peer, seconds, d::nanos);
        }
    }

    private static String times(SideBySide.Times t) {
        if (t == null) return "not seen in this time";
        Series r = t.ratio();
        return "reprise %.2f ms (%d runs)".formatted(t.first().median(), t.first().count())
                + (r == null
                        ? ""
                        : ", peer %.2f ms, ratio %.2f (%.2f - %.2f)".formatted(t.second().median(), r.median(), r.lowerQuartile(),
                                r.upperQuartile()));
    }

    private static String cold(ColdStart.Result r) {
        return "load %.0f ms, first forward %.0f ms, tenth %.1f ms, peak %.0f MB".formatted(r.loadMs(), r.firstMs(), r.tenthMs(),
                r.peakMegabytes());
    }

    /** What one run allocates on the heap, all threads of the JVM together, over about a second of runs. */
    private static double heapBytes(Subject.Run run, double ms) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int runs = (int) Math.clamp(1000 / ms, 3, 1000);
        long before = threads.getTotalThreadAllocatedBytes();
        for (int i = 0; i < runs; i++)
            run.run();
        return (threads.getTotalThreadAllocatedBytes() - before) / (double) runs;
    }

    private static double difference(float[] ours, float[] theirs) {
        double worst = 0, largest = 0;
        for (int i = 0; i < theirs.length; i++) {
            double d = Math.abs((double) ours[i] - theirs[i]);
            // A NaN must not pass as no difference.
            worst = d >= 0 ? Math.max(worst, d) : Double.POSITIVE_INFINITY;
            largest = Math.max(largest, Math.abs(theirs[i]));
        }
        return worst / largest;
    }

    private static String processor() {
        Path info = Path.of("/proc/cpuinfo");
        try {
            return Files.exists(info)
                    ? Files.readAllLines(info).stream().filter(l -> l.startsWith("model name")).findFirst()
                            .map(l -> l.substring(l.indexOf(':') + 1).strip()).orElse("")
                    : "";
        } catch (IOException e) {
            return "";
        }
    }

    private static String line(Object... columns) {
        return "%-16s %5s %11s %8s %8s %10s %11s %8s %6s %15s %11s".formatted(columns).stripTrailing();
    }
}
