package dev.reprise.audit.experiment;

import dev.reprise.audit.report.Outcome;
import dev.reprise.audit.spec.AuditSpec.Column;
import dev.reprise.audit.spec.Experiment;
import dev.reprise.audit.spec.Seeds;
import dev.reprise.audit.spec.Sidecar;
import java.util.List;
import java.util.stream.Stream;

/** An experiment that knows what it needs before it begins. */
interface Trial {
    /** The images that it compares. */
    List<Request> requests();

    /** The training sets that it looks at. */
    default List<Sidecar.Training> sets() { return List.of(); }

    /** Other work, which needs no images. */
    default List<Unit> units() { return List.of(); }

    /** Looks at images by other models than the descriptor. */
    default List<? extends Unit> looks() { return List.of(); }

    /** What it found, when everything it needs is there. */
    Outcome run(Book book);

    static Trial of(Experiment e, Lab lab) {
        return switch (e) {
            case Experiment.Matrix m -> new MatrixTrial("matrix", m.title(), requests(lab, m.models(), m.seeds()), lab.threshold());
            case Experiment.Generators g -> new MatrixTrial("generators", g.title(),
                    requests(lab, Stream.concat(g.models().stream(), g.against().stream()).toList(), g.seeds()), lab.threshold());
            case Experiment.Memorization m -> new MemorizationTrial(m, lab);
            case Experiment.Steps s -> new StepsTrial(s, lab);
            case Experiment.Hyperplane h -> new HyperplaneTrial(h, lab);
            case Experiment.Conditional c -> new ConditionalTrial(c, lab);
            case Experiment.Device d -> new DeviceTrial(d, lab);
            case Experiment.Mixture m -> new MixtureTrial(m, lab);
            case Experiment.Quality q -> new QualityTrial(q, lab);
            case Experiment.Text t -> new TextTrial(t, lab);
        };
    }

    static List<Request> requests(Lab lab, List<String> ids, Seeds seeds) {
        return ids.stream().map(id -> request(lab.spec().column(id), seeds)).toList();
    }

    static Request request(Column c, Seeds seeds) { return new Request(c, new Noises.Seeded(seeds)); }
}
