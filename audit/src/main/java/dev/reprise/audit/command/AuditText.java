package dev.reprise.audit.command;

import dev.reprise.audit.report.Outcome;
import dev.reprise.audit.report.Results;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The results of an audit for a terminal. */
final class AuditText {
    private AuditText() {}

    static void print(Results r, Path html, PrintWriter out) {
        for (Outcome o : r.experiments()) {
            out.println(o.title());
            switch (o) {
                case Outcome.Matrix m -> matrix(r, m, out);
                case Outcome.Memorization m -> memorization(r, m, out);
                case Outcome.Steps s -> s.pairs().forEach(p -> pair(r, p, out));
                case Outcome.Device d -> d.variants()
                        .forEach(v -> out.printf(Locale.ROOT, "  %-40s RP %.2f   %d of %d images the same bytes, at most %.2g apart%n",
                                r.label(v.pair().b()), v.pair().rp().value(), v.identical(), v.pair().rp().of(), v.most()));
                case Outcome.Conditional c -> {
                    c.byClass().forEach(b -> out.printf(Locale.ROOT, "  %s and %s, the same class: RP %.2f%n", b.a(), b.b(), b.mean()));
                    c.between()
                            .forEach(b -> out.printf(Locale.ROOT, "  %s against %s with any class: RP %.2f%n", r.label(b.unconditional()),
                                    b.conditional(),
                                    b.rp().value()));
                }
                case Outcome.Hyperplane h ->
                    h.agreements().forEach(a -> out.printf(Locale.ROOT, "  %s and %s give %.0f %% of the points to one image%n",
                            r.label(a.a()), r.label(a.b()), 100 * a.share()));
                case Outcome.Quality q -> q.rows().forEach(x -> out.printf(Locale.ROOT,
                        "  %-40s Fréchet distance %.4g   precision %.2f   recall %.2f%n", r.label(x.source()), x.frechet(),
                        x.precision().value(), x.recall().value()));
                case Outcome.Mixture m ->
                    m.errors().forEach(e -> out.printf(Locale.ROOT, "  %s: distance of scores %.4f%n", r.label(e.source()), e.distance()));
            }
            out.println();
        }
        out.printf("report: %s%n", html);
    }

    private static void pair(Results r, Results.Pair p, PrintWriter out) {
        out.printf(Locale.ROOT, "  %-40s RP %.2f   MAE score %.2f%n", r.label(p.b()), p.rp().value(), p.mae().value());
    }

    private static void matrix(Results r, Outcome.Matrix m, PrintWriter out) {
        List<String> ids = m.sources();
        out.printf("  %d models, %,d noises; RP above the diagonal, MAE score below%n", ids.size(), r.source(ids.getFirst()).images());
        int width = ids.stream().mapToInt(id -> r.label(id).length()).max().orElse(0);
        out.printf("%-" + (width + 6) + "s", "");
        for (int i = 0; i < ids.size(); i++)
            out.printf("%6d", i + 1);
        out.println();
        for (int i = 0; i < ids.size(); i++) {
            out.printf("  %2d  %-" + width + "s", i + 1, r.label(ids.get(i)));
            for (int j = 0; j < ids.size(); j++) {
                Results.Pair p = Results.pair(m.pairs(), ids.get(i), ids.get(j));
                out.print(p == null ? "     ·" : String.format(Locale.ROOT, "  %.2f", j > i ? p.rp().value() : p.mae().value()));
            }
            out.println();
        }
    }

    private static void memorization(Results r, Outcome.Memorization m, PrintWriter out) {
        for (Outcome.Originality o : m.originality())
            out.printf(Locale.ROOT, "  %-40s GL %.2f against %,d training images%n", r.label(o.source()), o.gl().value(),
                    o.trainingImages());
        m.ideal().forEach(p -> out.printf(Locale.ROOT, "  %-40s RP %.2f against the ideal denoiser of its training images%n",
                r.label(p.a()), p.rp().value()));
    }
}
