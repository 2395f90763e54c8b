package dev.reprise.audit.experiment;

import dev.reprise.audit.cache.Cache;
import dev.reprise.audit.cache.Code;
import dev.reprise.audit.cache.Key;
import dev.reprise.audit.spec.AuditSpec.Column;
import dev.reprise.audit.spec.AuditSpec;
import dev.reprise.audit.spec.Descriptors;
import dev.reprise.audit.spec.ModelFile;
import dev.reprise.audit.spec.Sidecar;
import dev.reprise.audit.spec.TrainingImages;
import dev.reprise.engine.Model;
import dev.reprise.engine.SessionOptions;
import dev.reprise.loaders.data.DataSet;
import dev.reprise.loaders.onnx.OnnxLoader;
import dev.reprise.metrics.Scores;
import dev.reprise.ops.device.CpuDevice;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.Samplers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Everything an audit works with: models, the descriptor, training sets, and the cache between them. */
final class Lab implements AutoCloseable {
    /** Noises in one piece of work; fewer where images are large, so that a piece stays a matter of minutes. */
    private static final int PIECE = 32, TRAINING_PIECE = 2000;
    private static final long LARGE = 3 * 64 * 64;

    private final AuditSpec spec;
    private final Cache cache;
    private final Arena arena = Arena.ofShared();
    private final Models models;
    private final SessionOptions options;
    private final Descriptors descriptor;
    /** Feature models beside the descriptor, by what the spec calls them. */
    private final Map<ModelFile, Descriptors> others = new HashMap<>();
    private final Workers workers;
    private final String code;
    private final Map<Request, Samples> samples = new HashMap<>();
    private final Map<Seen, Tensor> features = new HashMap<>();
    private final Map<Sidecar.Training, DataSet> sets = new HashMap<>();
    private final Map<Sidecar.Training, Sidecar.Training> counted = new HashMap<>();
    private final Map<Sidecar.Training, Tensor> training = new HashMap<>();

    /** @param what a request or a training set */
    private record Seen(Descriptors by, Object what) {}

    Lab(AuditSpec spec, SessionOptions options, Cache cache) {
        this.spec = spec;
        this.options = options;
        this.cache = cache;
        code = Code.fingerprint(Tensor.class, Model.class, OnnxLoader.class, Samplers.class, Scores.class)
                + (options.plan().exact() ? " exact" : "");
        workers = new Workers(options.threads());
        models = new Models(options);
        descriptor = Descriptors.open(spec.descriptor(), options.plan(options.plan().device(CpuDevice.INSTANCE).strict(false)));
    }

    AuditSpec spec() { return spec; }

    Models models() { return models; }

    /** What decides whether two images are the same. */
    Descriptors descriptor() { return descriptor; }

    /** A model whose features are wanted; null for the descriptor. */
    Descriptors descriptor(ModelFile file) {
        return file == null || file.equals(spec.descriptor())
                ? descriptor
                : others.computeIfAbsent(file, f -> Descriptors.open(f, options));
    }

    Workers workers() { return workers; }

    String code() { return code; }

    double threshold() {
        return spec.threshold() != null ? spec.threshold() : descriptor.threshold() != null ? descriptor.threshold() : Scores.SIMILAR;
    }

    /** The pieces of work that a request is made of. */
    List<SampleUnit> units(Request r) {
        int size = models.facts(r.column()).input().size() > LARGE ? PIECE / 8 : PIECE;
        List<SampleUnit> all = new ArrayList<>();
        for (int at = 0; at < r.noises().count();) {
            int next = r.noises().next(at, size);
            all.add(new SampleUnit(this, r, at, next));
            at = next;
        }
        return all;
    }

    List<FeatureUnit> featureUnits(Request r, Descriptors by) {
        List<FeatureUnit> all = new ArrayList<>();
        for (SampleUnit u : units(r))
            all.add(new FeatureUnit(this, by, "comparing images", u.key(), u.images(), own -> entry(u, own).get("samples")));
        return all;
    }

