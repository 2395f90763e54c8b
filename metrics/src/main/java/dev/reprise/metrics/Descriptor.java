package dev.reprise.metrics;

import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;

/** Turns images into vectors whose angle says how alike the images are. An image's bits do not depend on its batch. */
public interface Descriptor {
    /** For reports: which descriptor this is. */
    String name();

    /**
     * Describes images.
     *
     * @param images float32 (N, C, H, W), clean images in [−1, 1]
     * @param arena  owns the result; shared between threads
     * @return float32 (N, D); the rows need not have length 1
     */
    Tensor describe(Tensor images, Arena arena);
}
