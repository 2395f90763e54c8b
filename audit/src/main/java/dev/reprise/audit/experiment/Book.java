package dev.reprise.audit.experiment;

import dev.reprise.audit.report.Outcome;
import dev.reprise.audit.report.Results;
import dev.reprise.audit.spec.AuditSpec;
import dev.reprise.audit.spec.AuditSpec.Column;
import dev.reprise.audit.spec.AuditSpec.Kind;
import dev.reprise.audit.spec.Sidecar;
import dev.reprise.metrics.Score;
import dev.reprise.metrics.Scores;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where experiments write down what they found: sources, pairs, and the arrays behind the numbers. */
final class Book {
    private final Lab lab;
    private final Arena arena;
    private final Map<String, Request> requests = new LinkedHashMap<>();
    private final Map<String, Results.Source> sources = new LinkedHashMap<>();
    private final Map<String, Tensor> data = new LinkedHashMap<>();

    Book(Lab lab, Arena arena) {
        this.lab = lab;
        this.arena = arena;
    }

    Map<String, Results.Source> sources() { return sources; }

    /** The images behind each source. */
    Map<String, Request> requests() { return requests; }

    Map<String, Tensor> data() { return data; }

    /** The id of a set of images: the column's, with the noises where they are not the audit's own. */
    String id(Request r) {
        return switch (r.noises()) {
            case Noises.Seeded s when s.seeds().equals(lab.spec().seeds()) -> r.column().id();
            case Noises.Seeded s -> r.column().id() + ".seeds-" + s.seeds();
            case Noises.Plane p ->
                r.column().id() + ".plane-" + p.anchors()[0] + "-" + p.anchors()[1] + "-" + p.anchors()[2] + (p.slerp() ? "-slerp" : "");
        };
    }

    /** Enters a set of images and returns its id. */
    String source(Request r) {
        String id = id(r);
        if (requests.putIfAbsent(id, r) == null) sources.put(id, describe(id, r));
        return id;
    }

    private Results.Source describe(String id, Request r) {
        Column c = r.column();
        Facts f = lab.models().facts(c);
        Samples s = lab.samples(r);
        Sidecar side = f.sidecar();
        boolean ideal = c.kind() == Kind.IDEAL;
        String architecture = ideal
                ? "The exact minimum of the training loss: the softmax-weighted mean of the training images"
                : f.architecture();
        String noises = r.noises() instanceof Noises.Seeded n ? "seeds " + n.seeds() : r.noises().name(0, r.noises().count());
        return new Results.Source(id, c.title(), c.base(), c.kind().name().toLowerCase(java.util.Locale.ROOT), architecture,
                ideal ? "closed form" : c.kind() == Kind.GENERATOR ? "no diffusion" : side == null ? "" : side.objective(),
                side == null ? "" : Sampling.of(c, side.spec()).words(),
                noises,
                s.images().size(), s.evaluations(), c.mode().text(), ideal ? "" : f.sha256(), ideal ? 0 : f.parameters(),
                f.training() == null ? "" : f.training().toString(), s.sha256());
    }

    /** RP and MAE score of two sets of images of the same noises. */
    Results.Pair pair(Request a, Request b, double threshold) {
        String ia = source(a), ib = source(b), name = ia + "~" + ib;
        Scores.Similarities rp = Scores.rp(lab.features(a), lab.features(b), threshold);
        double[] distances = lab.samples(a).distances(lab.samples(b));
        long close = 0;
        float[] d = new float[distances.length];
        for (int i = 0; i < d.length; i++) {
            if (distances[i] < lab.spec().maeThreshold()) close++;
            d[i] = (float) distances[i];
        }
        keep(name + ".similarity", rp.values());
        keep(name + ".distance", d);
        return new Results.Pair(ia, ib, share(rp.score()), share(Score.of("MAE", close, d.length)), mean(rp.values()),
                histogram(rp.values()), name);
    }

    Outcome.Baseline baseline(Request r, double threshold) {
        Scores.Similarities s = Scores.withinModel(lab.features(r), threshold);
        return new Outcome.Baseline(source(r), share(s.score()), mean(s.values()));
    }

    void keep(String name, float[] values) { data.putIfAbsent(name, Tensor.of(arena, Shape.of(values.length), values)); }

    void keep(String name, long[] values) { data.putIfAbsent(name, Tensor.of(arena, Shape.of(values.length), values)); }

    void keep(String name, Shape shape, float[] values) { data.putIfAbsent(name, Tensor.of(arena, shape, values)); }

    AuditSpec spec() { return lab.spec(); }

    static Results.Share share(Score s) {
        return new Results.Share(s.value(), s.low(), s.high(), Math.toIntExact(s.count()), Math.toIntExact(s.n()));
    }

    static double mean(float[] values) {
        double sum = 0;
        for (float v : values)
            sum += v;
        return sum / values.length;
    }

    static int[] histogram(float[] values) {
        int[] counts = new int[Results.BINS];
        for (float v : values)
            counts[Math.clamp((long) Math.floor(v * counts.length), 0, counts.length - 1)]++;
        return counts;
    }
}
