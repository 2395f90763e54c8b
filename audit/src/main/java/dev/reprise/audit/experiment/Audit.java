package dev.reprise.audit.experiment;

import dev.reprise.audit.spec.AuditSpec;
import dev.reprise.audit.Version;
import dev.reprise.audit.report.Pictures;
import dev.reprise.audit.report.Results;
import dev.reprise.audit.spec.Descriptors;
import dev.reprise.audit.spec.Sidecar;
import dev.reprise.audit.spec.TrainingImages;
import dev.reprise.engine.SessionOptions;
import dev.reprise.loaders.image.Image;
import dev.reprise.metrics.Score;
import dev.reprise.metrics.Scores;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.noise.TorchGenerator;
import java.lang.foreign.Arena;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Samples every model of a spec from the same noises, compares every two, and every one with its training set.
 *
 * @param samples of each column, by id; they live as long as the arena that was given
 */
public record Audit(Results results, Pictures pictures, Map<String, Tensor> samples, Map<String, Tensor> noise) {
    /** An estimate of how the time divides between sampling and scoring, for the progress bar. */
    private static final double SAMPLING = 0.85;

    /** @throws java.util.concurrent.CancellationException where the thread was interrupted */
    public static Audit run(AuditSpec spec, SessionOptions options, Arena arena, Listener listener) {
        return new Runner(spec, options, arena, listener).run();
    }

    private static final class Runner {
        private final AuditSpec spec;
        private final SessionOptions options;
        private final Arena arena;
        private final Listener listener;
        private final Map<String, Double> seconds = new LinkedHashMap<>();
        private final List<Sampled> sampled = new ArrayList<>();
        private final Map<String, Tensor> described = new HashMap<>();
        private final Map<Sidecar.Training, Tensor> training = new HashMap<>(), describedTraining = new HashMap<>();
        private double threshold;

        Runner(AuditSpec spec, SessionOptions options, Arena arena, Listener listener) {
            this.spec = spec;
            this.options = options;
            this.arena = arena;
            this.listener = listener;
        }

        Audit run() {
            try (Descriptors descriptor = Descriptors.open(spec.descriptor(), options)) {
                threshold = spec.threshold() != null
                        ? spec.threshold()
                        : descriptor.threshold() != null ? descriptor.threshold() : Scores.SIMILAR;
                for (int i = 0; i < spec.columns().size(); i++)
                    sample(spec.columns().get(i), i);
                describe(descriptor);
                List<Results.Model> models = new ArrayList<>();
                Map<String, List<byte[]>> nearest = new LinkedHashMap<>();
                for (Sampled s : sampled)
                    models.add(model(s, generalization(s, descriptor, nearest)));
                List<Results.Pair> pairs = pairs();
                Results r = new Results(Results.FORMAT, spec.title(),
                        new Results.Settings(TorchGenerator.PROFILE, spec.seeds().toString(), spec.seeds().count(), threshold,
                                spec.maeThreshold(),
                                spec.descriptor().toString(), descriptor.model().info().sha256()),
                        models, pairs,
                        new Results.Run(Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(), Version.environment(), Cpu.name(),
                                options.threads(), seconds));
                Map<String, Tensor> samples = new LinkedHashMap<>(), noise = new LinkedHashMap<>();
                sampled.forEach(s -> samples.put(s.column().id(), s.samples()));
                sampled.forEach(s -> noise.put(s.column().id(), s.noise()));
                return new Audit(r, pictures(nearest), samples, noise);
            }
        }

        private void sample(AuditSpec.Column c, int i) {
            double share = SAMPLING / spec.columns().size();
            Sampled s = Sampled.of(c, spec, options, arena, done -> listener.at("sampling " + c.title(), share * (i + done)));
            Shape first = sampled.isEmpty() ? s.samples().shape() : sampled.getFirst().samples().shape();
            if (!s.samples().shape().equals(first))
                throw new IllegalArgumentException(
                        c.id() + " makes samples " + s.samples().shape() + ", " + sampled.getFirst().column().id() + " " + first
                                + "; models of one audit need one sample shape");
            sampled.add(s);
            seconds.put("sampling " + c.title(), s.seconds());
        }

