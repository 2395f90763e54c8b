package dev.reprise.audit.command;

import dev.reprise.engine.Model;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.loaders.weights.WeightFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "inspect", description = {"Shows what a model takes, gives and is made of; exit code 2 if Reprise cannot run all of it.",
    "Of a PyTorch file or .safetensors: its tensors."})
public final class InspectCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "An ONNX model; or tensors: .pt, .pth, .ckpt, .safetensors.")
    private Path file;

    @Option(names = "--dim", paramLabel = "NAME=N", description = "Size of a symbolic dimension for the count of operations (default 1).")
    private Map<String, Long> dims = Map.of();

    @Option(names = "--batch", paramLabel = "N", description = "Size of the first dimension of inputs where it is symbolic (default 1).")
    private long batch = 1;

    @Option(names = "--plan", description = "Show every step that runs, with its kernel, operations and bytes, and the plan's memory. "
            + "A kernel marked x4 runs four times, each for a part of the batch.")
    private boolean plan;

    @Mixin
    private WeightOptions weights;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() {
        if (batch < 1) throw Failure.badInput("--batch must be at least 1, found " + batch);
        if (WeightFile.isNamedSo(file)) {
            TensorList list = TensorList.of(file);
            json.print(spec, list, list::print);
            return 0;
        }
        try (Model model = OnnxLoader.read(file, weights.binding())) {
            Inspection i = Inspection.of(model, dims, batch, plan);
            json.print(spec, i, out -> print(i, out));
            if (i.unsupported().isEmpty()) return 0;
            throw Failure.badInput(i.name() + " needs what Reprise does not support: " + i.unsupported().getFirst()
                    + (i.unsupported().size() > 1 ? "; and " + (i.unsupported().size() - 1) + " more reasons" : ""));
        }
    }

    private static void print(Inspection i, PrintWriter out) {
        out.printf("model        %s%n", i.name());
        out.printf("sha256       %s%n", i.sha256());
        out.printf("format       ONNX IR %d, opset %d%s%n", i.irVersion(), i.opset(), i.producer().isEmpty() ? "" : ", by " + i.producer());
        i.inputs().forEach((name, type) -> out.printf("input        %s: %s%n", name, type));
        i.outputs().forEach((name, type) -> out.printf("output       %s: %s%n", name, type));
        out.printf("parameters   %,d (%s)%n", i.parameters(), bytes(i.parameterBytes()));
        if (i.execution() != null) {
            Inspection.Execution e = i.execution();
            out.printf("operations   %s a run with %s%n", count(e.flops()), e.shapes());
            out.printf("plan         %,d nodes become %,d steps; %s of working memory%n", i.nodes(), e.steps(), bytes(e.workingBytes()));
        } else if (i.note() != null) { out.printf("operations   not known: %s%n", i.note()); }
        out.printf("operators    %,d nodes of %d kinds%n", i.nodes(), i.operators().size());
        i.operators().forEach((name, n) -> out.printf("  %6d  %s%n", n, name));
        i.metadata().forEach(
                (key, value) -> out.printf("metadata     %s: %s%n", key, value.length() > 100 ? value.substring(0, 100) + "…" : value));
        if (i.unsupported().isEmpty()) out.printf("unsupported  nothing%n");
        if (i.execution() != null && i.execution().plan() != null) i.execution().plan().print(out);
        i.unsupported().forEach(u -> out.printf("unsupported  %s%n", u));
    }

    static String bytes(long n) { return n < 1000 ? n + " bytes" : scaled(n, 1000, "kB", "MB", "GB", "TB"); }

    private static String count(long n) { return n < 1000 ? n + " FLOP" : scaled(n, 1000, "kFLOP", "MFLOP", "GFLOP", "TFLOP"); }

    private static String scaled(double n, double step, String... units) {
        int at = -1;
        while (n >= step && at + 1 < units.length) {
            n /= step;
            at++;
        }
        return String.format(java.util.Locale.ROOT, n < 10 ? "%.2f %s" : n < 100 ? "%.1f %s" : "%.0f %s", n, units[at]);
    }
}
