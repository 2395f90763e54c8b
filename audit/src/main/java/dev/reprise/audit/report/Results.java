package dev.reprise.audit.report;

import dev.reprise.audit.Version;
import java.util.List;
import java.util.Map;

/**
 * What an audit found: {@code report.json}. Everything but {@link #run} depends on the models and the settings alone, to
 * the bit.
 *
 * @param format      of this record
 * @param models      the columns
 * @param pairs       every two models, in the order of the models
 * @param run         when, where and how fast
 */
public record Results(String format, String title, Settings settings, List<Model> models, List<Pair> pairs, Run run) {
    public static final String FORMAT = "reprise-audit/1";

    /**
     * @param noise        profile of the generator that drew the noise
     * @param seeds        one noise each, as ranges
     * @param noises       number of seeds
     * @param threshold    similarity above which two images count as the same
     * @param maeThreshold mean absolute difference of 8-bit pixels below which they do
     */
    public record Settings(String noise, String seeds, int noises, double threshold, double maeThreshold, String descriptor,
            String descriptorSha256) {}

    /** A share of cases with its 95 % confidence interval (Wilson). */
    public record Share(double value, double low, double high, int hits, int of) {}

    /**
     * @param id             unique, also the name of its files
     * @param kind           "network", or "ideal" for the closed-form denoiser of a training set
     * @param architecture   in words
     * @param objective      parameterization and noise schedule
     * @param evaluations    of the denoiser for each sample
     * @param sha256         of the model file; "" where there is none
     * @param samplesSha256  of the samples as float32 bytes
     * @param training       in words; "" where it is not known
     * @param generalization null where the training set is not known
     */
    public record Model(String id, String label, String kind, String architecture, String objective, String sampler, int evaluations,
            String sha256, long parameters, String training, String samplesSha256, Generalization generalization) {}

    /**
     * @param gl             share of samples that resemble no training image (GL)
     * @param trainingImages compared with
     * @param mean           similarity to the nearest training image
     * @param histogram      of that similarity, {@link Pair#BINS} bins from 0 to 1; less counts as 0
     * @param nearest        index of the nearest training image of each sample
     */
    public record Generalization(Share gl, int trainingImages, double mean, int[] histogram, long[] nearest) {}

    /**
     * @param a         id of a model
     * @param b         id of the other
     * @param rp        share of noises whose two images have similarity above the threshold (RP)
     * @param mae       share whose mean absolute difference is below the threshold (MAE score)
     * @param mean      similarity
     * @param histogram of the similarity, {@link #BINS} bins from 0 to 1; less counts as 0
     */
    public record Pair(String a, String b, Share rp, Share mae, double mean, int[] histogram) {
        public static final int BINS = 20;
    }

    /**
     * What differs from run to run.
     *
     * @param date    UTC, ISO 8601
     * @param seconds of the steps of the audit, in order
     */
    public record Run(String date, Version.Environment environment, String cpu, int threads, Map<String, Double> seconds) {}

    public Pair pair(String a, String b) {
        return pairs.stream().filter(p -> p.a.equals(a) && p.b.equals(b) || p.a.equals(b) && p.b.equals(a)).findFirst().orElse(null);
    }
}
