package dev.reprise.audit.spec;

import java.util.List;
import java.util.Map;

/**
 * What an audit does: which models, from which noises, compared how.
 *
 * @param rows           noises drawn in the figures
 * @param threshold      of similarity; null takes the descriptor's own
 * @param trainingImages most images of a training set that GL looks at
 */
public record AuditSpec(String title, Seeds seeds, int rows, Double threshold, double maeThreshold, ModelFile descriptor,
        int trainingImages,
        List<Column> columns) {
    /**
     * One model of the audit.
     *
     * @param id      names its files
     * @param ideal   true for the ideal denoiser of the training set of {@code model}, in its place
     * @param sampler null takes what the model's metadata suggests
     * @param steps   null likewise
     * @param label   class of every sample, by number or name; null for none
     */
    public record Column(String id, String title, ModelFile model, boolean ideal, String sampler, Integer steps,
            Map<String, String> options, String label,
            Overrides overrides) {}
}
