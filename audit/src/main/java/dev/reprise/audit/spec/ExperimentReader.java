package dev.reprise.audit.spec;

import dev.reprise.audit.spec.AuditSpec.Column;
import dev.reprise.audit.spec.AuditSpec.Kind;
import dev.reprise.audit.spec.AuditSpec.Mode;
import dev.reprise.metrics.Manifold;
import dev.reprise.samplers.Samplers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/** Reads the entries of {@code experiments}; what an entry does not say is the paper's. */
final class ExperimentReader {
    private static final List<Mode> MODES = List.of(Mode.EXACT, Mode.FLOAT16);

    private final Seeds seeds;
    private final List<Column> columns;
    private final Path base;

    ExperimentReader(Seeds seeds, List<Column> columns, Path base) {
        this.seeds = seeds;
        this.columns = columns;
        this.base = base;
    }

    /** Where a spec lists no experiments: every pair, and what the training sets say. */
    List<Experiment> standard() {
        List<String> all = columns.stream().map(Column::id).toList(),
                diffusion = columns.stream().filter(c -> c.kind() == Kind.NETWORK || c.kind() == Kind.IDEAL).map(Column::id).toList();
        return List.of(new Experiment.Matrix(title("matrix"), all, seeds),
                new Experiment.Memorization(title("memorization"), diffusion, seeds, 0));
    }

    Experiment read(Fields f) {
        String kind = f.text("kind");
        String title = f.text("title", titleOf(f, kind));
        return switch (kind) {
            case "matrix" ->
                new Experiment.Matrix(title, models(f.only("kind", "title", "models", "seeds"), "models", _ -> true), seeds(f));
            case "memorization" -> new Experiment.Memorization(title,
                    models(f.only("kind", "title", "models", "seeds", "idealUpTo"), "models",
                            c -> c.kind() != Kind.PIPELINE),
                    seeds(f),
                    (int) f.integer("idealUpTo", 0, 1 << 20, 4096));
            case "hyperplane" -> hyperplane(f, title);
            case "conditional" -> new Experiment.Conditional(title,
                    models(f.only("kind", "title", "models", "seeds", "classes", "unconditional"), "models", c -> c.kind() == Kind.NETWORK),
                    seeds(f), f.has("classes") ? f.plainList("classes") : List.of(),
                    f.has("unconditional") ? models(f, "unconditional", c -> c.kind() == Kind.NETWORK) : List.of());
            case "generators" -> new Experiment.Generators(title,
                    models(f.only("kind", "title", "models", "seeds", "against"), "models", c -> c.kind() == Kind.GENERATOR), seeds(f),
                    f.has("against") ? models(f, "against", c -> c.kind() == Kind.NETWORK) : List.of());
            case "mixture" -> mixture(f, title);
            case "quality" -> quality(f, title);
            case "device" -> device(f, title);
            case "steps" -> steps(f, title);
            case "text" -> new Experiment.Text(title, models(f.only("kind", "title", "models", "seeds", "prompts", "threshold"), "models",
                    c -> c.kind() == Kind.PIPELINE), seeds(f), prompts(f), f.number("threshold", 0.4));
            default -> throw unknown(f, kind);
        };
    }

    private static List<String> prompts(Fields f) {
        List<String> all = f.texts("prompts");
        if (all.isEmpty()) throw f.error("prompts", "must hold at least one prompt");
        return all;
    }

    private static SpecException unknown(Fields f, String kind) {
        return f.error("kind",
                "must be matrix, memorization, hyperplane, conditional, text, generators, mixture, quality, device or steps, found "
                        + kind);
    }

    private static String titleOf(Fields f, String kind) {
        String t = title(kind);
        if (t == null) throw unknown(f, kind);
        return t;
    }

    private static String title(String kind) {
        return switch (kind) {
            case "matrix" -> "How often two models agree";
            case "memorization" -> "New pictures, or training images again?";
            case "hyperplane" -> "A plane of noises, and what each model makes of it";
            case "conditional" -> "Told a class";
            case "text" -> "Told a text";
            case "generators" -> "Generators without diffusion";
            case "mixture" -> "How near the score is to the true one";
            case "quality" -> "Near to real images as a whole";
            case "device" -> "Computed otherwise";
            case "steps" -> "Solvers and steps";
            default -> null;
        };
    }

    private Seeds seeds(Fields f) { return f.has("seeds") ? Sidecar.checked(f, "seeds", () -> Seeds.parse(f.plain("seeds"))) : seeds; }

