package dev.reprise.audit.experiment;

import dev.reprise.audit.Version;
import dev.reprise.audit.cache.Cache;
import dev.reprise.audit.report.Outcome;
import dev.reprise.audit.report.Results;
import dev.reprise.audit.spec.AuditSpec;
import dev.reprise.audit.spec.Sidecar;
import dev.reprise.engine.SessionOptions;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.noise.TorchGenerator;
import java.lang.foreign.Arena;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.LongStream;

/**
 * A finished audit: the experiments of a spec, run. Everything that takes long goes through the cache, so an audit that was
 * killed goes on where it stopped, one that is run again is done at once, and the results are the same bytes either way.
 *
 * @param data     the arrays behind the numbers, by the names that the results give; they live as long as the arena that was given
 * @param pictures what the report shows, uint8 (n, H, W, 3)
 */
public record Audit(Results results, Map<String, Tensor> data, Map<String, Tensor> pictures) {
    /** An estimate of how the time divides, for the progress bar. */
    private static final double SAMPLING = 0.85, DESCRIBING = 0.97;

    /** Takes the samples of every source as they become known: arrays {@code samples}, {@code noise} and {@code seeds} by id. */
    public interface Sink extends BiConsumer<String, Map<String, Tensor>> {}

    /**
     * Runs an audit.
     *
     * @param arena owns what is returned
     * @throws java.util.concurrent.CancellationException where the thread was interrupted; what was finished is in the cache
     */
    public static Audit run(AuditSpec spec, SessionOptions options, Cache cache, Arena arena, Sink sink, Listener listener) {
        Map<String, Double> seconds = new LinkedHashMap<>();
        try (Lab lab = new Lab(spec, options, cache)) {
            List<Trial> trials = work(lab, cache, listener, seconds);
            listener.at(new Listener.State("scoring", DESCRIBING, Double.NaN, Double.NaN));
            long begun = System.nanoTime();
            Book book = new Book(lab, arena);
            List<Outcome> outcomes = new ArrayList<>();
            for (Trial t : trials)
                outcomes.add(t.run(book));
            Map<String, Tensor> pictures = Album.of(lab, book, outcomes, arena);
            seconds.put("scoring", (System.nanoTime() - begun) / 1e9);
            listener.at(new Listener.State("writing samples", 0.98, Double.NaN, Double.NaN));
            book.requests().forEach((id, r) -> give(lab, id, r, sink));
            Results results = new Results(Results.FORMAT, spec.title(),
                    new Results.Settings(TorchGenerator.PROFILE, spec.seeds().toString(), spec.seeds().count(), spec.rows(),
                            lab.threshold(),
                            spec.maeThreshold(), spec.descriptor().toString(), lab.descriptor().sha256(), spec.descriptor().embedded()),
                    List.copyOf(book.sources().values()), outcomes,
                    new Results.Run(Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                            Version.environment(), Cpu.name(), options.threads(), seconds));
            return new Audit(results, book.data(), pictures);
        }
    }

    /** Does the work of an audit that the cache does not hold, and no more: what one of several processes does. */
    public static void work(AuditSpec spec, SessionOptions options, Cache cache, Listener listener) {
        try (Lab lab = new Lab(spec, options, cache)) {
            work(lab, cache, listener, new LinkedHashMap<>());
        }
    }

    private static List<Trial> work(Lab lab, Cache cache, Listener listener, Map<String, Double> seconds) {
        listener.at(new Listener.State("opening models", 0, Double.NaN, Double.NaN));
        List<Trial> trials = new ArrayList<>();
        Set<Request> requests = new LinkedHashSet<>();
        Set<Sidecar.Training> sets = new LinkedHashSet<>();
        List<Unit> units = new ArrayList<>();
        for (var e : lab.spec().experiments()) {
            Trial t = Trial.of(e, lab);
            trials.add(t);
            requests.addAll(t.requests());
            sets.addAll(t.sets());
            units.addAll(t.units());
        }
        requests.forEach(r -> units.addAll(lab.units(r)));
        new Crew(cache, listener, 0, SAMPLING, seconds).fill(units);
        List<Unit> looks = new ArrayList<>();
        requests.forEach(r -> looks.addAll(lab.featureUnits(r, lab.descriptor())));
        sets.forEach(t -> looks.addAll(lab.featureUnits(t, lab.descriptor())));
        trials.forEach(t -> looks.addAll(t.looks()));
        new Crew(cache, listener, SAMPLING, DESCRIBING, seconds).fill(looks);
        return trials;
    }

    private static void give(Lab lab, String id, Request r, Sink sink) {
        try (Arena own = Arena.ofShared()) {
            Map<String, Tensor> arrays = new LinkedHashMap<>();
            arrays.put("samples", lab.floats(r, own));
            arrays.put("noise", r.noises().draw(0, r.noises().count(), lab.models().facts(r.column()).input(), own));
            if (r.noises() instanceof Noises.Seeded s)
                arrays.put("seeds",
                        Tensor.of(own, Shape.of(s.count()), LongStream.rangeClosed(s.seeds().first(), s.seeds().last()).toArray()));
            sink.accept(id, arrays);
        }
    }
}