        private void describe(Descriptors descriptor) {
            long begun = System.nanoTime();
            for (Sampled s : sampled) {
                listener.at("comparing images", SAMPLING);
                described.put(s.column().id(), descriptor.descriptor().describe(s.samples(), arena));
            }
            for (Sampled s : sampled) {
                if (s.training() == null || training.containsKey(s.training())) continue;
                listener.at("looking at training images", SAMPLING + 0.05);
                training.put(s.training(), TrainingImages.of(s.training(), spec.trainingImages(), arena));
                describedTraining.put(s.training(), descriptor.descriptor().describe(training.get(s.training()), arena));
            }
            seconds.put("describing images", (System.nanoTime() - begun) / 1e9);
        }

        private Results.Generalization generalization(Sampled s, Descriptors descriptor, Map<String, List<byte[]>> nearest) {
            if (s.training() == null) return null;
            Scores.Originality o = Scores.gl(described.get(s.column().id()), describedTraining.get(s.training()), threshold,
                    descriptor.session().workers());
            List<byte[]> images = new ArrayList<>();
            for (int i = 0; i < spec.rows(); i++)
                images.add(Image.of(training.get(s.training()), o.nearest()[i]).rgb());
            nearest.put(s.column().id(), images);
            long[] index = new long[o.nearest().length];
            for (int i = 0; i < index.length; i++)
                index[i] = s.training().first() + o.nearest()[i];
            return new Results.Generalization(share(o.score()), Math.toIntExact(training.get(s.training()).shape().dim(0)),
                    mean(o.similarity()),
                    histogram(o.similarity()), index);
        }

        private Results.Model model(Sampled s, Results.Generalization g) {
            AuditSpec.Column c = s.column();
            Sidecar side = s.sidecar();
            String objective = c.ideal() ? "closed form" : side.objective();
            String architecture = c.ideal()
                    ? "The exact minimum of the training loss: the softmax-weighted mean of the training images"
                    : side.architecture();
            return new Results.Model(c.id(), c.title(), c.ideal() ? "ideal" : "network", architecture, objective, s.sampler(),
                    s.evaluations(), s.sha256(),
                    s.parameters(), side.training() == null ? "" : side.training().toString(), s.samples().sha256(), g);
        }

        private List<Results.Pair> pairs() {
            long begun = System.nanoTime();
            List<Results.Pair> pairs = new ArrayList<>();
            for (int a = 0; a < sampled.size(); a++)
                for (int b = a + 1; b < sampled.size(); b++) {
                    listener.at("scoring pairs", SAMPLING + 0.1);
                    Sampled x = sampled.get(a), y = sampled.get(b);
                    Scores.Similarities rp = Scores.rp(described.get(x.column().id()), described.get(y.column().id()), threshold);
                    Score mae = Scores.mae(x.samples(), y.samples(), spec.maeThreshold()).score();
                    pairs.add(new Results.Pair(x.column().id(), y.column().id(), share(rp.score()), share(mae), mean(rp.values()),
                            histogram(rp.values())));
                }
            seconds.put("scoring pairs", (System.nanoTime() - begun) / 1e9);
            return pairs;
        }

        private Pictures pictures(Map<String, List<byte[]>> nearest) {
            Tensor noise = sampled.getFirst().noise();
            List<Long> seeds = new ArrayList<>();
            List<byte[]> noises = new ArrayList<>();
            Map<String, List<byte[]>> samples = new LinkedHashMap<>();
            for (int i = 0; i < spec.rows(); i++) {
                seeds.add(spec.seeds().first() + i);
                noises.add(Image.of(noise, i).rgb());
                for (Sampled s : sampled)
                    samples.computeIfAbsent(s.column().id(), _ -> new ArrayList<>()).add(Image.of(s.samples(), i).rgb());
            }
            return new Pictures(noise.shape().dimInt(3), noise.shape().dimInt(2), seeds, noises, samples, nearest);
        }
    }

    private static Results.Share share(Score s) {
        return new Results.Share(s.value(), s.low(), s.high(), Math.toIntExact(s.count()), Math.toIntExact(s.n()));
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float v : values)
            sum += v;
        return sum / values.length;
    }

    private static int[] histogram(float[] values) {
        int[] counts = new int[Results.Pair.BINS];
        for (float v : values)
            counts[Math.clamp((long) Math.floor(v * counts.length), 0, counts.length - 1)]++;
        return counts;
    }
}
