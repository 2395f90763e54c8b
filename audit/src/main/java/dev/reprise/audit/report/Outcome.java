package dev.reprise.audit.report;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.reprise.audit.report.Results.Pair;
import dev.reprise.audit.report.Results.Share;
import java.util.List;

/** What an experiment found. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({@JsonSubTypes.Type(value = Outcome.Matrix.class, name = "matrix"),
    @JsonSubTypes.Type(value = Outcome.Memorization.class, name = "memorization"),
    @JsonSubTypes.Type(value = Outcome.Steps.class, name = "steps"),
    @JsonSubTypes.Type(value = Outcome.Hyperplane.class, name = "hyperplane"),
    @JsonSubTypes.Type(value = Outcome.Conditional.class, name = "conditional"),
    @JsonSubTypes.Type(value = Outcome.Mixture.class, name = "mixture"),
    @JsonSubTypes.Type(value = Outcome.Quality.class, name = "quality"),
    @JsonSubTypes.Type(value = Outcome.Device.class, name = "device")})
public sealed interface Outcome {
    /** Heading in the report. */
    String title();

    /** What the paper says of this, and whether these numbers show it. */
    String finding();

    /**
     * Every two of some sources.
     *
     * @param of        matrix, generators or text
     * @param threshold of similarity
     * @param baselines one model's images of different noises: what remains of RP without a shared noise
     */
    record Matrix(String of, String title, String finding, double threshold, List<String> sources, List<Pair> pairs,
            List<Baseline> baselines) implements Outcome {}

    /** @param rp of image i against image i + 1 of one source */
    record Baseline(String source, Share rp, double mean) {}

    /**
     * @param originality for every model whose training set is known
     * @param ideal       models (a) against the ideal denoiser of their own training images (b)
     * @param regimes     by size of the training set, rising
     */
    record Memorization(String title, String finding, double threshold, List<Originality> originality, List<Pair> ideal,
            List<Regime> regimes) implements Outcome {}

    /**
     * @param gl             share of samples that resemble no training image (GL)
     * @param trainingImages compared with
     * @param mean           similarity to the nearest training image
     * @param histogram      of that similarity
     * @param nearest        index of the nearest training image of the first samples
     * @param data           array {@code data.nearest} of {@code data.npz} holds the similarities
     */
    record Originality(String source, Share gl, int trainingImages, double mean, int[] histogram, long[] nearest, String data) {}

    /**
     * Two models trained on as many images (figure 2 of the paper).
     *
     * @param images in the training set
     */
    record Regime(int images, Pair pair, Share glA, Share glB) {}

    /**
     * @param reference id of the source that all are compared with
     * @param curves    one for each solver
     * @param pairs     of the reference (a) and each point (b)
     */
    record Steps(String title, String finding, double threshold, String model, String reference, List<Curve> curves,
            List<Pair> pairs) implements Outcome {
        public record Curve(String sampler, List<Point> points) {}

        /** @param source of the images */
        public record Point(int steps, double evaluations, String source) {}
    }

    /**
     * @param anchors of the plane
     * @param points  on each axis; α of the column and β of the row run from {@code from} to {@code to}
     */
    record Hyperplane(String title, String finding, double threshold, long[] anchors, boolean slerp, double from, double to, int points,
            List<Plane> planes, List<Agreement> agreements) implements Outcome {
        /**
         * One model's images of the plane.
         *
         * @param shares    of the points that count as image 0, 1, 2
         * @param lipschitz quantiles 0, 0.1, 0.5, 0.9, 1 of |x(p) − x(q)| / |ε(p) − ε(q)| over neighbouring points
         * @param data      arrays {@code data.nearest} (int64: 0, 1, 2 or −1) and {@code data.similarity} (N, 3) of {@code data.npz}
         */
        public record Plane(String source, double[] shares, double[] lipschitz, String data) {}

        /** @param share of the points that two models give to the same of the three images, or both to none */
        public record Agreement(String a, String b, double share, Pair pair) {}
    }

    /**
     * @param classes      in words
     * @param byClass      pairs of conditional models told the same class
     * @param between      unconditional models against the most similar of a model's conditional images
     * @param acrossClasses one model told two classes, the same noise
     */
    record Conditional(String title, String finding, double threshold, List<String> classes, List<ByClass> byClass, List<Between> between,
            List<Pair> acrossClasses) implements Outcome {
        public record ByClass(String a, String b, List<Pair> pairs, double mean) {}

        /**
         * @param classShares of the noises for which each class was the most similar one
         * @param data        array {@code data.similarity} of {@code data.npz}
         */
        public record Between(String unconditional, String conditional, Share rp, double mean, double[] classShares, String data) {}
    }

    /** @param distribution in words */
    record Mixture(String title, String finding, String distribution, List<Error> errors) implements Outcome {
        /**
         * @param distance E|s − s*|² / E|s*|² over all noise levels
         * @param t        levels, from 0 (data) to 1 (noise)
         * @param atT      the distance at each
         */
        public record Error(String source, double distance, double[] t, double[] atT) {}
    }

    /**
     * @param features    name of the model whose features are compared
     * @param sha256      of its file; "" where there is none
     * @param neighbours  k of precision and recall
     */
    record Quality(String title, String finding, String features, String sha256, int neighbours, List<Row> rows) implements Outcome {
        /**
         * @param frechet   distance of the features taken as normal distributions
         * @param precision share of the images that lie among the real ones
         * @param recall    share of the real images that lie among these
         * @param real      images compared with
         * @param set       which, in words
         */
        public record Row(String source, double frechet, Share precision, Share recall, int real, String set) {}
    }

    /** @param variants against the strict samples of the same model */
    record Device(String title, String finding, double threshold, List<Variant> variants) implements Outcome {
        /**
         * @param pair      of the strict samples (a) and these (b)
         * @param identical images whose float32 bytes are the same
         * @param most      greatest difference of a value of an image, in [-1, 1] units
         * @param rms       root of the mean square difference, likewise
         * @param pixels    share of 8-bit values that differ
         */
        public record Variant(String mode, Pair pair, int identical, double most, double rms, double pixels) {}
    }
}
