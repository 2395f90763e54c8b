package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Products of 8-bit matrices less their zero points, summed in int32: widened to int32 in scratch and multiplied there.
 *
 * @param product  sizes and offsets of the products (of int32)
 * @param x        the input that holds A; {@code w} B; {@code xZero} a zero point for all of A or one a row, or -1;
 *                 {@code wZero} a zero point for all of B or one a column, or -1
 * @param quantize {@code {xScale, wScale, yScale, yZero}}: inputs that make the output
 *                 {@code saturate(rint(sum * xScale * wScale / yScale) + yZero)}; null for int32 output
 */
public record MatMulInteger(MatMulPlain product, int x, int w, int xZero, int wZero, int[] quantize) implements Kernel {
    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        int m = product.m(), n = product.n(), k = product.k();
        long aBytes = in[x].size() * 4, bBytes = in[w].size() * 4;
        MemorySegment a = scratch.asSlice(0, aBytes), b = scratch.asSlice(aBytes, bBytes);
        Tensor az = optional(in, xZero), bz = optional(in, wZero);
        for (long i = 0; i < in[x].size(); i++)
            a.set(Tensor.I32, i * 4, (int) (in[x].getLong(i) - zero(az, i / k)));
        for (long i = 0; i < in[w].size(); i++)
            b.set(Tensor.I32, i * 4,
                    (int) (in[w].getLong(i) - zero(bz, bz == null || bz.size() == 1 ? 0 : i / ((long) n * k) * n + i % n)));
        if (quantize == null) {
            product.multiply(a, b, out[0].data(), 0, workers);
            return;
        }
        product.multiply(a, b, scratch, aBytes + bBytes, workers);
        Tensor xs = in[quantize[0]], ws = in[quantize[1]], ys = in[quantize[2]], y = out[0];
        long yz = in[quantize[3]].getLong(0);
        for (long i = 0; i < y.size(); i++) {
            long row = i / n % Math.max(1, xs.size()), column = i / n / m * n % Math.max(1, ws.size()) + i % n;
            float scale = (float) xs.getDouble(xs.size() == 1 ? 0 : row) * (float) ws.getDouble(ws.size() == 1 ? 0 : column % ws.size())
                    / (float) ys.getDouble(0);
            y.setLong(i, Quantize.saturate(Math.rint(scratch.get(Tensor.I32, aBytes + bBytes + i * 4) * scale) + yz, y.dtype()));
        }
    }

    /** One zero point for all, or one for each (they repeat where a batch shares them). */
    private static long zero(Tensor z, long i) {
        return z == null ? 0 : z.getLong(i % z.size());
    }

    private static Tensor optional(Tensor[] in, int i) { return i >= 0 && i < in.length ? in[i] : null; }

    @Override
    public long scratchBytes(int threads) {
        long as = 0, bs = 0;
        for (long o : product.a())
            as = Math.max(as, o + (long) product.m() * product.k());
        for (int i : product.b())
            bs = Math.max(bs, (i + 1L) * product.k() * product.n());
        return 4 * (as + bs + (quantize == null ? 0 : (long) product.a().length * product.m() * product.n()));
    }

    @Override
    public long flops() { return product.flops(); }
}
