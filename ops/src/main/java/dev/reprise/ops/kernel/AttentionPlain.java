package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Attention row by row in doubles, of any float type: for float64, for models that ask for the scores, and for caches of which
 * each batch entry uses another part. Inputs q, k, v, mask (or null), the used keys of each batch entry (int64, or null);
 * outputs y and, where asked for, the scores (B, H, Lq, Lk).
 *
 * @param causal whether a query at position i sees keys up to i + offset and no more
 * @param offset the keys before the first query's own; with used keys given, used - Lq counts instead
 * @param stage  which scores output 1 gets
 */
public record AttentionPlain(Attention.Sizes sizes, Attention.Strides q, Attention.Strides k, Attention.Strides v, Attention.Strides out,
        Attention.Strides mask, double scale, double cap, boolean causal, long offset, Stage stage) implements Kernel {
    /** The scores at three points of the computation. */
    public enum Stage {
        PRODUCT, MASKED, SOFTMAX
    }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        Tensor scores = out.length > 1 ? out[1] : null;
        workers.run((long) sizes.batch() * sizes.heads() * sizes.queries(), 1, (begin, end, w) -> {
            for (long r = begin; r < end; r++)
                row(in, out[0], scores, r, scratch, 8L * sizes.keys() * w);
        });
    }

    private void row(Tensor[] in, Tensor y, Tensor scores, long r, MemorySegment s, long at) {
        int i = (int) (r % sizes.queries()), h = (int) (r / sizes.queries() % sizes.heads()),
                b = (int) (r / sizes.queries() / sizes.heads());
        int group = h / (sizes.heads() / sizes.keyHeads()), n = sizes.keys();
        long used = in[4] == null ? n : in[4].getLong(b), past = in[4] == null ? offset : used - sizes.queries();
        double max = Double.NEGATIVE_INFINITY, sum = 0;
        for (int j = 0; j < n; j++) {
            double v = product(in, b, h, group, i, j);
            keep(scores, Stage.PRODUCT, r, j, v);
            if (cap != 0) v = StrictMath.tanh(v / cap) * cap;
            if (mask != null) v += in[3].getDouble(b * mask.batch() + h * mask.head() + i * mask.row() + j * mask.column());
            if (j >= used || causal && j > i + past) v = Double.NEGATIVE_INFINITY;
            keep(scores, Stage.MASKED, r, j, v);
            s.set(Tensor.F64, at + 8L * j, v);
            max = Math.max(max, v);
        }
        for (int j = 0; j < n; j++) {
            double e = StrictMath.exp(s.get(Tensor.F64, at + 8L * j) - max);
            s.set(Tensor.F64, at + 8L * j, e);
            sum += e;
        }
        for (int j = 0; j < n; j++)
            keep(scores, Stage.SOFTMAX, r, j, s.get(Tensor.F64, at + 8L * j) / sum);
        for (int d = 0; d < sizes.values(); d++) {
            double o = 0;
            for (int j = 0; j < n; j++) {
                double weight = s.get(Tensor.F64, at + 8L * j);
                // A key that is not seen may hold anything.
                if (weight != 0) o += weight * in[2].getDouble(b * v.batch() + group * v.head() + j * v.row() + d);
            }
            y.setDouble(b * out.batch() + h * out.head() + i * out.row() + d, o / sum);
        }
    }

    private double product(Tensor[] in, int b, int h, int group, int i, int j) {
        long a = b * q.batch() + h * q.head() + i * q.row(), c = b * k.batch() + group * k.head() + j * k.row();
        double sum = 0;
        for (int d = 0; d < sizes.width(); d++)
            sum += in[0].getDouble(a + d) * in[1].getDouble(c + d);
        return sum * scale;
    }

    private void keep(Tensor scores, Stage at, long r, int j, double v) {
        if (scores != null && at == stage) scores.setDouble(r * sizes.keys() + j, v);
    }

    @Override
    public long scratchBytes(int threads) { return 8L * sizes.keys() * threads; }
}
