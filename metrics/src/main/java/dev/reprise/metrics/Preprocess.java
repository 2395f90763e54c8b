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
 * antialiased bilinear resize, then {@code (bytes / scale − mean) / std} by channel, in float32. Grey images are given to a
 * network of three channels three times.
 *
 * @param size      edge of the resized image; 0 keeps the image as it is
 * @param shortEdge false resizes to {@code size} x {@code size} whatever the form; true brings the shorter edge to {@code size} and keeps the
 *                  form, the longer edge rounded down (torchvision's {@code Resize(size)})
 * @param scale     what bytes are divided by, most often 255
 * @param mean      of each channel
 * @param std       of each channel
 */
public record Preprocess(int size, boolean shortEdge, float scale, float[] mean, float[] std) {
    private static final float[] IMAGENET_MEAN = {0.485f, 0.456f, 0.406f}, IMAGENET_STD = {0.229f, 0.224f, 0.225f};

    /** What the paper's code does for SSCD (its authors' {@code skew_320}): 320 x 320, ImageNet's mean and deviation. */
    public static final Preprocess SSCD = new Preprocess(320, false, 255, IMAGENET_MEAN, IMAGENET_STD);
    /** What SSCD's authors advise ({@code small_288}): the shorter edge 288. */
    public static final Preprocess SSCD_288 = new Preprocess(288, true, 255, IMAGENET_MEAN, IMAGENET_STD);

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

    /** A square resize. */
    public Preprocess(int size, float scale, float[] mean, float[] std) { this(size, false, scale, mean, std); }

    @Override
    public float[] mean() { return mean.clone(); }

    @Override
    public float[] std() { return std.clone(); }

    /**
     * Prepares images.
     *
     * @param images float32 (N, C, H, W) in [−1, 1], C 1 or as many as there are means
     * @return float32 (N, means, H', W')
     */
    public Tensor apply(Tensor images, Workers workers, Arena arena) {
        Shape s = images.shape();
        if (s.rank() != 4 || s.dim(1) != mean.length && s.dim(1) != 1)
            throw new IllegalArgumentException("images must have shape (N, " + mean.length + ", H, W), found " + s);
        int n = s.dimInt(0), c = mean.length, own = s.dimInt(1), h = s.dimInt(2), w = s.dimInt(3);
        PillowResize resize = PillowResize.of(w, h, resized(w, h), resized(h, w));
        Tensor bytes = Pixels.toBytes(images, arena);
        Tensor out = Tensor.allocate(arena, DType.FLOAT32, Shape.of(n, c, resize.newHeight(), resize.newWidth()));
        workers.run((long) n * c, 1, (begin, end, worker) -> {
            byte[] plane = new byte[h * w];
            for (long i = begin; i < end; i++) {
                MemorySegment.copy(bytes.data(), Tensor.I8, (i / c * own + i % own) * plane.length, plane, 0, plane.length);
                byte[] small = resize.apply(plane);
                float m = mean[(int) (i % c)], d = std[(int) (i % c)];
                for (int e = 0; e < small.length; e++)
                    out.setFloat(i * small.length + e, ((small[e] & 0xff) / scale - m) / d);
            }
        });
        return out;
    }

    private int resized(int edge, int other) {
        if (size == 0) return edge;
        return !shortEdge || edge <= other ? size : (int) ((long) size * edge / other);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Preprocess p && size == p.size && shortEdge == p.shortEdge && scale == p.scale && Arrays.equals(mean, p.mean)
                && Arrays.equals(std, p.std);
    }

    @Override
    public int hashCode() { return toString().hashCode(); }

    /** Everything that decides what it does. */
    @Override
    public String toString() {
        return (size == 0 ? "not resized" : shortEdge ? "shorter edge resized to " + size : "resized to " + size + "x" + size)
                + ", (bytes / " + scale + " - " + Arrays.toString(mean)
                + ") / "
                + Arrays.toString(std);
    }
}
