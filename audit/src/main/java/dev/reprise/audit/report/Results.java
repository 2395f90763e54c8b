package dev.reprise.audit.report;

import dev.reprise.audit.Version;
import java.util.List;
import java.util.Map;

/**
 * What an audit found: {@code report.json}. Everything but {@link #run} depends on the models and the settings alone, to
 * the bit.
 *
 * @param format      of this record
 * @param sources     every set of images that an experiment looked at; first the models of the audit, as they are
 * @param experiments in the order of the spec
 * @param run         when, where and how fast
 */
public record Results(String format, String title, Settings settings, List<Source> sources, List<Outcome> experiments, Run run) {
    public static final String FORMAT = "reprise-audit/2";
    /** Bins of histograms of similarities, from 0 to 1; less counts as 0. */
    public static final int BINS = 20;

    /**
     * @param noise        profile of the generator that drew the noise
     * @param seeds        one noise each, as ranges
     * @param noises       number of seeds
     * @param threshold    similarity above which two images count as the same
     * @param maeThreshold mean absolute difference of 8-bit pixels below which they do
     * @param embedded     whether the descriptor is the small one that Reprise brings along
     */
    public record Settings(String noise, String seeds, int noises, int rows, double threshold, double maeThreshold, String descriptor,
            String descriptorSha256, boolean embedded) {}

    /** A share of cases with its 95 % confidence interval (Wilson). */
    public record Share(double value, double low, double high, int hits, int of) {}

    /**
     * A set of images.
     *
     * @param id            unique, also the name of its files
     * @param model         id of the model of the spec that made them
     * @param kind          "network", "generator", or "ideal" for the closed-form denoiser of a training set
     * @param architecture  in words
     * @param objective     parameterization and noise schedule
     * @param noises        that the images are of, in words
     * @param images        how many
     * @param evaluations   of the denoiser for each image, in the mean
     * @param mode          how the network computed
     * @param modelSha256   of the model file; "" where there is none
     * @param training      in words; "" where it is not known
     * @param samplesSha256 of the images as float32 bytes
     */
    public record Source(String id, String label, String model, String kind, String architecture, String objective, String sampler,
            String noises, int images, double evaluations, String mode, String modelSha256, long parameters, String training,
            String samplesSha256) {}

    /**
     * Two sets of images of the same noises.
     *
     * @param a         id of a source
     * @param b         id of the other
     * @param rp        share of noises whose two images have similarity above the threshold (RP)
     * @param mae       share whose mean absolute difference is below the threshold (MAE score)
     * @param mean      similarity
     * @param histogram of the similarity, {@link Results#BINS} bins from 0 to 1; less counts as 0
     * @param data      arrays {@code data.similarity} and {@code data.distance} of {@code data.npz} hold the values
     */
    public record Pair(String a, String b, Share rp, Share mae, double mean, int[] histogram, String data) {
        boolean of(String x, String y) { return a.equals(x) && b.equals(y) || a.equals(y) && b.equals(x); }
    }

    /**
     * What differs from run to run.
     *
     * @param date    UTC, ISO 8601
     * @param seconds of the steps of the audit, in order; what the cache held takes none
     */
    public record Run(String date, Version.Environment environment, String cpu, int threads, Map<String, Double> seconds) {}

    public Source source(String id) {
        return sources.stream().filter(s -> s.id.equals(id)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no images '" + id + "' in this report"));
    }

    public String label(String id) { return source(id).label; }

    /** The pair of two sources in a list, or null. */
    public static Pair pair(List<Pair> pairs, String a, String b) {
        return pairs.stream().filter(p -> p.of(a, b)).findFirst().orElse(null);
    }
}