    List<FeatureUnit> featureUnits(Sidecar.Training t, Descriptors by) {
        List<FeatureUnit> all = new ArrayList<>();
        int n = Math.min(t.count(), spec.trainingImages());
        for (int at = 0; at < n; at += TRAINING_PIECE) {
            int begin = at, end = Math.min(n, at + TRAINING_PIECE);
            all.add(new FeatureUnit(this, by, "looking at training images",
                    Key.of("training").with("set", name(t)).with("images", begin + "-" + end),
                    end - begin, own -> set(t).range(begin, end - begin).images(own)));
        }
        return all;
    }

    private Map<String, Tensor> entry(Unit u, Arena own) {
        Map<String, Tensor> e = cache.read(u.key(), own);
        if (e != null) return e;
        // Damaged, or removed while we worked: make it again.
        Map<String, Tensor> made = u.make(own, _ -> {});
        cache.write(u.key(), made);
        return made;
    }

    /** One array of a unit's result. */
    Tensor result(Unit u, String name, Arena own) { return entry(u, own).get(name); }

    /** The images of a request as 8-bit pixels, and what else is known of them. */
    Samples samples(Request r) {
        return samples.computeIfAbsent(r, _ -> {
            Samples.Builder b = new Samples.Builder(r.noises().count());
            for (SampleUnit u : units(r))
                try (Arena own = Arena.ofShared()) {
                    b.add(entry(u, own));
                }
            return b.build();
        });
    }

    /** The images of a request as they were computed, float32 (N, C, H, W). */
    Tensor floats(Request r, Arena own) {
        return gather(units(r), "samples", own);
    }

    Tensor features(Request r) { return features(r, descriptor); }

    Tensor features(Request r, Descriptors by) {
        return features.computeIfAbsent(new Seen(by, r), _ -> gather(featureUnits(r, by), "features", arena));
    }

    Tensor features(Sidecar.Training t) { return features(t, descriptor); }

    /** Of as many images of a set as the audit looks at. */
    Tensor features(Sidecar.Training t, Descriptors by) {
        return features.computeIfAbsent(new Seen(by, t), _ -> gather(featureUnits(t, by), "features", arena));
    }

    private Tensor gather(List<? extends Unit> units, String name, Arena into) {
        Tensor all = null;
        int at = 0, n = units.stream().mapToInt(Unit::images).sum();
        for (Unit u : units)
            try (Arena own = Arena.ofShared()) {
                Tensor part = entry(u, own).get(name);
                if (all == null) {
                    long[] dims = part.shape().dims().clone();
                    dims[0] = n;
                    all = Tensor.allocate(into, DType.FLOAT32, Shape.of(dims));
                }
                MemorySegment.copy(part.data(), 0, all.rows(at, at + u.images()).data(), 0, part.byteSize());
                at += u.images();
            }
        return all;
    }

    /** The training set of a column's model, or null where it is not known or cannot be had. */
    Sidecar.Training trainingOf(Column c) {
        return counted(models.facts(c).training());
    }

    /** A training set with the number of its images; null where it cannot be had. */
    Sidecar.Training counted(Sidecar.Training t) {
        if (!TrainingImages.knows(t)) return null;
        return t.count() > 0 ? t : counted.computeIfAbsent(t, _ -> t.counted(TrainingImages.open(t).info().count()));
    }

    String trainingKey(Column c) {
        Sidecar.Training t = trainingOf(c);
        return t == null ? "unknown" : name(t);
    }

    private String name(Sidecar.Training t) { return set(t).identity(); }

    private DataSet set(Sidecar.Training t) { return sets.computeIfAbsent(t, TrainingImages::open); }

    /** Every image of a training set. */
    Tensor training(Sidecar.Training t) {
        return training.computeIfAbsent(t, _ -> set(t).images(arena));
    }

    @Override
    public void close() {
        models.close();
        descriptor.close();
        others.values().forEach(Descriptors::close);
        workers.close();
        arena.close();
    }
}
