package dev.reprise.audit.command;

import dev.reprise.audit.experiment.Audit;
import dev.reprise.audit.spec.AuditSpec;
import dev.reprise.audit.report.HtmlReport;
import dev.reprise.audit.report.Results;
import dev.reprise.audit.spec.AuditSpecReader;
import dev.reprise.loaders.AtomicFile;
import dev.reprise.loaders.image.ImageGrid;
import dev.reprise.loaders.image.Png;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "audit", description = {"Samples models from the same noises, scores every pair, and writes a report.",
    "Without SPEC.yaml it audits the embedded models. Writes report.html, report.json, grid.png, and samples/ID.npz."})
public final class AuditCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "SPEC.yaml", description = "What to audit; docs/audit-spec.md describes it.")
    private Path file;

    @Option(names = "--quick", description = "A smaller audit: what the spec's entry 'quick' says.")
    private boolean quick;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder of the report.")
    private Path folder;

    @Mixin
    private EngineOptions engine;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws IOException {
        AuditSpec s = file == null ? AuditSpecReader.embedded(quick) : AuditSpecReader.read(file, quick);
        Files.createDirectories(folder.resolve("samples"));
        try (Arena arena = Arena.ofShared(); Progress progress = Progress.on(spec.commandLine().getErr())) {
            Audit a = Audit.run(s, engine.options(), arena, progress::at);
            progress.at("writing the report", 0.99);
            write(s, a, arena);
            progress.clear();
            json.print(spec, a.results(), out -> print(a.results(), out));
            return 0;
        }
    }

    /** Each file appears whole or not at all; the report comes last, so that a report means a finished audit. */
    private void write(AuditSpec s, Audit a, Arena arena) {
        Tensor seeds = Tensor.of(arena, Shape.of(s.seeds().count()), LongStream.rangeClosed(s.seeds().first(), s.seeds().last()).toArray());
        a.samples().forEach((id, samples) -> {
            Map<String, Tensor> arrays = new LinkedHashMap<>();
            arrays.put("samples", samples);
            arrays.put("noise", a.noise().get(id));
            arrays.put("seeds", seeds);
            Npz.write(folder.resolve("samples").resolve(id + ".npz"), arrays);
        });
        List<Tensor> columns = new ArrayList<>();
        columns.add(a.noise().values().iterator().next());
        columns.addAll(a.samples().values());
        Png.write(folder.resolve("grid.png"), ImageGrid.sideBySide(columns, Math.min(32, s.seeds().count()), 4, 2));
        AtomicFile.write(folder.resolve("report.json"), Json.write(a.results()).getBytes(StandardCharsets.UTF_8));
        AtomicFile.write(folder.resolve("report.html"), HtmlReport.render(a.results(), a.pictures()).getBytes(StandardCharsets.UTF_8));
    }

    private void print(Results r, PrintWriter out) {
        out.printf("%d models, %,d noises; RP above the diagonal, MAE score below, GL at the right%n%n", r.models().size(),
                r.settings().noises());
        int width = r.models().stream().mapToInt(m -> m.label().length()).max().orElse(0);
        out.printf("%-" + (width + 4) + "s", "");
        for (int i = 0; i < r.models().size(); i++)
            out.printf("%6d", i + 1);
        out.printf("     GL%n");
        for (int i = 0; i < r.models().size(); i++) {
            Results.Model m = r.models().get(i);
            out.printf("%2d  %-" + width + "s", i + 1, m.label());
            for (int j = 0; j < r.models().size(); j++) {
                Results.Pair p = r.pair(m.id(), r.models().get(j).id());
                out.print(p == null ? "     ·" : String.format(Locale.ROOT, "  %.2f", j > i ? p.rp().value() : p.mae().value()));
            }
            out.println(m.generalization() == null ? "      –" : String.format(Locale.ROOT, "   %.2f", m.generalization().gl().value()));
        }
        out.printf("%nreport: %s%n", folder.resolve("report.html"));
    }
}
