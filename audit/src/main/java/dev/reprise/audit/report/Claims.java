package dev.reprise.audit.report;

import dev.reprise.audit.report.Results.Pair;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** What the paper finds, and whether these numbers show it: one row for each finding that an experiment of the audit bears on. */
final class Claims {
    /** The least RP that the paper reports between two of its models (figure 6). */
    private static final double REPRODUCIBLE = 0.7;

    enum Verdict {
        SHOWN("shown"), PART("in part"), NOT("not shown");

        private final String words;

        Verdict(String words) { this.words = words; }

        /** @param shown at least this is all of it, {@code part} some of it */
        static Verdict atLeast(double v, double shown, double part) {
            return v >= shown ? SHOWN : v >= part ? PART : NOT;
        }

        static Verdict atMost(double v, double shown, double part) { return v <= shown ? SHOWN : v <= part ? PART : NOT; }
    }

    /**
     * One finding.
     *
     * @param paper what the paper finds, and where
     * @param here  what was counted
     */
    record Claim(String paper, String here, Verdict verdict) {}

    private final Results r;
    private final List<Claim> all = new ArrayList<>();

    private Claims(Results results) { r = results; }

    static List<Claim> of(Results r) {
        Claims c = new Claims(r);
        for (Outcome o : r.experiments())
            switch (o) {
            case Outcome.Matrix m when m.of().equals("matrix") -> c.matrix(m);
            case Outcome.Matrix m when m.of().equals("generators") -> c.generators(m);
            case Outcome.Memorization m -> c.memorization(m);
            case Outcome.Conditional x -> c.conditional(x);
            case Outcome.Hyperplane h -> c.plane(h);
            case Outcome.Steps s -> c.steps(s);
            case Outcome.Device d -> c.device(d);
            case Outcome.Matrix _,Outcome.Mixture _,Outcome.Quality _ -> {
            }
            }
        return List.copyOf(c.all);
    }

    static Html section(Results r) {
        List<Claim> all = of(r);
        if (all.isEmpty()) return new Html();
        Html h = Html.of(
                "<section id=\"claims\"><h2>What the paper finds, and what is seen here</h2><p>Judged with the thresholds of the audit. "
                        + "Where something is not shown, that may lie with the models: %s.</p>",
                r.settings().embedded()
                        ? "small ones, trained briefly on simple images and compared by a small descriptor"
                        : "how long they were trained, on what, and how many noises were compared");
        h.add("<div class=\"scroll\"><table class=\"rows claims\"><thead><tr><th scope=\"col\">the paper</th><th scope=\"col\" class=\"words\">here</th><th scope=\"col\" class=\"words\"></th></tr></thead><tbody>");
        for (Claim c : all)
            h.add("<tr><td>%s</td><td>%s</td><td><b class=\"verdict %s\">%s</b></td></tr>", c.paper, c.here,
                    c.verdict.name().toLowerCase(Locale.ROOT),
                    c.verdict.words);
        return h.add("</tbody></table></div></section>");
    }

    private void add(String paper, String here, Verdict v) { all.add(new Claim(paper, here, v)); }

    private static DoubleSummaryStatistics rp(Stream<Pair> pairs) { return pairs.mapToDouble(p -> p.rp().value()).summaryStatistics(); }

    private static String range(DoubleSummaryStatistics s) {
        return s.getCount() == 1 || s.getMin() == s.getMax() ? two(s.getMin()) : two(s.getMin()) + " to " + two(s.getMax());
    }

    private static String two(double v) { return String.format(Locale.ROOT, "%.2f", v); }

    private void matrix(Outcome.Matrix m) {
        Set<String> repeat = Headline.memorizing(r);
        DoubleSummaryStatistics alike = rp(m.pairs().stream().filter(p -> !repeat.contains(p.a()) && !repeat.contains(p.b())));
        if (alike.getCount() == 0) return;
        double chance = m.baselines().stream().mapToDouble(b -> b.rp().high()).max().orElse(0);
        add("Networks that generalize make nearly the same image of the same noise: RP 0.70 and above on CIFAR-10 (figures 1, 6, 12)",
                "RP " + range(alike) + (alike.getCount() == 1 ? " of one pair" : " of " + alike.getCount() + " pairs") + ", "
                        + String.format(Locale.ROOT, "%,d noises", m.pairs().getFirst().rp().of()),
                Verdict.atLeast(alike.getMin(), REPRODUCIBLE, Math.max(0.2, 2 * chance)));
        if (m.baselines().isEmpty()) return;
        double most = m.baselines().stream().filter(b -> !repeat.contains(b.source())).mapToDouble(b -> b.rp().value()).max().orElse(0);
        add("It is the noise that decides: different noises give different images",
                "RP of one model and different noises: at most " + two(most),
                Verdict.atMost(most, 0.05, 0.2));
    }

