package dev.reprise.metrics;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;

/**
 * The baseline that needs no network: the 8-bit pixels with their mean over the image taken away, so that the similarity
 * of two images is their correlation. An image of one colour throughout has no direction; its first element is 1.
 */
public record PixelDescriptor() implements Descriptor {
    @Override
    public String name() { return "pixel correlation"; }

    @Override
    public Tensor describe(Tensor images, Arena arena) {
        int n = Pixels.count(images, "images"), size = Math.toIntExact(images.size() / Math.max(n, 1));
        Tensor bytes = Pixels.toBytes(images, arena), out = Tensor.allocate(arena, DType.FLOAT32, Shape.of(n, size));
        for (int i = 0; i < n; i++) {
            long sum = 0, at = (long) i * size;
            for (int e = 0; e < size; e++)
                sum += bytes.getLong(at + e);
            boolean flat = true;
            for (int e = 0; e < size; e++) {
                double v = bytes.getLong(at + e) - sum / (double) size;
                flat &= v == 0;
                out.setFloat(at + e, (float) v);
            }
            if (flat) out.setFloat(at, 1);
        }
        return out;
    }
}
