package dev.reprise.audit.experiment;

import dev.reprise.audit.report.Outcome;
import dev.reprise.audit.report.Results.Pair;
import dev.reprise.audit.spec.AuditSpec.Column;
import dev.reprise.audit.spec.Experiment;
import dev.reprise.metrics.Score;
import dev.reprise.metrics.Similarity;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.model.ModelSpec;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Models told a class: against each other, against models told none, and against themselves told another class. */
final class ConditionalTrial implements Trial {
    private final Experiment.Conditional e;
    private final Lab lab;
    private final List<String> classes;
    /** By model, one request for each class. */
    private final Map<String, List<Request>> told = new LinkedHashMap<>();
    private final List<Request> untold;

    ConditionalTrial(Experiment.Conditional e, Lab lab) {
        this.e = e;
        this.lab = lab;
        List<String> conditional = e.models().stream().filter(id -> classesOf(lab.spec().column(id)) != null).toList();
        if (conditional.isEmpty())
            throw new IllegalArgumentException("experiment '" + e.title() + "': none of the models " + e.models() + " takes classes");
        classes = e.classes().isEmpty() ? names(classesOf(lab.spec().column(conditional.getFirst()))) : e.classes();
        for (String id : conditional) {
            Column c = lab.spec().column(id);
            told.put(id, classes.stream()
                    .map(k -> Trial.request(c.labelled(id + "." + k.replaceAll("[^A-Za-z0-9_-]", "-"), c.title() + ", " + k, k), e.seeds()))
                    .toList());
        }
        untold = Trial.requests(lab, e.unconditional(), e.seeds());
    }

    private ModelSpec.Classes classesOf(Column c) { return lab.models().facts(c).sidecar().spec().classes(); }

    private static List<String> names(ModelSpec.Classes c) {
        return c.names().isEmpty() ? IntStream.range(0, c.count()).mapToObj(Integer::toString).toList() : c.names();
    }

    @Override
    public List<Request> requests() {
        List<Request> all = new ArrayList<>(untold);
        told.values().forEach(all::addAll);
        return all;
    }

    @Override
    public Outcome run(Book book) {
        requests().forEach(book::source);
        List<String> models = List.copyOf(told.keySet());
        List<Outcome.Conditional.ByClass> byClass = new ArrayList<>();
        for (int a = 0; a < models.size(); a++)
            for (int b = a + 1; b < models.size(); b++)
                byClass.add(byClass(book, models.get(a), models.get(b)));
        List<Outcome.Conditional.Between> between = new ArrayList<>();
        for (Request u : untold)
            for (String m : models)
                between.add(between(book, u, m));
        List<Pair> across = new ArrayList<>();
        for (String m : models)
            for (int k = 1; k < classes.size(); k++)
                across.add(book.pair(told.get(m).getFirst(), told.get(m).get(k), lab.threshold()));
        return new Outcome.Conditional(e.title(), finding(byClass, between, across), lab.threshold(), classes, byClass, between, across);
    }

    private Outcome.Conditional.ByClass byClass(Book book, String a, String b) {
        List<Pair> pairs = new ArrayList<>();
        for (int k = 0; k < classes.size(); k++)
            pairs.add(book.pair(told.get(a).get(k), told.get(b).get(k), lab.threshold()));
        return new Outcome.Conditional.ByClass(a, b, pairs, pairs.stream().mapToDouble(p -> p.rp().value()).average().orElse(0));
    }

    private Outcome.Conditional.Between between(Book book, Request u, String model) {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Similarity.normalize(lab.features(u), arena);
            float[] best = null;
            int[] which = null;
            for (int k = 0; k < classes.size(); k++) {
                float[] s = Similarity.pairs(x, Similarity.normalize(lab.features(told.get(model).get(k)), arena));
                if (best == null) {
                    best = s;
                    which = new int[s.length];
                    continue;
                }
                for (int i = 0; i < s.length; i++)
                    if (s[i] > best[i]) {
                        best[i] = s[i];
                        which[i] = k;
                    }
            }
            long count = 0;
            double[] shares = new double[classes.size()];
            for (int i = 0; i < best.length; i++) {
                if (best[i] > (float) lab.threshold()) count++;
                shares[which[i]] += 1.0 / best.length;
            }
            String name = book.id(u) + "~" + model + ".between";
            book.keep(name + ".similarity", best);
            return new Outcome.Conditional.Between(book.id(u), model, Book.share(Score.of("RP between", count, best.length)),
                    Book.mean(best),
                    shares, name);
        }
    }

    private static String finding(List<Outcome.Conditional.ByClass> byClass, List<Outcome.Conditional.Between> between, List<Pair> across) {
        StringBuilder s = new StringBuilder();
        if (!byClass.isEmpty()) {
            double mean = byClass.stream().mapToDouble(Outcome.Conditional.ByClass::mean).average().orElse(0),
                    other = across.stream().mapToDouble(p -> p.rp().value()).average().orElse(0);
            s.append("The paper finds conditional models reproducible where class and noise are the same; here they agree at RP ")
                    .append(Findings.two(mean)).append(" in the mean, and one model told two classes at ").append(Findings.two(other))
                    .append(". ");
        }
        if (!between.isEmpty()) {
            double mean = between.stream().mapToDouble(b -> b.rp().value()).average().orElse(0);
            s.append("An image made without a class is like one of those made with a class (RP between) in ").append(Findings.percent(mean))
                    .append(mean > 0.5 ? " of cases, as in the paper." : " of cases; in the paper it is most of them.");
        }
        return s.toString().strip();
    }
}
