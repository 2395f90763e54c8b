package dev.reprise.audit.command;

import dev.reprise.audit.cache.Cache;
import dev.reprise.audit.certificate.Certificate;
import dev.reprise.audit.experiment.Audit;
import dev.reprise.audit.report.Results;
import dev.reprise.audit.spec.AuditSpec;
import dev.reprise.audit.spec.AuditSpecReader;
import dev.reprise.engine.SessionOptions;
import dev.reprise.loaders.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "audit", description = {"Samples models from the same noises, runs the experiments of a spec, and writes a report.",
    "Without SPEC.yaml it audits the embedded models. Finished work is kept in a cache: an audit that was stopped goes on where it was."})
public final class AuditCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "SPEC.yaml", description = "What to audit; docs/audit-spec.md describes it.")
    private Path file;

    @Option(names = "--quick", description = "A smaller audit: what the spec's entry 'quick' says.")
    private boolean quick;

    @Option(names = "--out", paramLabel = "DIR", description = "Folder of the report (default: report).")
    private Path folder = Path.of("report");

    @Option(names = "--cache", paramLabel = "DIR", description = "Where finished work is kept (default: $REPRISE_CACHE, or reprise in the user's "
            + "cache folder). Any number of audits and processes may share it; it may be deleted at any time.")
    private Path cache;

    @Option(names = "--workers", paramLabel = "N", description = "Processes that share the work, this one included (default 1).")
    private int workers = 1;

    @Option(names = "--init", paramLabel = "FILE.yaml", description = "Write a commented spec to start from, and do nothing else.")
    private Path init;

    @Option(names = "--work-only", hidden = true, description = "Fill the cache and write no report: what the other processes of --workers do.")
    private boolean workOnly;

    @Mixin
    private CertificateOption certificate;

    @Mixin
    private EngineOptions engine;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws IOException {
        if (init != null) return init();
        if (workers < 1 || workers > 256) throw Failure.badInput("--workers must be from 1 to 256, found " + workers);
        AuditSpec s = file == null ? AuditSpecReader.embedded(quick) : AuditSpecReader.read(file, quick);
        Cache store = Cache.open(cache == null ? CacheFolder.standard() : cache);
        SessionOptions options = engine.options();
        if (workers > 1) options = options.threads(Math.max(1, options.threads() / workers));
        try (Arena arena = Arena.ofShared();
                Progress progress = Progress.on(spec.commandLine().getErr());
                Interruption ended = Interruption.watch(spec.commandLine().getErr(), store)) {
            if (workOnly) {
                Audit.work(s, options, store, progress::at);
                ended.finished();
                return 0;
            }
            ReportFolder out = new ReportFolder(folder);
            out.prepare();
            try (OtherWorkers _ = OtherWorkers.start(workers - 1, others(store, options))) {
                AuditCertificate certified = new AuditCertificate(spec, engine.exact());
                Audit a = Audit.run(s, options, store, arena, (id, arrays) -> {
                    out.samples(id, arrays);
                    certified.samples(id, arrays);
                }, progress::at);
                progress.at("writing the report", 0.99);
                Certificate c = certified.of(a);
                CertificateFiles.write(certificate.in(folder), c);
                out.write(a, c);
                ended.finished();
                progress.clear();
                json.print(spec, a.results(), text -> AuditText.print(a.results(), out.html(), text));
                return 0;
            }
        }
    }

    private List<String> others(Cache store, SessionOptions options) {
        List<String> args = new ArrayList<>(
                List.of("audit", "--work-only", "--cache", store.folder().toAbsolutePath().toString(), "--threads",
                        Integer.toString(options.threads())));
        if (quick) args.add("--quick");
        if (engine.exact()) args.add("--exact");
        args.addAll(List.of(engine.deviceArguments()));
        if (file != null) args.add(file.toString());
        return args;
    }

    private int init() throws IOException {
        if (Files.exists(init)) throw Failure.badInput(init + ": already exists; it is left as it is");
        try (InputStream in = AuditSpec.class.getResourceAsStream("init.yaml")) {
            AtomicFile.write(init, in.readAllBytes());
        }
        spec.commandLine().getOut().println("written to " + init + "; docs/audit-spec.md describes the entries");
        return 0;
    }
}
