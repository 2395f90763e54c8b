package dev.reprise.metrics;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * What an image goes through before a descriptor network sees it: 8-bit quantization ({@link Pixels#toBytes}), Pillow's
 * antialiased bilinear resize to {@code size} x {@code size}, then {@code (bytes / scale − mean) / std} by channel, in float32.
 *
 * @param size  edge of the resized image; 0 keeps the image as it is
 * @param scale what bytes are divided by, most often 255
 * @param mean  of each channel
 * @param std   of each channel
 */
public record Preprocess(int size, float scale, float[] mean, float[] std) {
    /** What SSCD's authors and the paper's use: 320 x 320, ImageNet's mean and deviation. */
    public static final Preprocess SSCD = new Preprocess(320, 255, new float[]{0.485f, 0.456f, 0.406f},
            new float[]{0.229f, 0.224f, 0.225f});

    public Preprocess {
        mean = mean.clone();
        std = std.clone();
        if (size < 0) throw new IllegalArgumentException("size must be 0 (no resizing) or positive, found " + size);
        if (!(scale > 0)) throw new IllegalArgumentException("scale must be positive, found " + scale);
        if (mean.length != std.length || mean.length == 0)
            throw new IllegalArgumentException("mean and std need one number a channel, found " + mean.length + " and " + std.length);
        for (float s : std)
            if (!(s > 0)) throw new IllegalArgumentException("std must be positive, found " + s);
    }

    @Override
    public float[] mean() { return mean.clone(); }

    @Override
    public float[] std() { return std.clone(); }

    /**
     * Prepares images.
     *
     * @param images float32 (N, C, H, W) in [−1, 1], C as many as there are means
     * @return float32 (N, C, size, size)
     */
    public Tensor apply(Tensor images, Workers workers, Arena arena) {
        Shape s = images.shape();
        if (s.rank() != 4 || s.dim(1) != mean.length)
            throw new IllegalArgumentException("images must have shape (N, " + mean.length + ", H, W), found " + s);
        int n = s.dimInt(0), c = mean.length, h = s.dimInt(2), w = s.dimInt(3);
        PillowResize resize = PillowResize.of(w, h, size == 0 ? w : size, size == 0 ? h : size);
        Tensor bytes = Pixels.toBytes(images, arena);
        Tensor out = Tensor.allocate(arena, DType.FLOAT32, Shape.of(n, c, resize.newHeight(), resize.newWidth()));
        workers.run((long) n * c, 1, (begin, end, worker) -> {
            byte[] plane = new byte[h * w];
            for (long i = begin; i < end; i++) {
                MemorySegment.copy(bytes.data(), Tensor.I8, i * plane.length, plane, 0, plane.length);
                byte[] small = resize.apply(plane);
                float m = mean[(int) (i % c)], d = std[(int) (i % c)];
                for (int e = 0; e < small.length; e++)
                    out.setFloat(i * small.length + e, ((small[e] & 0xff) / scale - m) / d);
            }
        });
        return out;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Preprocess p && size == p.size && scale == p.scale && Arrays.equals(mean, p.mean) && Arrays.equals(std, p.std);
    }

    @Override
    public int hashCode() { return toString().hashCode(); }

    /** Everything that decides what it does. */
    @Override
    public String toString() {
        return (size == 0 ? "not resized" : "resized to " + size + "x" + size) + ", (bytes / " + scale + " - " + Arrays.toString(mean)
                + ") / "
                + Arrays.toString(std);
    }
}
