package dev.reprise.audit.command;

import dev.reprise.audit.report.Outcome;
import dev.reprise.audit.report.PageData;
import dev.reprise.audit.report.Results;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "diff", description = {"Compares two audits: settings, samples (by hash) and scores.",
    "Exit code 0 where they say the same, 1 where anything differs."})
public final class DiffCommand implements Callable<Integer> {
    /**
     * @param what    "setting", "samples", "RP", "MAE score", "GL", "precision" or "recall"
     * @param apart   whether the 95 % intervals of two scores do not meet; null for what is no score
     */
    private record Difference(String what, String of, String a, String b, Boolean apart) {}

    private record Result(boolean same, List<Difference> differences, int samplesEqual, int scoresEqual) {}

    private static final String ABSENT = "not there";

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "A", description = "Folder of one audit.")
    private Path a;

    @Parameters(index = "1", paramLabel = "B", description = "Folder of the other.")
    private Path b;

    @Mixin
    private JsonOption json;

    private final List<Difference> found = new ArrayList<>();
    private int samplesEqual, scoresEqual;

    @Override
    public Integer call() {
        Results x = new ReportFolder(a).results(), y = new ReportFolder(b).results();
        settings(x.settings(), y.settings());
        sources(x, y);
        scores("RP", scores(x, false), scores(y, false));
        scores("MAE score", scores(x, true), scores(y, true));
        scores("GL", originality(x), originality(y));
        scores("precision", quality(x, Outcome.Quality.Row::precision), quality(y, Outcome.Quality.Row::precision));
        scores("recall", quality(x, Outcome.Quality.Row::recall), quality(y, Outcome.Quality.Row::recall));
        Result r = new Result(found.isEmpty(), found, samplesEqual, scoresEqual);
        json.print(spec, r, out -> print(r, out));
        return r.same ? 0 : Failure.NOT_EQUAL;
    }

    private void settings(Results.Settings x, Results.Settings y) {
        differ("setting", "noise", x.noise(), y.noise());
        differ("setting", "seeds", x.seeds(), y.seeds());
        differ("setting", "similarity threshold", x.threshold(), y.threshold());
        differ("setting", "pixel threshold", x.maeThreshold(), y.maeThreshold());
        differ("setting", "descriptor", x.descriptorSha256(), y.descriptorSha256());
    }

    private void differ(String what, String of, Object x, Object y) {
        if (!Objects.equals(x, y)) found.add(new Difference(what, of, String.valueOf(x), String.valueOf(y), null));
    }

    private void sources(Results x, Results y) {
        Map<String, String> there = new LinkedHashMap<>();
        y.sources().forEach(s -> there.put(s.id(), s.samplesSha256()));
        for (Results.Source s : x.sources()) {
            String other = there.remove(s.id());
            if (s.samplesSha256().equals(other)) samplesEqual++;
            else found.add(new Difference("samples", s.id(), s.samplesSha256(), other == null ? ABSENT : other, null));
        }
        there.forEach((id, hash) -> found.add(new Difference("samples", id, ABSENT, hash, null)));
    }

    private static Map<String, Results.Share> scores(Results r, boolean mae) {
        Map<String, Results.Share> all = new LinkedHashMap<>();
        for (Results.Pair p : PageData.pairs(r))
            all.put(p.a() + " and " + p.b(), mae ? p.mae() : p.rp());
        return all;
    }

    private static Map<String, Results.Share> originality(Results r) {
        Map<String, Results.Share> all = new LinkedHashMap<>();
        for (Outcome o : r.experiments())
            if (o instanceof Outcome.Memorization m) m.originality().forEach(x -> all.put(x.source(), x.gl()));
        return all;
    }

    private static Map<String, Results.Share> quality(Results r, Function<Outcome.Quality.Row, Results.Share> which) {
        Map<String, Results.Share> all = new LinkedHashMap<>();
        for (Outcome o : r.experiments())
            if (o instanceof Outcome.Quality q) q.rows().forEach(x -> all.put(x.source() + " by " + q.features(), which.apply(x)));
        return all;
    }

    private void scores(String what, Map<String, Results.Share> x, Map<String, Results.Share> y) {
        x.forEach((name, s) -> {
            Results.Share t = y.get(name);
            if (s.equals(t)) scoresEqual++;
            else found.add(new Difference(what, name, words(s), words(t), t == null ? null : s.high() < t.low() || t.high() < s.low()));
        });
        y.forEach((name, t) -> {
            if (!x.containsKey(name)) found.add(new Difference(what, name, ABSENT, words(t), null));
        });
    }

    private static String words(Results.Share s) {
        return s == null ? ABSENT : String.format(Locale.ROOT, "%.4f [%.4f, %.4f]", s.value(), s.low(), s.high());
    }

    private void print(Result r, PrintWriter out) {
        for (Difference d : r.differences)
            if (d.a.equals(ABSENT) || d.b.equals(ABSENT))
                out.printf("%-10s %s: in %s alone%n", d.what, d.of, d.a.equals(ABSENT) ? "B" : "A");
            else
                out.printf("%-10s %s%n    A  %s%n    B  %s%s%n", d.what, d.of, d.a, d.b,
                        d.apart == null ? "" : d.apart ? "   (the intervals do not meet)" : "   (the intervals overlap)");
        out.printf("%d sets of samples and %d scores are the same%s%n", r.samplesEqual, r.scoresEqual,
                r.same ? ": the audits say the same" : "; " + r.differences.size() + " differences");
    }
}
