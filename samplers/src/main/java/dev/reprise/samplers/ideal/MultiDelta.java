package dev.reprise.samplers.ideal;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import dev.reprise.samplers.model.Denoiser;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The denoiser of the empirical distribution of a training set (proposition 1 of the paper): the minimum of the training loss,
 * and what a network that memorizes tends to.
 * {@code D(x; σ) = Σ_i w_i y_i}, {@code w = softmax_i(−|x − y_i|² / (2σ²))}.
 *
 * <p>float64 throughout, the maximum subtracted; distances are sums of squared differences, so they do not cancel. Images are
 * added in their order, and those whose weight is zero in float64 are left out. Safe to use from several threads.
 */
public final class MultiDelta implements Denoiser {
    /** Images visited while they stay in cache, for every row of the batch. */
    private static final int BLOCK = 64;
    /** {@code exp} of less is zero in float64. */
    private static final double UNDERFLOW = -745.2;

    private final MemorySegment images;
    private final int count, size;
    private final Workers workers;

    /** @param images float32 (N, sample shape…), N at least 1; must stay alive as long as this denoiser is used */
    public MultiDelta(Tensor images, Workers workers) {
        if (images.dtype() != DType.FLOAT32 || images.shape().rank() < 2 || images.size() == 0)
            throw new IllegalArgumentException("images must be float32 of shape (N, ...), N at least 1, found " + images);
        this.images = images.data();
        count = images.shape().dimInt(0);
        size = Math.toIntExact(images.size() / count);
        this.workers = workers;
    }

    /** Number of images. */
    public int count() { return count; }

    @Override
    public void denoise(double[][] x, double[] sigma, double[][] x0) {
        for (double[] row : x)
            if (row.length != size) throw new IllegalArgumentException("the images have " + size + " elements, the sample " + row.length);
        double[][] w = new double[x.length][count];
        workers.run((count + BLOCK - 1) / BLOCK, 1, (begin, end, worker) -> {
            for (long b = begin; b < end; b++)
                for (int r = 0; r < x.length; r++)
                    DeltaKernels.distances(x[r], images, (int) b * BLOCK, (int) Math.min((b + 1) * BLOCK, count), w[r]);
        });
        int[][] rows = new int[x.length][];
        double[] total = new double[x.length];
        workers.run(x.length, 1, (begin, end, worker) -> {
            for (int r = (int) begin; r < end; r++) {
                rows[r] = new int[count];
                total[r] = weights(w[r], sigma[r], rows, r);
            }
        });
        workers.run(size, 64, (begin, end, worker) -> mean(w, rows, total, (int) begin, (int) end, x0));
    }

    /** Turns squared distances into the weights above zero, packed, and their row numbers; returns the sum of the weights. */
    private static double weights(double[] w, double sigma, int[][] rows, int r) {
        double least = Double.POSITIVE_INFINITY;
        for (double d : w)
            least = Math.min(least, d);
        if (!(sigma > 0) || !(least < Double.POSITIVE_INFINITY))
            throw new ArithmeticException(
                    "the ideal denoiser needs a finite sample and sigma > 0, found sigma " + sigma + ", squared distance " + least);
        double scale = 2 * sigma * sigma, sum = 0;
        int kept = 0;
        for (int i = 0; i < w.length; i++) {
            double logit = (least - w[i]) / scale;
            if (logit < UNDERFLOW) continue;
            double v = StrictMath.exp(logit);
            if (v == 0) continue;
            sum += v;
            rows[r][kept] = i;
            w[kept++] = v;
        }
        rows[r] = Arrays.copyOf(rows[r], kept);
        return sum;
    }

    private void mean(double[][] w, int[][] rows, double[] total, int from, int to, double[][] x0) {
        int[] at = new int[rows.length];
        for (double[] out : x0)
            Arrays.fill(out, from, to, 0);
        for (int block = BLOCK; block < count + BLOCK; block += BLOCK)
            for (int r = 0; r < rows.length; r++) {
                int begin = at[r], end = begin;
                while (end < rows[r].length && rows[r][end] < block)
                    end++;
                DeltaKernels.accumulate(w[r], rows[r], begin, end, images, size, from, to, x0[r]);
                at[r] = end;
            }
        for (int r = 0; r < x0.length; r++)
            for (int e = from; e < to; e++)
                x0[r][e] /= total[r];
    }
}
