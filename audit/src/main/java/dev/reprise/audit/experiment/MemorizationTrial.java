package dev.reprise.audit.experiment;

import dev.reprise.audit.report.Outcome;
import dev.reprise.audit.report.Results.Pair;
import dev.reprise.audit.spec.AuditSpec.Column;
import dev.reprise.audit.spec.AuditSpec.Kind;
import dev.reprise.audit.spec.Experiment;
import dev.reprise.audit.spec.Sidecar;
import dev.reprise.metrics.Scores;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** GL of every model whose training set is known, and RP against the ideal denoiser of the same images. */
final class MemorizationTrial implements Trial {
    private final Experiment.Memorization e;
    private final Lab lab;
    private final List<Request> models;
    /** Ideal denoisers of small training sets, by the model they belong to. */
    private final Map<Request, Request> ideals = new LinkedHashMap<>();

    MemorizationTrial(Experiment.Memorization e, Lab lab) {
        this.e = e;
        this.lab = lab;
        models = Trial.requests(lab, e.models(), e.seeds());
        for (Request r : models) {
            Sidecar.Training t = lab.trainingOf(r.column());
            if (t != null && r.column().kind() == Kind.NETWORK && t.count() <= e.idealUpTo()) ideals.put(r, ideal(r, t));
        }
    }

    /** The column of the spec that is this ideal denoiser, or one of our own. */
    private Request ideal(Request r, Sidecar.Training t) {
        for (Column c : lab.spec().columns())
            if (c.ideal() && t.equals(lab.trainingOf(c))) return Trial.request(c, e.seeds());
        Column c = r.column();
        return Trial.request(c.itsIdeal(c.id() + ".ideal", c.title() + ", ideal"), e.seeds());
    }

    @Override
    public List<Request> requests() {
        List<Request> all = new ArrayList<>(models);
        all.addAll(ideals.values());
        return all;
    }

    @Override
    public List<Sidecar.Training> sets() {
        LinkedHashSet<Sidecar.Training> sets = new LinkedHashSet<>();
        for (Request r : models)
            if (lab.trainingOf(r.column()) != null) sets.add(lab.trainingOf(r.column()));
        return List.copyOf(sets);
    }

    @Override
    public Outcome run(Book book) {
        Map<Request, Outcome.Originality> gl = new LinkedHashMap<>();
        for (Request r : models)
            if (lab.trainingOf(r.column()) != null) gl.put(r, originality(book, r, lab.trainingOf(r.column())));
        List<Pair> ideal = new ArrayList<>();
        ideals.forEach((r, i) -> ideal.add(book.pair(r, i, lab.threshold())));
        return new Outcome.Memorization(e.title(), Findings.memorization(List.copyOf(gl.values()), ideal), lab.threshold(),
                List.copyOf(gl.values()), ideal, regimes(book, gl));
    }

    private Outcome.Originality originality(Book book, Request r, Sidecar.Training t) {
        Scores.Originality o = Scores.gl(lab.features(r), lab.features(t), lab.threshold(), lab.workers());
        String id = book.source(r);
        long[] nearest = Arrays.stream(o.nearest()).limit(lab.spec().rows()).mapToLong(i -> t.first() + i).toArray();
        book.keep(id + ".nearest", o.similarity());
        return new Outcome.Originality(id, Book.share(o.score()), Math.min(t.count(), lab.spec().trainingImages()),
                Book.mean(o.similarity()),
                Book.histogram(o.similarity()), nearest, id);
    }

    /** Two models of one size of training set each: a point of the curves of figure 2. */
    private List<Outcome.Regime> regimes(Book book, Map<Request, Outcome.Originality> gl) {
        Map<Integer, List<Request>> bySize = new LinkedHashMap<>();
        gl.keySet().stream().filter(r -> r.column().kind() == Kind.NETWORK)
                .forEach(r -> bySize.computeIfAbsent(lab.trainingOf(r.column()).count(), _ -> new ArrayList<>()).add(r));
        List<Outcome.Regime> all = new ArrayList<>();
        bySize.forEach((n, rs) -> {
            Request a = rs.getFirst(), b = rs.size() > 1 ? rs.get(1) : ideals.get(a);
            if (b == null) return;
            all.add(new Outcome.Regime(n, book.pair(a, b, lab.threshold()), gl.get(a).gl(),
                    rs.size() > 1 ? gl.get(b).gl() : gl.get(a).gl()));
        });
        all.sort(Comparator.comparingInt(Outcome.Regime::images));
        return all;
    }
}
