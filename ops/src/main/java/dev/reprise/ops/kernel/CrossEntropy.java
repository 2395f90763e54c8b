package dev.reprise.ops.kernel;

import dev.reprise.ops.math.FloatMath;
import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Negative log likelihood of labels, on log probabilities or on scores. Inputs: scores (N, C, d…), labels (N, d…) of int32
 * or int64, optional weights (C). Outputs: the loss, (N, d…) or a scalar, and, from scores, perhaps the log probabilities.
 * Sums run in float64 over positions in row-major order, classes ascending.
 *
 * @param fromScores  take the logarithm of the softmax over C first
 * @param ignoreIndex labels that count nothing; only where {@code ignores}
 */
public record CrossEntropy(long batch, long classes, long inner, boolean fromScores, boolean ignores, long ignoreIndex,
        Reduction reduction) implements Kernel {
    /** What becomes of the losses of all positions. MEAN divides by the sum of the weights that counted. */
    public enum Reduction {
        NONE, SUM, MEAN
    }

    @Override
    public void run(Tensor[] in, Tensor[] out, MemorySegment scratch, Workers workers) {
        Tensor scores = in[0], labels = in[1], weights = in.length > 2 ? in[2] : null, log = fromScores && out.length > 1 ? out[1] : null;
        double total = 0, weight = 0;
        for (long n = 0; n < batch; n++)
            for (long i = 0; i < inner; i++) {
                long first = n * classes * inner + i, label = labels.getLong(n * inner + i);
                double shift = fromScores ? logSum(scores, first) : 0;
                if (log != null)
                    for (long c = 0; c < classes; c++)
                        log.setDouble(first + c * inner, scores.getDouble(first + c * inner) - shift);
                double loss = 0;
                if (!ignores || label != ignoreIndex) {
                    if (label < 0 || label >= classes)
                        throw new IllegalArgumentException("label " + label + " is outside [0, " + (classes - 1) + "]");
                    double w = weights == null ? 1 : weights.getDouble(label);
                    loss = -(scores.getDouble(first + label * inner) - shift) * w;
                    weight += w;
                }
                if (reduction == Reduction.NONE) out[0].setDouble(n * inner + i, loss);
                total += loss;
            }
        if (reduction == Reduction.SUM) out[0].setDouble(0, total);
        if (reduction == Reduction.MEAN) out[0].setDouble(0, total / weight);
    }

    /** log Σ exp over the classes, the maximum taken out. */
    private double logSum(Tensor scores, long first) {
        double max = Double.NEGATIVE_INFINITY, sum = 0;
        for (long c = 0; c < classes; c++)
            max = Math.max(max, scores.getDouble(first + c * inner));
        boolean single = scores.dtype() == DType.FLOAT32;
        for (long c = 0; c < classes; c++) {
            double x = scores.getDouble(first + c * inner) - max;
            sum += single ? FloatMath.exp((float) x) : StrictMath.exp(x);
        }
        return max + StrictMath.log(sum);
    }
}
