import dev.reprise.audit.cache.Cache;
import dev.reprise.audit.experiment.Audit;
import dev.reprise.audit.report.HtmlReport;
import dev.reprise.audit.report.Outcome;
import dev.reprise.audit.report.Results;
import dev.reprise.audit.spec.AuditSpec;
import dev.reprise.audit.spec.AuditSpecReader;
import dev.reprise.engine.SessionOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An audit inside an application: a gate that lets a new version of a model pass only if it still makes the pictures of the old one.
 *
 * <p>Arguments: a spec (docs/audit-spec.md), a folder for finished work, the report to write, and the least RP to accept. Start the JVM with
 * {@code --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED}.
 */
class AuditExample {
    public static void main(String[] args) throws IOException {
        AuditSpec spec = AuditSpecReader.read(Path.of(args[0]), false);
        Cache cache = Cache.open(Path.of(args[1]));
        double least = Double.parseDouble(args[3]);
        // The arena owns the arrays of the audit: similarities, distances and pictures.
        try (Arena arena = Arena.ofShared()) {
            Audit audit = Audit.run(spec, SessionOptions.DEFAULT, cache, arena,
                    (id, arrays) -> System.out.println(id + ": " + arrays.get("samples")),
                    state -> System.err.printf("%3.0f %%  %s%n", 100 * state.done(), state.step()));
            Files.writeString(Path.of(args[2]), HtmlReport.render(audit.results(), audit.data(), audit.pictures()));
            boolean pass = true;
            for (Outcome outcome : audit.results().experiments())
                if (outcome instanceof Outcome.Matrix matrix) for (Results.Pair pair : matrix.pairs()) {
                    // The lower end of the interval: what the noises seen so far allow to promise.
                    boolean same = pair.rp().low() >= least;
                    pass &= same;
                    System.out.printf(java.util.Locale.ROOT, "%s and %s: RP %.3f, at least %.3f: %s%n", pair.a(), pair.b(), pair.rp().value(),
                            pair.rp().low(), same ? "pass" : "fail");
                }
            System.out.println(pass ? "PASS" : "FAIL");
        }
    }
}
