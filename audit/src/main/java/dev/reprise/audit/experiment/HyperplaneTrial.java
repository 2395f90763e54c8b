package dev.reprise.audit.experiment;

import dev.reprise.audit.report.Outcome;
import dev.reprise.audit.spec.Experiment;
import dev.reprise.metrics.Similarity;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What models make of a plane of noises: which of three images each point resembles, and how fast images change. */
final class HyperplaneTrial implements Trial {
    private final Experiment.Hyperplane e;
    private final Lab lab;
    private final Noises.Plane plane;
    private final List<Request> requests, anchors;

    HyperplaneTrial(Experiment.Hyperplane e, Lab lab) {
        this.e = e;
        this.lab = lab;
        plane = new Noises.Plane(e.anchors(), e.slerp(), e.from(), e.to(), e.points());
        requests = e.models().stream().map(id -> new Request(lab.spec().column(id), plane)).toList();
        // The three corners of the plane from 0 to 1: ε_0, ε_1, ε_2 themselves (and their opposite, which is not used).
        Noises.Plane corners = new Noises.Plane(e.anchors(), e.slerp(), 0, 1, 2);
        anchors = e.models().stream().map(id -> new Request(lab.spec().column(id), corners)).toList();
    }

    @Override
    public List<Request> requests() {
        List<Request> all = new ArrayList<>(requests);
        all.addAll(anchors);
        return all;
    }

    @Override
    public Outcome run(Book book) {
        List<Outcome.Hyperplane.Plane> planes = new ArrayList<>();
        List<long[]> nearest = new ArrayList<>();
        for (int m = 0; m < requests.size(); m++) {
            float[] s = similarities(requests.get(m), anchors.get(m));
            long[] best = new long[plane.count()];
            double[] shares = new double[3];
            for (int i = 0; i < best.length; i++) {
                best[i] = nearest(s, i);
                if (best[i] >= 0) shares[(int) best[i]] += 1.0 / best.length;
            }
            String id = book.source(requests.get(m));
            book.keep(id + ".nearest", best);
            book.keep(id + ".similarity", Shape.of(best.length, 3), s);
            nearest.add(best);
            planes.add(new Outcome.Hyperplane.Plane(id, shares, lipschitz(requests.get(m)), id));
        }
        List<Outcome.Hyperplane.Agreement> agreements = new ArrayList<>();
        for (int a = 0; a < requests.size(); a++)
            for (int b = a + 1; b < requests.size(); b++) {
                int same = 0;
                for (int i = 0; i < plane.count(); i++)
                    if (nearest.get(a)[i] == nearest.get(b)[i]) same++;
                agreements
                        .add(new Outcome.Hyperplane.Agreement(planes.get(a).source(), planes.get(b).source(), same / (double) plane.count(),
                                book.pair(requests.get(a), requests.get(b), lab.threshold())));
            }
        return new Outcome.Hyperplane(e.title(), finding(agreements), lab.threshold(), e.anchors(), e.slerp(), e.from(), e.to(), e.points(),
                planes,
                agreements);
    }

    private static String finding(List<Outcome.Hyperplane.Agreement> all) {
        String paper = "The paper finds the same regions in the planes of different models.";
        if (all.isEmpty()) return paper;
        double mean = all.stream().mapToDouble(Outcome.Hyperplane.Agreement::share).average().orElse(0);
        return paper + " Here two models give " + Findings.percent(mean) + " of the points to the same image"
                + (mean >= 0.8 ? ", and so do." : mean >= 0.6 ? ": the regions are alike, not the same." : ": the regions differ.");
    }

    /** Similarity of each point's image to the three images at the anchors. */
    private float[] similarities(Request r, Request corners) {
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Similarity.normalize(lab.features(r), arena), three = Similarity.normalize(lab.features(corners), arena);
            int n = plane.count(), d = x.shape().dimInt(1);
            float[] s = new float[3 * n];
            for (int i = 0; i < n; i++)
                for (int a = 0; a < 3; a++) {
                    float sum = 0;
                    for (int k = 0; k < d; k++)
                        sum = Math.fma(x.getFloat((long) i * d + k), three.getFloat((long) a * d + k), sum);
                    s[3 * i + a] = sum;
                }
            return s;
        }
    }

    private long nearest(float[] s, int i) {
        int best = 0;
        for (int a = 1; a < 3; a++)
            if (s[3 * i + a] > s[3 * i + best]) best = a;
        return s[3 * i + best] > (float) lab.threshold() ? best : -1;
    }

    /** Quantiles of how far images are apart for how far their noises are, over neighbours to the right and below. */
    private double[] lipschitz(Request r) {
        try (Arena arena = Arena.ofShared()) {
            Tensor x = lab.floats(r, arena), eps = plane.draw(0, plane.count(), lab.models().facts(r.column()).input(), arena);
            int p = plane.points();
            double[] ratios = new double[2 * p * (p - 1)];
            int at = 0;
            for (int i = 0; i < plane.count(); i++) {
                if (i % p + 1 < p) ratios[at++] = distance(x, i, i + 1) / distance(eps, i, i + 1);
                if (i + p < plane.count()) ratios[at++] = distance(x, i, i + p) / distance(eps, i, i + p);
            }
            Arrays.sort(ratios);
            double[] q = {0, 0.1, 0.5, 0.9, 1};
            return Arrays.stream(q).map(v -> ratios[(int) Math.round(v * (ratios.length - 1))]).toArray();
        }
    }

    private static double distance(Tensor t, long i, long j) {
        long size = t.size() / t.shape().dim(0);
        double sum = 0;
        for (long k = 0; k < size; k++) {
            double d = (double) t.getFloat(i * size + k) - t.getFloat(j * size + k);
            sum += d * d;
        }
        return Math.sqrt(sum);
    }
}
