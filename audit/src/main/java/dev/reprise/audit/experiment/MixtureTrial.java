package dev.reprise.audit.experiment;

import dev.reprise.audit.report.Outcome;
import dev.reprise.audit.spec.Experiment;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/** How far the score of a network is from that of a mixture of low-rank Gaussians, at noise levels spread over the schedule. */
final class MixtureTrial implements Trial {
    private final Experiment.Mixture e;
    private final Lab lab;
    private final List<Request> models;

    MixtureTrial(Experiment.Mixture e, Lab lab) {
        this.e = e;
        this.lab = lab;
        models = Trial.requests(lab, e.models(), e.seeds());
    }

    /** The networks are asked for scores; their samples are shown beside. */
    @Override
    public List<Request> requests() { return models; }

    @Override
    public List<Unit> units() { return models.stream().<Unit>map(r -> new MixtureUnit(lab, r.column(), e)).toList(); }

    @Override
    public Outcome run(Book book) {
        List<Outcome.Mixture.Error> errors = new ArrayList<>();
        for (Request r : models) {
            try (Arena arena = Arena.ofShared()) {
                MixtureUnit u = new MixtureUnit(lab, r.column(), e);
                double[] error = lab.result(u, "error", arena).toDoubles(), norm = lab.result(u, "norm", arena).toDoubles(),
                        at = new double[error.length], t = new double[error.length];
                double above = 0, below = 0;
                for (int i = 0; i < at.length; i++) {
                    at[i] = error[i] / norm[i];
                    t[i] = MixtureUnit.level(i);
                    above += error[i];
                    below += norm[i];
                }
                errors.add(new Outcome.Mixture.Error(book.source(r), above / below, t, at));
            }
        }
        String what = e.mixture() != null
                ? e.mixture().getFileName().toString()
                : e.components() + " components of rank " + e.rank() + ", bases drawn from seed " + e.seed();
        return new Outcome.Mixture(e.title(),
                "The paper finds that the score of a network trained on ever more samples of a mixture comes to the true one; a distance of 0 is the true score, "
                        + "1 that of a score that is 0 throughout.",
                what, errors);
    }
}
