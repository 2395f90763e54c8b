package dev.reprise.audit.experiment;

import dev.reprise.audit.report.Outcome;
import dev.reprise.audit.report.Results.Pair;
import dev.reprise.audit.spec.AuditSpec.Column;
import dev.reprise.audit.spec.Experiment;
import dev.reprise.audit.spec.Experiment.Steps.Choice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One model with several solvers and numbers of steps against a reference with many. */
final class StepsTrial implements Trial {
    private final Experiment.Steps e;
    private final Lab lab;
    private final Request reference;
    private final Map<String, Map<Integer, Request>> points = new LinkedHashMap<>();

    StepsTrial(Experiment.Steps e, Lab lab) {
        this.e = e;
        this.lab = lab;
        reference = request(e.reference(), e.reference().steps());
        for (Choice c : e.samplers())
            for (int n : e.steps())
                points.computeIfAbsent(c.sampler(), _ -> new LinkedHashMap<>()).put(n, request(c, n));
    }

    private Request request(Choice c, int steps) {
        Column model = lab.spec().column(e.model());
        return Trial.request(model.sampled(model.id() + "." + c.sampler() + "-" + steps, model.title() + ", " + c.sampler() + " " + steps,
                c.sampler(), steps,
                c.options()), e.seeds());
    }

    @Override
    public List<Request> requests() {
        List<Request> all = new ArrayList<>(List.of(reference));
        points.values().forEach(m -> all.addAll(m.values()));
        return all;
    }

    @Override
    public Outcome run(Book book) {
        String ref = book.source(reference);
        List<Pair> pairs = new ArrayList<>();
        List<Outcome.Steps.Curve> curves = new ArrayList<>();
        points.forEach((sampler, byStep) -> {
            List<Outcome.Steps.Point> line = new ArrayList<>();
            byStep.forEach((n, r) -> {
                pairs.add(book.pair(reference, r, lab.threshold()));
                line.add(new Outcome.Steps.Point(n, lab.samples(r).evaluations(), book.id(r)));
            });
            curves.add(new Outcome.Steps.Curve(sampler, line));
        });
        double best = pairs.stream().mapToDouble(p -> p.rp().value()).max().orElse(0);
        String finding = "Solvers of one equation come to one image as their steps rise; RP against the reference reaches "
                + Findings.two(best) + " here.";
        return new Outcome.Steps(e.title(), finding, lab.threshold(), e.model(), ref, curves, pairs);
    }
}
