package dev.reprise.ops.kernel;

import dev.reprise.ops.tensor.Tensor;

/**
 * Rotary position embedding (Su et al. 2021): pairs of a head's elements are turned by angles whose cosines and sines are given.
 * Inputs x, cos, sin, positions (int64, or absent: then cos and sin have a row for each batch entry and position). Each result is
 * rounded once.
 *
 * @param x           strides of x and of the result
 * @param rotated     how many of a head's first elements are turned; even
 * @param interleaved whether neighbours are pairs; else element i and i + rotated / 2
 */
public record Rotary(int batch, int heads, int length, int width, Attention.Strides x, int rotated, boolean interleaved) {
    public Kernel kernel() {
        return (in, out, _, workers) -> workers.run((long) batch * heads * length, 64, (begin, end, _) -> {
            for (long r = begin; r < end; r++) {
                long l = r % length, h = r / length % heads, b = r / length / heads;
                long row = in.length > 3 && in[3] != null ? in[3].getLong(b * length + l) : b * length + l;
                turn(in[0], in[1], in[2], out[0], b * x.batch() + h * x.head() + l * x.row(), row * (rotated / 2));
            }
        });
    }

    private void turn(Tensor x, Tensor cos, Tensor sin, Tensor y, long at, long angle) {
        int half = rotated / 2;
        for (int i = 0; i < half; i++) {
            long first = at + (interleaved ? 2 * i : i), second = interleaved ? first + 1 : first + half;
            double a = x.getDouble(first), b = x.getDouble(second), c = cos.getDouble(angle + i), s = sin.getDouble(angle + i);
            y.setDouble(first, c * a - s * b);
            y.setDouble(second, s * a + c * b);
        }
        for (int i = rotated; i < width; i++)
            y.setDouble(at + i, x.getDouble(at + i));
    }
}
