package dev.reprise.audit.spec;

import java.util.List;
import java.util.Map;

/**
 * What an audit does: which models, from which noises, compared how.
 *
 * @param rows           noises drawn in the figures
 * @param threshold      of similarity; null takes the descriptor's own
 * @param trainingImages most images of a training set that GL looks at
 * @param experiments    in the order of the report
 */
public record AuditSpec(String title, Seeds seeds, int rows, Double threshold, double maeThreshold, ModelFile descriptor,
        int trainingImages, List<Column> columns, List<Experiment> experiments) {
    /** What turns noise into images. */
    public enum Kind {
        /** A diffusion network, sampled. */
        NETWORK,
        /** The ideal denoiser of a network's training set, sampled with the network's schedule. */
        IDEAL,
        /** A text-to-image pipeline's folder; the class of a column is its prompt. */
        PIPELINE,
        /** A network that makes an image of a latent at once: a GAN, or a VAE's decoder. */
        GENERATOR
    }

    /** How a network computes. */
    public enum Mode {
        /** As everywhere else: the same bits on any machine. */
        STRICT,
        /** Likewise, and every convolution sums its products directly. */
        EXACT,
        /** Strict, with weights rounded to float16. */
        FLOAT16,
        /** On the graphics processor. */
        GPU;

        public String text() { return name().toLowerCase(java.util.Locale.ROOT); }
    }

    /**
     * One model of the audit.
     *
     * @param id      names its files
     * @param base    id of the model of the spec that this is, sampled, asked or computed otherwise perhaps
     * @param sampler null takes what the model's metadata suggests
     * @param steps   null likewise
     * @param label   class of every sample, by number or name; null for none
     */
    public record Column(String id, String base, String title, ModelFile model, Kind kind, String sampler, Integer steps,
            Map<String, String> options,
            String label, Overrides overrides, Mode mode) {
        public boolean ideal() { return kind == Kind.IDEAL; }

        /** This model sampled otherwise, under another name. */
        public Column sampled(String id, String title, String sampler, Integer steps, Map<String, String> options) {
            return new Column(id, base, title, model, kind, sampler, steps, options, label, overrides, mode);
        }

        /** This model asked for a class; null for none. */
        public Column labelled(String id, String title, String label) {
            return new Column(id, base, title, model, kind, sampler, steps, options, label, overrides, mode);
        }

        /** This model computed otherwise. */
        public Column mode(String id, String title, Mode mode) {
            return new Column(id, base, title, model, kind, sampler, steps, options, label, overrides, mode);
        }

        /** The ideal denoiser of this model's training set, sampled as the model is. */
        public Column itsIdeal(String id, String title) {
            return new Column(id, base, title, model, Kind.IDEAL, sampler, steps, options, null, overrides, Mode.STRICT);
        }
    }

    /** The column of an id. */
    public Column column(String id) {
        return columns.stream().filter(c -> c.id().equals(id)).findFirst().orElseThrow();
    }
}
