package dev.reprise.audit.command;

import dev.reprise.audit.spec.Descriptors;
import dev.reprise.audit.spec.ModelFile;
import dev.reprise.audit.spec.TrainingImages;
import dev.reprise.loaders.data.DataSet;
import dev.reprise.loaders.data.DataSets;
import dev.reprise.loaders.data.Split;
import dev.reprise.metrics.Frechet;
import dev.reprise.metrics.Manifold;
import dev.reprise.metrics.Score;
import dev.reprise.metrics.Scores;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "score", description = {"Scores how often two models make the same image of the same noise (RP, MAE score),",
    "and, with --train, how often their images are new (GL). Intervals are 95 %% (Wilson)."})
public final class ScoreCommand implements Callable<Integer> {
    /** @param glA null without training images */
    private record Result(Score rp, Score mae, Score glA, Score glB, double meanSimilarity, String descriptor, String descriptorSha256,
            Features features) {}

    /**
     * What the features of a model say of whole sets of images.
     *
     * @param frechet of A and B
     * @param a       of A against the training images; null without
     */
    private record Features(String model, String sha256, double frechet, ToReal a, ToReal b) {}

    private record ToReal(double frechet, Score precision, Score recall, int k) {}

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "A.npz", description = "Samples of one model, as written by 'sample'.")
    private Path a;

    @Parameters(index = "1", paramLabel = "B.npz", description = "Samples of the other, from the same noise.")
    private Path b;

    @Option(names = "--train", paramLabel = "DATA", description = "Training images: a CIFAR archive, an IDX file, a zip or folder of images, "
            + "or an .npz with 'samples', 'images' or the only array; see docs/datasets.md.")
    private Path train;

    @Option(names = "--train-split", paramLabel = "PART", description = "train, test or all (default train).")
    private String trainSplit = "train";

    @Option(names = "--train-count", paramLabel = "N", description = "Draw N of the training images at random instead of all.")
    private Integer trainCount;

    @Option(names = "--train-seed", paramLabel = "N", description = "Seed of that drawing (default 0).")
    private long trainSeed;

    @Option(names = "--descriptor", paramLabel = "D", description = "What compares images: D.onnx (without a D.json beside it, taken to be an SSCD "
            + "network), sscd:FILE or sscd-288:FILE for SSCD's published weights, or pixels. embedded:descriptor suits the embedded models.", required = true)
    private String descriptor;

    @Option(names = "--features", paramLabel = "F", description = "A feature model, named as a descriptor is: prints the Fréchet distance of A and B "
            + "in its features (with Inception-v3's it is FID) and, with --train, those to the training images, precision and recall.")
    private String features;

    @Option(names = "--neighbours", paramLabel = "K", description = "Of precision and recall: balls reach to the K-th neighbour (default 3).")
    private int neighbours = Manifold.NEIGHBOURS;

    @Option(names = "--threshold", paramLabel = "X", description = "Similarity above which two images count as the same (default: what the "
            + "descriptor's metadata says, or 0.6).")
    private Double threshold;

    @Option(names = "--mae-threshold", paramLabel = "X", description = "Mean absolute difference of 8-bit pixels below which they do (default 15).")
    private double maeThreshold = Scores.CLOSE;

    @Mixin
    private EngineOptions engine;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() {
        try (Arena arena = Arena.ofShared();
                Descriptors d = Descriptors.open(ModelFile.of(descriptor, null), engine.options());
                Progress progress = Progress.on(spec.commandLine().getErr())) {
            Map<String, Tensor> fileA = ArrayFiles.read(a, arena), fileB = ArrayFiles.read(b, arena);
            Tensor x = images(a, fileA, arena), y = images(b, fileB, arena);
            if (!x.shape().equals(y.shape()))
                throw Failure.badInput(
                        a + " holds samples " + x.shape() + ", " + b + " holds " + y.shape() + "; they must be from the same noises");
            sameSeeds(fileA.get("seeds"), fileB.get("seeds"));
            double similar = threshold != null ? threshold : d.threshold() != null ? d.threshold() : Scores.SIMILAR;
            progress.at("describing " + a, 0);
            Tensor dx = d.descriptor().describe(x, arena);
            progress.at("describing " + b, 0.3);
            Tensor dy = d.descriptor().describe(y, arena);
            Scores.Similarities rp = Scores.rp(dx, dy, similar);
            Score mae = Scores.mae(x, y, maeThreshold).score(), glA = null, glB = null;
            if (train != null) {
                progress.at("describing " + train, 0.5);
                Tensor dt = TrainingImages.describe(trainingSet(), d.descriptor(), arena);
                glA = Scores.gl(dx, dt, similar, d.workers()).score();
                glB = Scores.gl(dy, dt, similar, d.workers()).score();
            }
            Features f = features == null ? null : features(x, y, arena, progress);
            double mean = 0;
            for (float v : rp.values())
                mean += v / rp.values().length;
            progress.clear();
            Result r = new Result(rp.score(), mae, glA, glB, mean, d.descriptor().name(), d.sha256(), f);
            json.print(spec, r, out -> {
                print(out, "RP", r.rp);
                print(out, "MAE score", r.mae);
                if (r.glA != null) print(out, "GL of A", r.glA);
                if (r.glB != null) print(out, "GL of B", r.glB);
                out.printf(Locale.ROOT, "mean similarity  %.4f%n", r.meanSimilarity);
                if (f == null) return;
                out.printf(Locale.ROOT, "Fréchet distance of A and B by %s  %.6g%n", f.model, f.frechet);
                if (f.a != null) print(out, "A", f.a);
                if (f.b != null) print(out, "B", f.b);
            });
            return 0;
        }
    }

    private static void print(PrintWriter out, String name, Score s) {
        out.printf(Locale.ROOT, "%-15s  %.4f  [%.4f, %.4f]  %,d of %,d%n", name, s.value(), s.low(), s.high(), s.count(), s.n());
    }

    private static void print(PrintWriter out, String set, ToReal r) {
        out.printf(Locale.ROOT, "Fréchet distance of %s and the training images  %.6g%n", set, r.frechet);
        print(out, "precision of " + set, r.precision);
        print(out, "recall of " + set, r.recall);
    }

    private Features features(Tensor x, Tensor y, Arena arena, Progress progress) {
        progress.at("looking for features", 0.7);
        try (Descriptors d = Descriptors.open(ModelFile.of(features, null), engine.options())) {
            Tensor fx = d.descriptor().describe(x, arena), fy = d.descriptor().describe(y, arena);
            ToReal a = null, b = null;
            if (train != null) {
                Tensor real = TrainingImages.describe(trainingSet(), d.descriptor(), arena);
                a = toReal(real, fx, d.workers());
                b = toReal(real, fy, d.workers());
            }
            return new Features(d.descriptor().name(), d.sha256(), Frechet.distance(fx, fy, d.workers()), a, b);
        }
    }

    private ToReal toReal(Tensor real, Tensor made, Workers workers) {
        long least = Math.min(real.shape().dim(0), made.shape().dim(0));
        if (neighbours < 1 || neighbours >= least)
            throw Failure
                    .badInput("--neighbours must be from 1 to " + (least - 1) + ", one less than there are images, found " + neighbours);
        Manifold.PrecisionRecall p = Manifold.precisionRecall(real, made, neighbours, workers);
        return new ToReal(Frechet.distance(real, made, workers), p.precision(), p.recall(), p.k());
    }

    private DataSet trainingSet() {
        Split split;
        try {
            split = Split.named(trainSplit);
        } catch (IllegalArgumentException e) {
            throw Failure.badInput("--train-split: " + e.getMessage());
        }
        DataSet all = DataSets.open(train, split);
        if (trainCount == null) return all;
        if (trainCount < 1 || trainCount > all.info().count())
            throw Failure.badInput(
                    "--train-count must be from 1 to " + all.info().count() + ", the images of " + train + ", found " + trainCount);
        return all.subset(trainCount, trainSeed);
    }

    private void sameSeeds(Tensor s, Tensor t) {
        if (s == null || t == null) {
            spec.commandLine().getErr().println("reprise score: warning: " + (s == null ? a : b)
                    + " does not say its seeds; taking row i of both files to be of the same noise");
            return;
        }
        if (!s.dtype().isInteger() || !t.dtype().isInteger() || !Arrays.equals(s.toLongs(), t.toLongs()))
            throw Failure.badInput(a + " and " + b + " are of different seeds; sample both with the same --seeds");
    }

    /** The images of a file: float32 as they are, bytes brought to [-1, 1]. */
    private static Tensor images(Path file, Map<String, Tensor> arrays, Arena arena) {
        Tensor t = arrays.containsKey("samples")
                ? arrays.get("samples")
                : arrays.containsKey("images")
                        ? arrays.get("images")
                        : arrays.size() == 1 ? arrays.values().iterator().next() : null;
        if (t == null) throw Failure.badInput(file + " must hold an array 'samples' or 'images', found " + arrays.keySet());
        if (t.shape().rank() != 4 || t.shape().dim(0) == 0)
            throw Failure.badInput(file + ": images must have shape (N, C, H, W), found " + t.shape());
        if (t.dtype() == DType.FLOAT32) return t;
        if (t.dtype() != DType.UINT8) throw Failure.badInput(file + ": images must be float32 in [-1, 1] or uint8, found " + t.dtype());
        Tensor f = Tensor.allocate(arena, DType.FLOAT32, t.shape());
        for (long i = 0; i < t.size(); i++)
            f.setFloat(i, t.getLong(i) / 127.5f - 1f);
        return f;
    }
}
