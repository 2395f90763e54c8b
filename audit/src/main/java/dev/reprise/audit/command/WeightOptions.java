package dev.reprise.audit.command;

import dev.reprise.loaders.weights.WeightBinding;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Weights from another file than the model's. */
final class WeightOptions {
    @Option(names = "--weights", paramLabel = "FILE", description = "Take the initializers' values from the tensors of the same names in a PyTorch file "
            + "(.pt, .pth, TorchScript) or .safetensors.")
    private Path file;

    @Option(names = "--weights-prefix", paramLabel = "PREFIX", description = "What the names begin with in the file, such as ema. (default: found).")
    private String prefix;

    @Option(names = "--weights-strip", paramLabel = "PREFIX", description = "What the initializers' names begin with, and the file's do not (default: found).")
    private String strip;

    @Option(names = "--weights-partial", description = "Initializers that the file lacks keep the model's values.")
    private boolean partial;

    @Option(names = "--weights-round", description = "Round the file's numbers where the model's type is narrower.")
    private boolean round;

    /** Null where no file is given. */
    WeightBinding binding() {
        if (file != null) return new WeightBinding(file, prefix, strip, partial, round);
        if (prefix != null || strip != null || partial || round)
            throw Failure.badInput("--weights FILE is missing, but an option tells how to bind it");
        return null;
    }
}
