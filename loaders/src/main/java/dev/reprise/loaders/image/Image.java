package dev.reprise.loaders.image;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.util.Arrays;

/**
 * An image of 8-bit RGB pixels, rows from the top.
 *
 * @param rgb three bytes a pixel
 */
public record Image(int width, int height, byte[] rgb) {
    public Image {
        if (width < 1 || height < 1 || rgb.length != 3L * width * height)
            throw new IllegalArgumentException(
                    "an image of " + width + "x" + height + " needs " + 3L * width * height + " bytes, found " + rgb.length);
    }

    /** An image of one colour. */
    public static Image filled(int width, int height, int red, int green, int blue) {
        byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
        for (int i = 0; i < rgb.length; i += 3) {
            rgb[i] = (byte) red;
            rgb[i + 1] = (byte) green;
            rgb[i + 2] = (byte) blue;
        }
        return new Image(width, height, rgb);
    }

    /**
     * Sample {@code n} of a float tensor (N, C, H, W) in [-1, 1], C 1 (grey) or 3. A pixel is
     * {@code clip(127.5 x + 128, 0, 255)} truncated, as the diffusion literature's image files have it; NaN is black.
     */
    public static Image of(Tensor samples, long n) {
        if (samples.shape().rank() != 4 || samples.dtype() != DType.FLOAT32 || samples.shape().dim(1) != 1 && samples.shape().dim(1) != 3)
            throw new IllegalArgumentException("images must be float32 (N, 1 or 3, H, W), found " + samples);
        int channels = samples.shape().dimInt(1), h = samples.shape().dimInt(2), w = samples.shape().dimInt(3);
        long plane = (long) h * w, base = n * channels * plane;
        byte[] rgb = new byte[Math.toIntExact(3 * plane)];
        for (int c = 0; c < 3; c++)
            for (int i = 0; i < plane; i++)
                rgb[3 * i + c] = pixel(samples.getFloat(base + (channels == 1 ? 0 : c) * plane + i));
        return new Image(w, h, rgb);
    }

    static byte pixel(float x) { return (byte) Math.clamp((long) (127.5f * x + 128), 0, 255); }

    /** Every pixel as a square of {@code factor} by {@code factor}. */
    public Image enlarged(int factor) {
        int w = Math.multiplyExact(width, factor), h = Math.multiplyExact(height, factor);
        byte[] big = new byte[Math.multiplyExact(3, Math.multiplyExact(w, h))];
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++)
                System.arraycopy(rgb, 3 * (y / factor * width + x / factor), big, 3 * (y * w + x), 3);
        return new Image(w, h, big);
    }

    /** Copies {@code other} into this image (whose pixels change), its top left corner at (x, y). */
    void paste(Image other, int x, int y) {
        for (int row = 0; row < other.height; row++)
            System.arraycopy(other.rgb, 3 * row * other.width, rgb, 3 * ((y + row) * width + x), 3 * other.width);
    }

    @Override
    public boolean equals(Object o) { return o instanceof Image i && width == i.width && height == i.height && Arrays.equals(rgb, i.rgb); }

    @Override
    public int hashCode() { return 31 * (31 * width + height) + Arrays.hashCode(rgb); }

    @Override
    public String toString() { return "image " + width + "x" + height; }
}
