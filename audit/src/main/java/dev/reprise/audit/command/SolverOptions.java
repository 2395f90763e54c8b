package dev.reprise.audit.command;

import dev.reprise.samplers.Sampler;
import dev.reprise.samplers.Samplers;
import dev.reprise.samplers.model.ModelSpec;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/** Which solver, how many steps, which of its options: for every command that samples. */
final class SolverOptions {
    @Option(names = "--sampler", paramLabel = "NAME", description = "A name that `reprise samplers` lists "
            + "(default: what the model's metadata suggests).")
    private String sampler;

    @Option(names = "--steps", paramLabel = "N", description = "Steps; evaluations of the network for dpm-solver.")
    private Integer steps;

    @Option(names = "--skip", paramLabel = "SPACING", description = "How the steps are spread: short for --set spacing=SPACING.")
    private String skip;

    @Option(names = "--set", paramLabel = "OPTION=VALUE", description = "An option of the sampler, such as spacing=karras.")
    private Map<String, String> options = Map.of();

    @Option(names = "--batch", paramLabel = "N", description = "Samples that advance together (default 16, of a pipeline 1); changes no bit.")
    private Integer batch;

    int batch() { return batch(Samplers.BATCH); }

    int batch(int otherwise) {
        if (batch == null) return otherwise;
        if (batch < 1) throw Failure.badInput("--batch must be at least 1, found " + batch);
        return batch;
    }

    /** The steps that were given, or null; for a pipeline, which has a scheduler of its own. */
    Integer stepsOfPipeline() {
        if (sampler != null || skip != null || !options.isEmpty())
            throw Failure.badInput("--sampler, --skip and --set are not for pipelines; their scheduler is chosen with --scheduler");
        return steps;
    }

    /** The options of {@code --set} and {@code --skip}, sorted. */
    Map<String, String> options() {
        Map<String, String> all = new TreeMap<>(options);
        if (skip != null && all.put("spacing", skip) != null)
            throw Failure.badInput("--skip and --set spacing say the same; give one of them");
        return all;
    }

    Sampler sampler(ModelSpec s, String model) {
        if (sampler == null && s.suggestion() == null)
            throw Failure.badInput("--sampler is missing, and " + model + " suggests none; use one of " + Samplers.NAMES);
        return Samplers.named(sampler == null ? s.suggestion().name() : sampler, steps(s), options()).withBatch(batch());
    }

    int steps(ModelSpec s) {
        if (steps != null) return steps;
        if (s.suggestion() != null) return s.suggestion().steps();
        if (Samplers.list().stream().anyMatch(k -> k.name().equals(sampler) && k.steps().equals("ignored"))) return 1;
        throw Failure.badInput("--steps is missing");
    }
}
