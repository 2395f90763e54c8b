package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Adds blocks back into an image: input 0 is (N, C * block elements, blocks), output 0 (N, C, image…). A pixel adds what
 * reaches it in the order of the block's elements, then of the blocks. All arrays have one entry for each image dimension.
 *
 * @param blocks how many blocks there are along each dimension
 */
public record Col2Im(long planes, int[] image, int[] block, int[] stride, int[] dilation, int[] pad, int[] blocks) implements Kernel {
    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        int rank = image.length, pixels = product(image), taps = product(block), count = product(blocks);
        Tensor x = in[0], y = out[0];
        boolean real = y.dtype().isFloat();
        workers.run(planes, 1, (begin, end, _) -> {
            for (long plane = begin; plane < end; plane++) {
                long bytes = (long) pixels * y.dtype().bytes();
                y.data().asSlice(plane * bytes, bytes).fill((byte) 0);
                for (int t = 0; t < taps; t++)
                    for (int b = 0; b < count; b++) {
                        int at = 0, tr = t, br = b, scale = 1;
                        for (int d = rank - 1; d >= 0 && at >= 0; d--) {
                            int v = br % blocks[d] * stride[d] - pad[d] + tr % block[d] * dilation[d];
                            br /= blocks[d];
                            tr /= block[d];
                            at = v < 0 || v >= image[d] ? -1 : at + v * scale;
                            scale *= image[d];
                        }
                        if (at < 0) continue;
                        long from = (plane * taps + t) * count + b, to = plane * pixels + at;
                        if (real) y.setDouble(to, y.getDouble(to) + x.getDouble(from));
                        else y.setLong(to, y.getLong(to) + x.getLong(from));
                    }
            }
        });
    }

    private static int product(int[] v) {
        int n = 1;
        for (int i : v)
            n = Math.multiplyExact(n, i);
        return n;
    }
}
