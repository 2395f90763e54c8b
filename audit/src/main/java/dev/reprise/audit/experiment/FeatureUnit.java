package dev.reprise.audit.experiment;

import dev.reprise.audit.cache.Key;
import dev.reprise.audit.spec.Descriptors;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.function.Function;

/**
 * What the descriptor says of some images: {@code features} float32 (n, D).
 *
 * @param by     the descriptor
 * @param of     which images
 * @param pixels the images themselves
 */
record FeatureUnit(Lab lab, Descriptors by, String step, Key of, int images, Function<Arena, Tensor> pixels) implements Unit {
    /** Describing an image costs about as much as a few evaluations of a model that makes such images. */
    private static final double COST = 2;

    @Override
    public Key key() { return Key.of("features").with("code", lab.code()).with("descriptor", by.meaning()).with("of", of.sha256()); }

    @Override
    public double cost() { return COST * images; }

    @Override
    public Map<String, Tensor> make(Arena arena, DoubleConsumer progress) {
        if (Thread.currentThread().isInterrupted()) throw new java.util.concurrent.CancellationException("describing images was cancelled");
        return Map.of("features", by.descriptor().describe(pixels.apply(arena), arena));
    }
}
