package dev.reprise.audit.command;

import dev.reprise.audit.spec.DiffusionModel;
import dev.reprise.samplers.model.Denoiser;
import dev.reprise.samplers.model.ModelSpec;
import dev.reprise.samplers.model.Threshold;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/** What happens on the way from noise to image: the class, what is done to estimates, how the state is kept, what is saved. */
final class StateOptions {
    @Option(names = "--class", paramLabel = "C", description = "Class of every sample, by number or name.")
    private String label;

    @Option(names = "--negative-class", paramLabel = "C", description = "With --guidance: the class to steer away from (default: none).")
    private String negative;

    @Option(names = "--threshold", paramLabel = "KIND", description = "What is done to every estimate of the image: clip[=MIN/MAX] or dynamic[=QUANTILE[/LIMIT]].")
    private String threshold;

    @Option(names = "--state", paramLabel = "TYPE", defaultValue = "float64", description = "How the sampler keeps the images it works on: float64 (the default) or float32.")
    private String state;

    @Option(names = "--save-trajectory", paramLabel = "FILE.npz", description = "Also write the state after every step.")
    private Path trajectory;

    String label() { return label; }

    /** Pipelines have prompts for classes, and schedulers that bring the rest. */
    void refuseForPipelines() {
        if (label != null || negative != null)
            throw Failure.badInput("--class and --negative-class are not for pipelines; say it in the --prompt and --negative-prompt");
        if (threshold != null || float32() || trajectory != null)
            throw Failure.badInput("--threshold, --state and --save-trajectory are not for pipelines");
    }

    boolean float32() {
        if (!state.equals("float64") && !state.equals("float32"))
            throw Failure.badInput("--state must be float64 or float32, found '" + state + "'");
        return state.equals("float32");
    }

    /** Null where nobody asked for it. */
    Trajectory trajectory(ModelSpec s, int samples) {
        OutFile.check("--save-trajectory", trajectory, ".npz");
        return trajectory == null ? null : new Trajectory(trajectory, s.sampleShape(), samples);
    }

    /** The denoiser of all samples. */
    Denoiser denoiser(DiffusionModel m, int samples, Double guidance) {
        Integer c = label == null ? null : m.label(label);
        if (negative != null && guidance == null) throw Failure.badInput("--negative-class needs --guidance");
        if (guidance != null && c == null) throw Failure.badInput("--guidance needs a --class to steer to");
        Denoiser d = guidance == null || guidance == 1 && negative == null
                ? m.denoiser(c, samples)
                : m.guided(c, negative == null ? null : m.label(negative), guidance, samples);
        return threshold == null ? d : Threshold.named(threshold, m.sidecar().spec().range()).of(d);
    }

    /** Those that were given and bear on the result. */
    Map<String, String> given(Double guidance) {
        Map<String, String> all = new TreeMap<>();
        if (guidance != null) all.put("guidance", guidance.toString());
        if (negative != null) all.put("negativeClass", negative);
        if (threshold != null) all.put("threshold", threshold);
        if (float32()) all.put("state", state);
        return all;
    }
}
