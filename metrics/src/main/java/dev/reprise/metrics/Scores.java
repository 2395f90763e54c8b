package dev.reprise.metrics;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/**
 * The paper's scores (section 2.1). Descriptors are float32 (N, D) of any length, row i of every model from the same noise;
 * images are float32 (N, C, H, W) in [−1, 1].
 */
public final class Scores {
    /** Two images count as the same above this SSCD similarity. */
    public static final double SIMILAR = 0.6;
    /** Two images count as the same below this mean absolute difference of 8-bit values. */
    public static final double CLOSE = 15.0;

    private Scores() {}

    /** A score and the similarity of every pair it counts. */
    public record Similarities(Score score, float[] values, Histogram histogram) {
        static Similarities above(String name, float[] values, double threshold) {
            long count = 0;
            for (float v : values)
                if (v > (float) threshold) count++;
            return new Similarities(Score.of(name, count, values.length), values, Histogram.ofSimilarities(values));
        }
    }

    /** The MAE score and the mean absolute difference of every pair, in 8-bit steps. */
    public record Distances(Score score, double[] values) {}

    /** The GL score, and for every sample the training image most like it. */
    public record Originality(Score score, int[] nearest, float[] similarity, Histogram histogram) {}

    /** RP: {@code P(M(x1, x2) > threshold)}, strictly. */
    public static Similarities rp(Tensor a, Tensor b, double threshold) {
        try (Arena arena = Arena.ofConfined()) {
            return Similarities.above("RP", Similarity.pairs(Similarity.normalize(a, arena), Similarity.normalize(b, arena)), threshold);
        }
    }

    /** Conditional RP of every class, by its place in the lists, and over all classes together. */
    public record Conditional(List<Similarities> classes, Similarities all) {}

    /**
     * Conditional RP: {@code P(M(x1^c, x2^c) > threshold)}, both models asked for class c, from the same noise.
     *
     * @param a of the first model, one (N, D) for each class
     * @param b of the second, likewise
     */
    public static Conditional rpConditional(List<Tensor> a, List<Tensor> b, double threshold) {
        if (a.size() != b.size() || a.isEmpty())
            throw new IllegalArgumentException(
                    "conditional RP needs the samples of at least one class, as many of both models; found " + a.size()
                            + " and " + b.size());
        List<Similarities> classes = new ArrayList<>();
        int n = 0;
        for (int c = 0; c < a.size(); c++) {
            float[] values = rp(a.get(c), b.get(c), threshold).values();
            classes.add(Similarities.above("RP of class " + c, values, threshold));
            n += values.length;
        }
        float[] all = new float[n];
        int at = 0;
        for (Similarities s : classes) {
            System.arraycopy(s.values, 0, all, at, s.values.length);
            at += s.values.length;
        }
        return new Conditional(List.copyOf(classes), Similarities.above("conditional RP", all, threshold));
    }

    /**
     * RP of an unconditional model against a conditional one: {@code P(max_c M(x, x^c) > threshold)} over the classes.
     *
     * @param conditional one (N, D) for each class
     */
    public static Similarities rpBetween(Tensor unconditional, List<Tensor> conditional, double threshold) {
        try (Arena arena = Arena.ofConfined()) {
            Tensor a = Similarity.normalize(unconditional, arena);
            float[] best = null;
            for (Tensor c : conditional) {
                float[] s = Similarity.pairs(a, Similarity.normalize(c, arena));
                if (best == null) best = s;
                else
                    for (int i = 0; i < s.length; i++)
                        best[i] = Math.max(best[i], s[i]);
            }
            if (best == null) throw new IllegalArgumentException("RP between models needs the samples of at least one class");
            return Similarities.above("RP between", best, threshold);
        }
    }

    /**
     * The baseline of RP: one model's samples of different noises against each other, sample i with sample i + 1 (the last
     * with the first). What remains of RP when the noise is not shared.
     */
    public static Similarities withinModel(Tensor d, double threshold) {
        int n = Pixels.count(d, "descriptors");
        if (n < 2) throw new IllegalArgumentException("the baseline within a model needs at least 2 samples, found " + n);
        try (Arena arena = Arena.ofConfined()) {
            Tensor u = Similarity.normalize(d, arena);
            float[] s = new float[n];
            for (int i = 0; i < n; i++)
                s[i] = Similarity.dot(u, i, u, (i + 1) % n, u.shape().dimInt(1));
            return Similarities.above("RP within", s, threshold);
        }
    }

    /** MAE score: {@code P(mean |x1 − x2| < threshold)}, strictly, on 8-bit values. */
    public static Distances mae(Tensor a, Tensor b, double threshold) {
        if (!a.shape().equals(b.shape()))
            throw new IllegalArgumentException("images must have one shape, found " + a.shape() + " and " + b.shape());
        int n = Pixels.count(a, "images");
        double[] mean = new double[n];
        long count = 0;
        try (Arena arena = Arena.ofConfined()) {
            Tensor x = Pixels.toBytes(a, arena), y = Pixels.toBytes(b, arena);
            long size = n == 0 ? 0 : a.size() / n;
            for (int i = 0; i < n; i++) {
                long sum = 0;
                for (long e = i * size; e < (i + 1) * size; e++)
                    sum += Math.abs(x.getLong(e) - y.getLong(e));
                mean[i] = sum / (double) size;
                if (mean[i] < threshold) count++;
            }
        }
        return new Distances(Score.of("MAE", count, n), mean);
    }

    /** GL: {@code 1 − P(max_{y in training set} M(x, y) > threshold)}, strictly. The count is of samples that are no copies. */
    public static Originality gl(Tensor samples, Tensor training, double threshold, Workers workers) {
        return originality(Similarity.nearest(samples, training, workers), threshold);
    }

    /** As {@link #gl}, of a search that was done piece by piece. */
    public static Originality originality(Similarity.Nearest near, double threshold) {
        long count = 0;
        for (float s : near.similarity())
            if (!(s > (float) threshold)) count++;
        return new Originality(Score.of("GL", count, near.similarity().length), near.index(), near.similarity(),
                Histogram.ofSimilarities(near.similarity()));
    }
}