    private void generators(Outcome.Matrix m) {
        DoubleSummaryStatistics s = rp(m.pairs().stream().filter(p -> generator(p.a()) || generator(p.b())));
        if (s.getCount() > 0)
            add("GANs and VAEs are not reproducible (figure 3)",
                    "RP of a network without diffusion and another, from the same latents: " + range(s),
                    Verdict.atMost(s.getMax(), 0.1, 0.3));
    }

    private boolean generator(String id) { return r.source(id).kind().equals("generator"); }

    private void memorization(Outcome.Memorization m) {
        for (Pair p : m.ideal()) {
            double gl = m.originality().stream().filter(o -> o.source().equals(p.a())).mapToDouble(o -> o.gl().value()).findFirst()
                    .orElse(1);
            Verdict repeats = Verdict.atMost(gl, 0.2, 0.5), ideal = Verdict.atLeast(p.rp().value(), REPRODUCIBLE, 0.4);
            add("A network trained on few images repeats them (GL near 0) and makes what the ideal denoiser of them makes (figures 2, 4)",
                    r.label(p.a()) + ": GL " + two(gl) + ", RP " + two(p.rp().value()) + " against the ideal denoiser",
                    repeats == Verdict.SHOWN && ideal == Verdict.SHOWN
                            ? Verdict.SHOWN
                            : repeats == Verdict.NOT && ideal == Verdict.NOT ? Verdict.NOT : Verdict.PART);
        }
        DoubleSummaryStatistics gl = m.originality().stream()
                .filter(o -> !r.source(o.source()).kind().equals("ideal") && m.ideal().stream().noneMatch(p -> p.a().equals(o.source())))
                .mapToDouble(o -> o.gl().value()).summaryStatistics();
        if (gl.getCount() > 0)
            add("A network trained on many images makes new ones (GL near 1; figure 2)", "GL " + range(gl) + " of " + gl.getCount()
                    + (gl.getCount() == 1 ? " model" : " models"), Verdict.atLeast(gl.getMin(), 0.95, 0.8));
    }

    private void conditional(Outcome.Conditional c) {
        if (!c.byClass().isEmpty()) {
            double least = c.byClass().stream().mapToDouble(Outcome.Conditional.ByClass::mean).min().orElse(0);
            add("Told the same class, models make nearly the same image of the same noise (figures 8, 9, 18, 19)",
                    "RP " + two(least) + " in the mean of the classes", Verdict.atLeast(least, REPRODUCIBLE, 0.2));
        }
        double between = c.between().stream().mapToDouble(b -> b.rp().value()).min().orElse(-1);
        if (between >= 0)
            add("What a model makes without a class is like one of the images made with one (figure 8)",
                    "RP between: " + two(between) + " or more",
                    Verdict.atLeast(between, 0.5, 0.2));
    }

    private void plane(Outcome.Hyperplane h) {
        if (h.agreements().isEmpty()) return;
        double least = h.agreements().stream().mapToDouble(Outcome.Hyperplane.Agreement::share).min().orElse(0);
        add("The planes of different models have the same regions (figure 7)", "two models give " + Math.round(100 * least)
                + " % of the points or more to the same image", Verdict.atLeast(least, 0.8, 0.6));
    }

    private void steps(Outcome.Steps s) {
        double least = s.curves().stream()
                .mapToDouble(c -> Results.pair(s.pairs(), s.reference(), c.points().getLast().source()).rp().value())
                .min().orElse(0);
        add("The solver does not matter where it is accurate (section 2)",
                "RP " + two(least) + " or more against the reference, with the most steps of each solver",
                Verdict.atLeast(least, 0.9, REPRODUCIBLE));
    }

    private void device(Outcome.Device d) {
        double least = d.variants().stream().mapToDouble(v -> v.pair().rp().value()).min().orElse(1);
        add("A model agrees with itself: RP 1", "RP " + two(least) + " or more against the same model computed otherwise",
                Verdict.atLeast(least, 0.95, 0.8));
    }
}
