package dev.reprise.audit.spec;

import java.util.List;
import java.util.Map;

/** One question of an audit. {@code models} are ids of its columns. */
public sealed interface Experiment {
    /** The name of the kind in specs. */
    String kind();

    /** Heading in the report. */
    String title();

    /** RP and MAE score of every two models (figures 1, 6, 12, 13 of the paper). */
    record Matrix(String title, List<String> models, Seeds seeds) implements Experiment {
        @Override
        public String kind() { return "matrix"; }
    }

    /**
     * Whether models repeat their training images: GL, and RP against the ideal denoiser of the same images (figures 2 and 4).
     *
     * @param idealUpTo largest training set whose ideal denoiser is sampled
     */
    record Memorization(String title, List<String> models, Seeds seeds, int idealUpTo) implements Experiment {
        @Override
        public String kind() { return "memorization"; }
    }

    /**
     * Images of a plane of noises through three of them (figure 7).
     *
     * @param anchors seeds of ε_0, ε_1, ε_2
     * @param slerp   on the sphere instead of linearly
     * @param from    least of α and β
     * @param to      greatest
     * @param points  on each axis
     */
    record Hyperplane(String title, List<String> models, long[] anchors, boolean slerp, double from, double to,
            int points) implements Experiment {
        @Override
        public String kind() { return "hyperplane"; }
    }

    /**
     * Models told a class, against each other and against models that are told none (figures 8, 9, 18, 19).
     *
     * @param classes       by number or name; empty for all
     * @param unconditional ids of models compared with the most similar of the conditional samples
     */
    record Conditional(String title, List<String> models, Seeds seeds, List<String> classes,
            List<String> unconditional) implements Experiment {
        @Override
        public String kind() { return "conditional"; }
    }

    /**
     * Networks that make an image of a latent at once, each pair from the same latents (figure 3).
     *
     * @param against ids of diffusion models of the same noises
     */
    record Generators(String title, List<String> models, Seeds seeds, List<String> against) implements Experiment {
        @Override
        public String kind() { return "generators"; }
    }

    /**
     * The error of a network's score against that of a mixture of low-rank Gaussians (figure 5).
     *
     * @param mixture    .npz with {@code weights} (K) and {@code bases} (K, d, n); null takes the one that the seed draws
     * @param components K
     * @param rank       d
     * @param seed       of the bases
     */
    record Mixture(String title, List<String> models, Seeds seeds, java.nio.file.Path mixture, int components, int rank,
            long seed) implements Experiment {
        @Override
        public String kind() { return "mixture"; }
    }

    /**
     * How near a model's images are to real ones as a whole: Fréchet distance, precision and recall.
     *
     * @param features   model whose features are compared; null for the audit's descriptor
     * @param training   the real images; null for each model's own training set
     * @param neighbours k of precision and recall
     */
    record Quality(String title, List<String> models, Seeds seeds, ModelFile features, Sidecar.Training training,
            int neighbours) implements Experiment {
        @Override
        public String kind() { return "quality"; }
    }

    /** How far apart one model's samples are when they are computed otherwise. */
    record Device(String title, List<String> models, Seeds seeds, List<AuditSpec.Mode> modes) implements Experiment {
        @Override
        public String kind() { return "device"; }
    }

    /**
     * One model with several solvers and numbers of steps, against a reference.
     *
     * @param samplers  names, with options
     * @param steps     numbers of steps for each
     * @param reference what all are compared with
     */
    record Steps(String title, String model, Seeds seeds, List<Choice> samplers, List<Integer> steps,
            Choice reference) implements Experiment {
        /** @param steps of the reference; null elsewhere */
        public record Choice(String sampler, Integer steps, Map<String, String> options) {}

        @Override
        public String kind() { return "steps"; }
    }

    /**
     * Models told a text: one prompt and many noises, or one noise and many prompts (figure 20).
     *
     * @param prompts   ids are made of their numbers
     * @param threshold of similarity; 0.4 in the paper
     */
    record Text(String title, List<String> models, Seeds seeds, List<String> prompts, double threshold) implements Experiment {
        @Override
        public String kind() { return "text"; }
    }
}
