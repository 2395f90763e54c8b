package dev.reprise.audit.spec;

import dev.reprise.metrics.Scores;
import dev.reprise.samplers.Samplers;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Reads audit specs: YAML or JSON. docs/audit-spec.md describes the entries. */
public final class AuditSpecReader {
    private static final int MOST_IMAGES = 10_000_000;
    private static final String[] ENTRIES = {"title", "seeds", "rows", "threshold", "maeThreshold", "descriptor", "trainingImages",
        "models", "experiments", "quick"};

    private AuditSpecReader() {}

    /** @param quick what the spec's entry {@code quick} holds goes over the rest */
    public static AuditSpec read(Path file, boolean quick) throws IOException {
        return read(Tree.read(file), file.toString(), file.toAbsolutePath().getParent(), quick);
    }

    /** The audit of the embedded models. */
    public static AuditSpec embedded(boolean quick) {
        try (InputStream in = AuditSpec.class.getResourceAsStream("default.yaml")) {
            return read(Tree.yaml(new String(in.readAllBytes(), StandardCharsets.UTF_8), "default.yaml"), "default.yaml", null, quick);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static AuditSpec read(Tree tree, String file, Path base, boolean quick) {
        Fields f = new Fields(file, tree).only(ENTRIES);
        if (quick && f.has("quick")) {
            f.object("quick").only("seeds", "rows", "trainingImages", "models", "experiments");
            Map<String, Tree> all = new LinkedHashMap<>(((Tree.Mapping) tree).entries());
            all.putAll(((Tree.Mapping) all.get("quick")).entries());
            f = new Fields(file, new Tree.Mapping(all, tree.mark()));
        }
        Fields s = f;
        Seeds seeds = Sidecar.checked(s, "seeds", () -> Seeds.parse(s.has("seeds") ? s.plain("seeds") : "0-511"));
        Double threshold = s.has("threshold") ? s.number("threshold") : null;
        if (threshold != null && !(threshold > -1 && threshold < 1))
            throw s.error("threshold", "must be between -1 and 1, found " + threshold);
        double mae = s.number("maeThreshold", Scores.CLOSE);
        if (!(mae > 0 && mae <= 255)) throw s.error("maeThreshold", "must be above 0 and at most 255, found " + mae);
        List<AuditSpec.Column> columns = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (Fields c : s.objects("models"))
            columns.add(column(c, base, ids));
        if (columns.isEmpty()) throw s.error("models", "must list at least one model");
        ExperimentReader reader = new ExperimentReader(seeds, columns, base);
        List<Experiment> experiments = s.has("experiments")
                ? s.objects("experiments").stream().map(reader::read).toList()
                : reader.standard();
        if (experiments.isEmpty()) throw s.error("experiments", "must list at least one experiment, or be left out");
        return new AuditSpec(s.text("title", "How reproducible are these models?"), seeds,
                (int) Math.min(s.integer("rows", 1, 100, 10), seeds.count()),
                threshold, mae, ModelFile.of(s.text("descriptor"), base), (int) s.integer("trainingImages", 1, MOST_IMAGES, 20_000),
                List.copyOf(columns), experiments);
    }

    private static AuditSpec.Column column(Fields c, Path base, Set<String> ids) {
        c.only("id", "label", "model", "ideal", "generator", "pipeline", "guidance", "prompt", "sampler", "steps", "options", "class",
                "parameterization", "schedule", "time", "mode", "training");
        List<String> given = Stream.of("model", "ideal", "generator", "pipeline").filter(c::has).toList();
        if (given.isEmpty())
            throw c.error("model",
                    "is missing: give 'model', 'ideal' for the ideal denoiser of a model's training set, 'generator' or 'pipeline'");
        if (given.size() > 1) throw c.error(given.get(1), "stands beside '" + given.getFirst() + "'; give one of them");
        AuditSpec.Kind kind = switch (given.getFirst()) {
            case "ideal" -> AuditSpec.Kind.IDEAL;
            case "generator" -> AuditSpec.Kind.GENERATOR;
            case "pipeline" -> AuditSpec.Kind.PIPELINE;
            default -> AuditSpec.Kind.NETWORK;
        };
        ModelFile model = ModelFile.of(c.text(given.getFirst()), base);
        String id = c.text("id", (kind == AuditSpec.Kind.IDEAL ? "ideal-" : "") + model.name()).replaceAll("[^A-Za-z0-9._-]", "-");
        if (id.startsWith(".") || !ids.add(id))
            throw c.error("id", "'" + id + "' must be given and be unique: two columns of one model need an 'id' each");
        if (kind != AuditSpec.Kind.NETWORK && c.has("class")) throw c.error("class", "is for networks with classes alone");
        for (String name : new String[]{"guidance", "prompt"})
            if (kind != AuditSpec.Kind.PIPELINE && c.has(name)) throw c.error(name, "is for pipelines alone");
        if (kind == AuditSpec.Kind.PIPELINE)
            for (String name : new String[]{"options", "parameterization", "schedule", "time", "mode", "training"})
                if (c.has(name)) throw c.error(name, "is not for a pipeline: its folder says it");
        if (kind == AuditSpec.Kind.GENERATOR)
            for (String name : new String[]{"sampler", "steps", "options", "parameterization", "schedule", "time", "training"})
                if (c.has(name)) throw c.error(name, "is not for a generator");
        if (kind == AuditSpec.Kind.NETWORK || kind == AuditSpec.Kind.IDEAL) sampler(c, "sampler");
        Integer steps = c.has("steps") ? (Integer) (int) c.integer("steps", 1, 100_000) : null;
        return new AuditSpec.Column(id, id, c.text("label", id), model, kind, c.text("sampler", null), steps,
                options(c, kind), kind == AuditSpec.Kind.PIPELINE ? c.text("prompt", "") : c.has("class") ? c.plain("class") : null,
                new Overrides(c.text("parameterization", null), c.text("schedule", null), c.text("time", null), training(c, base)),
                mode(c));
    }

    /** Refuses an unknown sampler where the spec names it. */
    static void sampler(Fields f, String entry) {
        if (f.has(entry)) Sidecar.checked(f, entry, () -> Samplers.kind(f.text(entry)));
    }

    /** The entry {@code training} of a model or an experiment, or null. */
    static Sidecar.Training training(Fields c, Path base) {
        if (!c.has("training")) return null;
        Fields t = c.object("training").only("dataset", "split", "seed", "first", "count", "draw");
        Sidecar.Training training = Sidecar.training(c, t).in(base);
        if (!TrainingImages.knows(training)) throw t.error("dataset", "is not there: " + training.dataset());
        return training;
    }

    private static Map<String, String> options(Fields c, AuditSpec.Kind kind) {
        if (kind == AuditSpec.Kind.PIPELINE) return Map.of("guidance", Double.toString(c.number("guidance", 7.5)));
        return c.has("options") ? c.plains("options") : Map.of();
    }

    private static AuditSpec.Mode mode(Fields c) {
        String name = c.text("mode", "strict");
        for (AuditSpec.Mode m : AuditSpec.Mode.values())
            if (m.text().equals(name)) return m;
        throw c.error("mode", "must be strict, exact, float16 or gpu, found " + name);
    }
}
