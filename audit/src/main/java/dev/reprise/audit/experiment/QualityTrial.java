package dev.reprise.audit.experiment;

import dev.reprise.audit.report.Outcome;
import dev.reprise.audit.spec.Descriptors;
import dev.reprise.audit.spec.Experiment;
import dev.reprise.audit.spec.Sidecar;
import dev.reprise.metrics.Frechet;
import dev.reprise.metrics.Manifold;
import dev.reprise.ops.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How near a model's images are to real ones as a whole: Fréchet distance, precision and recall, in the features of any model. */
final class QualityTrial implements Trial {
    private final Experiment.Quality e;
    private final Lab lab;
    private final Descriptors features;
    /** What each model's images are compared with. */
    private final Map<Request, Sidecar.Training> real = new LinkedHashMap<>();

    QualityTrial(Experiment.Quality e, Lab lab) {
        this.e = e;
        this.lab = lab;
        features = lab.descriptor(e.features());
        for (Request r : Trial.requests(lab, e.models(), e.seeds())) {
            Sidecar.Training t = e.training() == null ? lab.trainingOf(r.column()) : lab.counted(e.training());
            if (t == null)
                throw new IllegalArgumentException("experiment '" + e.title() + "': the training set of '" + r.column().id()
                        + "' is not known; give the real images as 'training', here or with the model");
            if (Math.min(t.count(), r.noises().count()) <= e.neighbours())
                throw new IllegalArgumentException("experiment '" + e.title() + "' needs more than " + e.neighbours()
                        + " images of each kind ('neighbours'), found " + r.noises().count() + " seeds and " + t.count() + " real images");
            real.put(r, t);
        }
    }

    @Override
    public List<Request> requests() { return List.copyOf(real.keySet()); }

    @Override
    public List<Unit> looks() {
        List<Unit> all = new ArrayList<>();
        real.forEach((r, t) -> {
            all.addAll(lab.featureUnits(r, features));
            all.addAll(lab.featureUnits(t, features));
        });
        return all;
    }

    @Override
    public Outcome run(Book book) {
        Map<Sidecar.Training, Frechet.Moments> moments = new LinkedHashMap<>();
        List<Outcome.Quality.Row> rows = new ArrayList<>();
        real.forEach((r, t) -> {
            Tensor known = lab.features(t, features), made = lab.features(r, features);
            Frechet.Moments m = moments.computeIfAbsent(t, _ -> Frechet.moments(known, lab.workers()));
            Manifold.PrecisionRecall p = Manifold.precisionRecall(known, made, e.neighbours(), lab.workers());
            rows.add(new Outcome.Quality.Row(book.source(r), Frechet.distance(m, Frechet.moments(made, lab.workers()), lab.workers()),
                    Book.share(p.precision()), Book.share(p.recall()), known.shape().dimInt(0), t.toString()));
        });
        return new Outcome.Quality(e.title(), finding(), features.descriptor().name(), features.sha256(), e.neighbours(), rows);
    }

    private static String finding() {
        return "These say how good and how varied images are, not whether two models make the same: the paper's models differ in FID and agree in RP. "
                + "Values hold for these features and these numbers of images alone.";
    }
}
