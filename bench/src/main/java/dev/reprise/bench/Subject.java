package dev.reprise.bench;

import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** An engine with a model loaded: what is measured. */
interface Subject extends AutoCloseable {
    /** One forward pass on prepared inputs, its results dropped or overwritten. */
    @FunctionalInterface
    interface Run {
        void run();
    }

    /** An engine by name, for a process of its own. */
    static Subject open(String engine, Path file, int threads) {
        return switch (engine) {
            case Reprise.NAME -> new Reprise(file, threads);
            case OnnxRuntime.NAME -> new OnnxRuntime(file, threads);
            default -> throw new IllegalArgumentException(
                    "unknown engine '" + engine + "'; expected " + Reprise.NAME + " or " + OnnxRuntime.NAME);
        };
    }

    List<Inputs.Spec> inputs();

    /** Binds inputs, which must outlive the runs. */
    Run prepare(Map<String, Tensor> inputs, Arena arena);

    /** The first output for these inputs. */
    float[] output(Map<String, Tensor> inputs);

    @Override
    void close();
}
