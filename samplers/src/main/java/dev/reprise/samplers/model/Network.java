package dev.reprise.samplers.model;

import dev.reprise.ops.tensor.Tensor;

/**
 * A network as a solver sees it: any engine, any model. Rows must not influence each other.
 *
 * <p>A label is whatever the network makes of it: a class, or the number of a text's embedding in a table that the network
 * holds. So prompts and negative prompts are labels too.
 */
@FunctionalInterface
public interface Network {
    /**
     * Evaluates a batch.
     *
     * @param x     float32 (n, sample shape…)
     * @param time  float32 (n), in the model's {@link TimeConvention}
     * @param label int64 (n), or null where the model has no classes
     * @param out   float32 (n, output shape…), to be filled: the sample's shape, twice its channels with a learned variance
     */
    void evaluate(Tensor x, Tensor time, Tensor label, Tensor out);
}