    /** Ids of models, all fitting ones where the entry is missing. */
    private List<String> models(Fields f, String entry, Predicate<Column> fits) {
        if (!f.has(entry)) {
            List<String> all = columns.stream().filter(fits).map(Column::id).toList();
            if (all.isEmpty()) throw f.error(entry, "is missing, and no model of this spec fits this experiment");
            return all;
        }
        List<String> ids = f.texts(entry);
        if (ids.isEmpty()) throw f.error(entry, "must name at least one model");
        for (String id : ids) {
            Column c = columns.stream().filter(x -> x.id().equals(id)).findFirst().orElseThrow(() -> f.error(entry,
                    "names '" + id + "', which is none of the models " + columns.stream().map(Column::id).toList()));
            if (!fits.test(c)) throw f.error(entry, "names '" + id + "', which is no model for this experiment");
        }
        return ids;
    }

    private Experiment hyperplane(Fields f, String title) {
        f.only("kind", "title", "models", "anchors", "interpolation", "from", "to", "points");
        long[] anchors = f.has("anchors") ? f.integers("anchors") : new long[]{seeds.first(), seeds.first() + 1, seeds.first() + 2};
        if (anchors.length != 3 || anchors[0] < 0 || anchors[1] < 0 || anchors[2] < 0)
            throw f.error("anchors", "must be three seeds of at least 0");
        String how = f.text("interpolation", "linear");
        if (!how.equals("linear") && !how.equals("slerp")) throw f.error("interpolation", "must be linear or slerp, found " + how);
        double from = f.number("from", -0.1), to = f.number("to", 1.1);
        if (!(from < to)) throw f.error("to", "must be above 'from', found " + from + " and " + to);
        return new Experiment.Hyperplane(title, models(f, "models", c -> c.kind() == Kind.NETWORK || c.kind() == Kind.IDEAL), anchors,
                how.equals("slerp"), from,
                to,
                (int) f.integer("points", 2, 1000, 100));
    }

    private Experiment mixture(Fields f, String title) {
        f.only("kind", "title", "models", "seeds", "mixture", "components", "rank", "seed");
        Path file = f.has("mixture") ? Path.of(f.text("mixture")) : null;
        return new Experiment.Mixture(title, models(f, "models", c -> c.kind() == Kind.NETWORK), seeds(f),
                file == null || base == null || file.isAbsolute() ? file : base.resolve(file), (int) f.integer("components", 1, 1000, 2),
                (int) f.integer("rank", 1, 10_000, 4), f.integer("seed", 0, Long.MAX_VALUE, 0));
    }

    private Experiment quality(Fields f, String title) {
        f.only("kind", "title", "models", "seeds", "features", "training", "neighbours");
        return new Experiment.Quality(title, models(f, "models", _ -> true), seeds(f),
                f.has("features") ? ModelFile.of(f.text("features"), base) : null, AuditSpecReader.training(f, base),
                (int) f.integer("neighbours", 1, 1000, Manifold.NEIGHBOURS));
    }

    private Experiment device(Fields f, String title) {
        f.only("kind", "title", "models", "seeds", "modes");
        List<Mode> modes = MODES;
        if (f.has("modes")) modes = f.texts("modes").stream().map(m -> mode(f, m)).toList();
        return new Experiment.Device(title, models(f, "models", c -> c.kind() == Kind.NETWORK), seeds(f), modes);
    }

    private static Mode mode(Fields f, String name) {
        for (Mode m : Mode.values())
            if (m.text().equals(name)) return m;
        throw f.error("modes", "must be of strict, exact, float16, gpu; found " + name.toLowerCase(Locale.ROOT));
    }

    private Experiment steps(Fields f, String title) {
        f.only("kind", "title", "model", "seeds", "samplers", "steps", "reference");
        String model = f.has("model") ? f.text("model") : columns.getFirst().id();
        if (columns.stream().noneMatch(c -> c.id().equals(model) && (c.kind() == Kind.NETWORK || c.kind() == Kind.IDEAL)))
            throw f.error("model", "names '" + model + "', which is none of the diffusion models of this spec");
        List<Experiment.Steps.Choice> samplers = new ArrayList<>();
        for (String s : f.has("samplers") ? f.texts("samplers") : List.of("ddim", "dpm-solver-3", "heun")) {
            Sidecar.checked(f, "samplers", () -> Samplers.kind(s));
            samplers.add(new Experiment.Steps.Choice(s, null, Map.of()));
        }
        List<Integer> steps = new ArrayList<>();
        for (long n : f.has("steps") ? f.integers("steps") : new long[]{5, 10, 20, 50}) {
            if (n < 1 || n > 100_000) throw f.error("steps", "must be from 1 to 100000, found " + n);
            steps.add((int) n);
        }
        Experiment.Steps.Choice reference = new Experiment.Steps.Choice("heun", 64, Map.of());
        if (f.has("reference")) {
            Fields r = f.object("reference").only("sampler", "steps", "options");
            AuditSpecReader.sampler(r, "sampler");
            reference = new Experiment.Steps.Choice(r.text("sampler"), (int) r.integer("steps", 1, 100_000, 1),
                    r.has("options") ? r.plains("options") : Map.of());
        }
        return new Experiment.Steps(title, model, seeds(f), samplers, steps, reference);
    }
}
