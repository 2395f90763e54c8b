package dev.reprise.audit.report;

import dev.reprise.audit.report.Results.Pair;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What the numbers say, in a sentence or two. */
final class Headline {
    /** GL from which on a model counts as one that generalizes: a dense data set alone brings it down to about 0.9. */
    private static final double NEW = 0.8;

    private Headline() {}

    private static Outcome.Matrix matrix(Results r) {
        return r.experiments().stream().filter(Outcome.Matrix.class::isInstance).map(Outcome.Matrix.class::cast)
                .filter(m -> m.of().equals("matrix"))
                .findFirst().orElse(null);
    }

    /** Ids of sources that often repeat training images, as far as that is known. */
    static Set<String> memorizing(Results r) {
        return r.experiments().stream().filter(Outcome.Memorization.class::isInstance).map(Outcome.Memorization.class::cast)
                .flatMap(m -> m.originality().stream()).filter(o -> o.gl().value() < NEW).map(Outcome.Originality::source)
                .collect(Collectors.toSet());
    }

    private static double median(List<Pair> pairs) {
        double[] v = pairs.stream().mapToDouble(p -> p.rp().value()).sorted().toArray();
        return v.length == 0 ? 0 : v.length % 2 == 1 ? v[v.length / 2] : (v[v.length / 2 - 1] + v[v.length / 2]) / 2;
    }

    static Map<String, String> cards(Results r) {
        Outcome.Matrix m = matrix(r);
        Map<String, String> cards = new LinkedHashMap<>();
        if (m == null || m.pairs().isEmpty()) return cards;
        Set<String> memorizing = memorizing(r);
        List<Pair> alike = m.pairs().stream().filter(p -> !memorizing.contains(p.a()) && !memorizing.contains(p.b())).toList();
        boolean some = !alike.isEmpty() && alike.size() < m.pairs().size();
        cards.put(some ? "Median RP where models generalize" : "Median RP", Html.share(median(some ? alike : m.pairs())));
        cards.put("Highest RP", Html.share(m.pairs().stream().mapToDouble(p -> p.rp().value()).max().orElse(0)));
        return cards;
    }

    static String sentence(Results r) {
        Outcome.Matrix m = matrix(r);
        if (m == null) return r.experiments().isEmpty() ? "Nothing was compared." : r.experiments().getFirst().finding();
        if (m.pairs().isEmpty()) return "One model alone: there is nothing to compare it with.";
        Set<String> repeat = memorizing(r);
        List<String> memorizing = m.sources().stream().filter(repeat::contains).toList();
        List<Pair> alike = m.pairs().stream().filter(p -> !repeat.contains(p.a()) && !repeat.contains(p.b())).toList(),
                within = m.pairs().stream().filter(p -> repeat.contains(p.a()) && repeat.contains(p.b())).toList(),
                across = m.pairs().stream().filter(p -> repeat.contains(p.a()) != repeat.contains(p.b())).toList();
        if (alike.isEmpty() || memorizing.isEmpty())
            return String.format(Locale.ROOT, "From the same noise, two of these %d models draw the same picture %s of the time.",
                    m.sources().size(),
                    range(m.pairs()));
        StringBuilder s = new StringBuilder();
        s.append(String.format(Locale.ROOT, "From the same noise, the %d models that generalize draw the same picture %s of the time",
                m.sources().size() - memorizing.size(), range(alike)));
        if (!across.isEmpty())
            s.append(String.format(Locale.ROOT, "; with %s, which often %s training images, they agree %s of the time",
                    memorizing.stream().map(r::label).collect(Collectors.joining(" and ")),
                    memorizing.size() == 1 ? "repeats its" : "repeat their",
                    range(across)));
        s.append('.');
        if (!within.isEmpty())
            s.append(String.format(Locale.ROOT, " Those that repeat training images agree with each other %s of the time.", range(within)));
        return s.toString();
    }

    private static String range(List<Pair> pairs) {
        double lo = pairs.stream().mapToDouble(p -> p.rp().value()).min().orElse(0),
                hi = pairs.stream().mapToDouble(p -> p.rp().value()).max().orElse(0);
        return Math.round(100 * lo) == Math.round(100 * hi) ? percent(lo) : Math.round(100 * lo) + " to " + percent(hi);
    }

    private static String percent(double v) { return Math.round(100 * v) + " %"; }
}
