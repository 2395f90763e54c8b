package dev.reprise.audit.experiment;

import dev.reprise.audit.report.Outcome.Baseline;
import dev.reprise.audit.report.Outcome.Originality;
import dev.reprise.audit.report.Results.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the paper says of an experiment, and whether the numbers show it: plainly, also where they do not. */
final class Findings {
    /** RP from which on models count as reproducible: the least of the paper's figure 6. */
    private static final double REPRODUCIBLE = 0.7;
    /** GL from which on a model counts as one that generalizes. */
    private static final double NEW = 0.8;
    private static final double REPEATS = 0.2;

    private Findings() {}

    static boolean generalizes(Originality o) { return o.gl().value() >= NEW; }

    static String matrix(List<Pair> alike, List<Baseline> baselines) {
        if (alike.isEmpty()) return "";
        double least = alike.stream().mapToDouble(p -> p.rp().value()).min().orElseThrow(),
                most = alike.stream().mapToDouble(p -> p.rp().value()).max().orElseThrow(),
                without = baselines.stream().mapToDouble(b -> b.rp().value()).max().orElse(0);
        String s = least >= REPRODUCIBLE
                ? "The paper's models of CIFAR-10 agree at RP 0.70 and above; so do these."
                : most >= REPRODUCIBLE
                        ? "The paper's models of CIFAR-10 agree at RP 0.70 and above; some of these pairs do, others do not (from "
                                + two(least) + ")."
                        : "The paper's models of CIFAR-10 agree at RP 0.70 and above. These models do not reach that: their RP is "
                                + two(least)
                                + " to " + two(most) + ". ";
        return s.strip() + (baselines.isEmpty()
                ? ""
                : " Without a shared noise two images of one model agree "
                        + (without < 0.005 ? "hardly ever" : "in at most " + percent(without) + " of cases")
                        + (least > without ? ": it is the noise that decides." : "."));
    }

    /** RP below which nothing is reproduced; generators of blurred images agree now and then by chance. */
    private static final double NOTHING = 0.1;

    /**
     * @param without   pairs of generators
     * @param mixed     a generator and a diffusion model, of the same noises
     * @param diffusion pairs of diffusion models
     */
    static String generators(List<Pair> without, List<Pair> mixed, List<Pair> diffusion) {
        List<Pair> all = new ArrayList<>(without);
        all.addAll(mixed);
        if (all.isEmpty()) return "";
        StringBuilder s = new StringBuilder("The paper finds no reproducibility in GANs and VAEs");
        s.append(most(all) < NOTHING ? "; neither do these show any. " : ". ");
        if (!without.isEmpty())
            s.append("From the same latents two of these generators agree in at most ").append(percent(most(without))).append(" of cases");
        if (!mixed.isEmpty())
            s.append(without.isEmpty() ? "Here a generator agrees" : "; one agrees")
                    .append(" with a diffusion model of the same noises in at most ")
                    .append(percent(most(mixed))).append(" of cases");
        if (!diffusion.isEmpty())
            s.append(", while two of the diffusion models do in ").append(percent(least(diffusion))).append(" and more");
        return s.append('.').toString();
    }

    private static double most(List<Pair> pairs) { return pairs.stream().mapToDouble(p -> p.rp().value()).max().orElseThrow(); }

    private static double least(List<Pair> pairs) { return pairs.stream().mapToDouble(p -> p.rp().value()).min().orElseThrow(); }

    static String memorization(List<Originality> o, List<Pair> ideal) {
        StringBuilder s = new StringBuilder();
        List<Originality> repeat = o.stream().filter(x -> x.gl().value() <= REPEATS).toList(),
                new_ = o.stream().filter(Findings::generalizes).toList();
        s.append(
                "The paper finds two regimes: GL near 0 for a network that memorized a small training set, near 1 for one that generalizes. ");
        if (!repeat.isEmpty() && !new_.isEmpty()) s.append("Both are here. ");
        else if (repeat.isEmpty()) s.append("No model here has a GL near 0. ");
        else s.append("No model here has a GL near 1. ");
        List<Originality> between = o.stream().filter(x -> !repeat.contains(x) && !new_.contains(x)).toList();
        if (!between.isEmpty()) s.append(between.size() == 1 ? "One lies between. " : between.size() + " lie between. ");
        for (Pair p : ideal)
            s.append(p.rp().value() >= REPRODUCIBLE
                    ? "A memorizing network makes what the ideal denoiser of its own images makes (RP " + two(p.rp().value())
                            + "), as in figure 4. "
                    : "The paper's memorizing networks make what the ideal denoiser of their images makes; this one does so with RP "
                            + two(p.rp().value()) + ". ");
        return s.toString().strip();
    }

    static String two(double v) { return String.format(Locale.ROOT, "%.2f", v); }

    static String percent(double v) { return Math.round(100 * v) + " %"; }
}
