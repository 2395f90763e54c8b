package dev.reprise.audit.command;

import dev.reprise.audit.conformance.Conformance;
import dev.reprise.audit.conformance.Conformance.Outcome;
import dev.reprise.audit.conformance.Conformance.Report;
import dev.reprise.audit.conformance.Executor;
import dev.reprise.loaders.AtomicFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "conformance", description = {"Runs the official ONNX backend cases (node, simple, pytorch-converted, pytorch-operator).",
    "Exit code 1 where a case fails."})
public final class ConformanceCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "Folder of the cases; Debian's package libonnx-testdata has them in /usr/share/libonnx-testdata/data.")
    private Path folder;

    @Option(names = "--only", paramLabel = "REGEX", description = "Run the cases whose name matches.")
    private String only;

    @Option(names = "--interpreter", description = "Run node by node instead of from a plan.")
    private boolean interpreter;

    @Option(names = "--verbose", description = "List unsupported and excluded cases too.")
    private boolean verbose;

    @Option(names = "--json", paramLabel = "FILE", arity = "0..1", fallbackValue = "-", description = "Write every result to FILE; "
            + "without FILE print them as JSON.")
    private Path file;

    @Override
    public Integer call() throws IOException {
        if (!Files.isDirectory(folder)) throw Failure.badInput(folder + ": there is no such folder");
        Conformance.Options options = new Conformance.Options(pattern(), interpreter ? Executor.INTERPRETER : Executor.SESSION,
                Conformance.Options.DEFAULT.seconds());
        Report report;
        int[] done = new int[1];
        try (Progress progress = Progress.on(spec.commandLine().getErr())) {
            report = Conformance.run(folder, options, r -> progress.at("conformance cases", ++done[0] / 1100.0));
        }
        if (report.results().isEmpty())
            throw Failure.badInput(folder + " holds no conformance case" + (only == null ? "" : " that matches '" + only + "'"));
        Map<String, Object> all = new LinkedHashMap<>();
        for (Outcome o : Outcome.values())
            all.put(o.name().toLowerCase(Locale.ROOT), report.count(o));
        all.put("results", report.results());
        PrintWriter out = spec.commandLine().getOut();
        boolean toStdout = file != null && file.toString().equals("-");
        if (toStdout) out.println(Json.write(all));
        else if (file != null) AtomicFile.write(file, Json.write(all).getBytes(StandardCharsets.UTF_8));
        if (!toStdout) {
            report.results().stream().filter(r -> r.outcome() == Outcome.FAILED || verbose && r.outcome() != Outcome.PASSED)
                    .forEach(r -> out.printf("%s %s/%s: %s%n", r.outcome().name().toLowerCase(Locale.ROOT), r.group(), r.name(),
                            r.reason()));
            out.println(report.summary());
        }
        out.flush();
        return report.count(Outcome.FAILED) == 0 ? 0 : Failure.NOT_EQUAL;
    }

    private Pattern pattern() {
        try {
            return only == null ? null : Pattern.compile(only);
        } catch (PatternSyntaxException e) {
            throw Failure.badInput("--only: " + e.getDescription() + " in '" + only + "'", e);
        }
    }
}
