package dev.reprise.audit.experiment;

import dev.reprise.audit.report.Outcome;
import dev.reprise.audit.report.Results.Pair;
import dev.reprise.audit.spec.AuditSpec.Kind;
import java.util.ArrayList;
import java.util.List;

/** Every two models, and each model with itself: from the same noise, and from different ones. */
record MatrixTrial(String of, String title, List<Request> requests, double threshold) implements Trial {
    @Override
    public Outcome run(Book book) {
        List<Pair> pairs = new ArrayList<>(), without = new ArrayList<>(), mixed = new ArrayList<>(), diffusion = new ArrayList<>();
        List<Outcome.Baseline> baselines = new ArrayList<>();
        for (Request r : requests)
            book.source(r);
        for (int a = 0; a < requests.size(); a++)
            for (int b = a + 1; b < requests.size(); b++) {
                Pair p = book.pair(requests.get(a), requests.get(b), threshold);
                pairs.add(p);
                boolean x = generator(a), y = generator(b);
                (x && y ? without : x || y ? mixed : diffusion).add(p);
            }
        for (Request r : requests)
            if (r.noises().count() > 1) baselines.add(book.baseline(r, threshold));
        String finding = of.equals("generators") ? Findings.generators(without, mixed, diffusion) : Findings.matrix(pairs, baselines);
        return new Outcome.Matrix(of, title, finding, threshold, requests.stream().map(book::id).toList(), pairs, baselines);
    }

    private boolean generator(int i) { return requests.get(i).column().kind() == Kind.GENERATOR; }
}
