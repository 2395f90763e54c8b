package dev.reprise.audit.report;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What the numbers say, in a sentence or two. */
final class Findings {
    private Findings() {}

    /** GL from which on a model counts as one that generalizes: a dense data set alone brings it down to about 0.9. */
    private static final double NEW = 0.8;

    /** Models whose images are hardly ever in their training set, as far as that is known. */
    static boolean generalizes(Results.Model m) {
        return m.generalization() == null || m.generalization().gl().value() >= NEW;
    }

    static List<Results.Pair> pairs(Results r, Predicate<Results.Model> which) {
        List<String> ids = r.models().stream().filter(which).map(Results.Model::id).toList();
        return r.pairs().stream().filter(p -> ids.contains(p.a()) && ids.contains(p.b())).toList();
    }

    static double median(List<Results.Pair> pairs) {
        double[] v = pairs.stream().mapToDouble(p -> p.rp().value()).sorted().toArray();
        return v.length == 0 ? 0 : v.length % 2 == 1 ? v[v.length / 2] : (v[v.length / 2 - 1] + v[v.length / 2]) / 2;
    }

    static String sentence(Results r) {
        if (r.pairs().isEmpty()) return "One model alone: there is nothing to compare it with.";
        List<Results.Model> memorizing = r.models().stream().filter(m -> !generalizes(m)).toList();
        List<Results.Pair> alike = pairs(r, Findings::generalizes);
        StringBuilder s = new StringBuilder();
        if (!alike.isEmpty() && !memorizing.isEmpty()) {
            s.append(String.format(Locale.ROOT, "From the same noise, the %d models that generalize draw the same picture %s of the time",
                    r.models().size() - memorizing.size(), range(alike)));
            List<Results.Pair> across = r.pairs().stream().filter(p -> !alike.contains(p)).filter(p -> !both(p, memorizing)).toList();
            if (!across.isEmpty())
                s.append(String.format(Locale.ROOT, "; with %s, which often %s training images, they agree %s of the time",
                        names(memorizing), memorizing.size() == 1 ? "repeats its" : "repeat their", range(across)));
            s.append('.');
            List<Results.Pair> within = r.pairs().stream().filter(p -> both(p, memorizing)).toList();
            if (!within.isEmpty())
                s.append(String.format(Locale.ROOT, " Those that repeat training images agree with each other %s of the time.",
                        range(within)));
        } else {
            s.append(String.format(Locale.ROOT, "From the same noise, two of these %d models draw the same picture %s of the time.",
                    r.models().size(), range(r.pairs())));
        }
        return s.toString();
    }

    private static boolean both(Results.Pair p, List<Results.Model> models) {
        return models.stream().filter(m -> m.id().equals(p.a()) || m.id().equals(p.b())).count() == 2;
    }

    private static String names(List<Results.Model> models) {
        return models.stream().map(Results.Model::label).collect(Collectors.joining(" and "));
    }

    private static String range(List<Results.Pair> pairs) {
        double lo = pairs.stream().mapToDouble(p -> p.rp().value()).min().orElse(0),
                hi = pairs.stream().mapToDouble(p -> p.rp().value()).max().orElse(0);
        return Math.round(100 * lo) == Math.round(100 * hi) ? percent(lo) : Math.round(100 * lo) + " to " + percent(hi);
    }

    static String percent(double v) { return Math.round(100 * v) + " %"; }

    static Results.Pair best(Results r) { return r.pairs().stream().max(Comparator.comparingDouble(p -> p.rp().value())).orElseThrow(); }
}
