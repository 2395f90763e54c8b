package dev.reprise.metrics;

import dev.reprise.engine.Session;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/**
 * A descriptor that is a network of one image input and one output (N, D): SSCD, or any of its form. Images go through it
 * in pieces of at most {@code maxBatch}, the rest in powers of two, so that the session plans for few shapes.
 *
 * @param name       for reports
 * @param session    runs the network; its owner closes it
 * @param input      name of the image input
 * @param output     name of the output
 * @param preprocess what the images go through first
 * @param maxBatch   most images at once
 */
public record ModelDescriptor(String name, Session session, String input, String output, Preprocess preprocess,
        int maxBatch) implements Descriptor {
    public ModelDescriptor { if (maxBatch < 1) throw new IllegalArgumentException("maxBatch must be at least 1, found " + maxBatch); }

    @Override
    public Tensor describe(Tensor images, Arena arena) {
        int n = Pixels.count(images, "images");
        Tensor all = null;
        for (int at = 0; at < n;) {
            int left = n - at, piece = left >= maxBatch ? maxBatch : Integer.highestOneBit(left);
            try (Arena own = Arena.ofShared()) {
                Tensor x = preprocess.apply(images.rows(at, at + piece), session.workers(), own);
                Tensor d = session.run(Map.of(input, x), own).get(output);
                if (d == null) throw new IllegalArgumentException(name + ": the descriptor has no output '" + output + "'");
                if (d.dtype() != DType.FLOAT32 || d.shape().rank() != 2 || d.shape().dim(0) != piece)
                    throw new IllegalArgumentException(
                            name + ": output '" + output + "' must be float32 of shape (N, D), found " + d + " for " + piece + " images");
                if (all == null) all = Tensor.allocate(arena, DType.FLOAT32, Shape.of(n, d.shape().dim(1)));
                MemorySegment.copy(d.data(), 0, all.rows(at, at + piece).data(), 0, d.byteSize());
            }
            at += piece;
        }
        if (all == null) throw new IllegalArgumentException("there are no images to describe");
        return all;
    }

    /** What it computes, for keys of caches: the model's SHA-256, its input and output, and the preparation of images. Not how fast. */
    @Override
    public String toString() { return session.model().info().sha256() + ", " + input + " to " + output + ", " + preprocess; }
}
