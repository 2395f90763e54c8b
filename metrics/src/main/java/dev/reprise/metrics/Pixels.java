package dev.reprise.metrics;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;

/** From samples to 8-bit pixels. */
public final class Pixels {
    private Pixels() {}

    /**
     * {@code clip(127.5 x + 128, 0, 255)}, truncated, in float32: what the paper's authors save.
     *
     * @param x float32 of any shape, clean images in [−1, 1]
     * @return uint8 of the same shape
     * @throws IllegalArgumentException where an element is NaN
     */
    public static Tensor toBytes(Tensor x, Arena arena) {
        if (x.dtype() != DType.FLOAT32) throw new IllegalArgumentException("images must be float32, found " + x);
        Tensor out = Tensor.allocate(arena, DType.UINT8, x.shape());
        for (long i = 0; i < x.size(); i++) {
            float v = x.getFloat(i);
            if (Float.isNaN(v)) throw new IllegalArgumentException("element " + i + " of the images " + x.shape() + " is NaN");
            out.data().set(Tensor.I8, i, (byte) (int) Math.clamp(v * 127.5f + 128f, 0f, 255f));
        }
        return out;
    }

    /** Number of images of a tensor (N, …), or an error that names what was expected. */
    static int count(Tensor images, String what) {
        if (images.shape().rank() < 2) throw new IllegalArgumentException(what + " must have shape (N, ...), found " + images);
        return images.shape().dimInt(0);
    }
}
