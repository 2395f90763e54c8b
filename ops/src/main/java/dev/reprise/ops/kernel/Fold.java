package dev.reprise.ops.kernel;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;

/** An elementwise function of many operands, folded from the first to the last: max, min, sum, mean. */
public final class Fold {
    /** What is folded; the mean is the sum, divided once at the end. */
    public enum Of {
        MAX(Binary.MAX, Math::max, Math::max, (x, y) -> Long.compareUnsigned(x, y) > 0 ? x : y), //
        MIN(Binary.MIN, Math::min, Math::min, (x, y) -> Long.compareUnsigned(x, y) < 0 ? x : y), //
        SUM(Binary.ADD, Double::sum, Long::sum, Long::sum), //
        MEAN(Binary.ADD, Double::sum, Long::sum, Long::sum);

        private final Binary f32;
        private final DoubleBinaryOperator f64;
        private final LongBinaryOperator signed;
        private final LongBinaryOperator unsigned;

        Of(Binary f32, DoubleBinaryOperator f64, LongBinaryOperator signed, LongBinaryOperator unsigned) {
            this.f32 = f32;
            this.f64 = f64;
            this.signed = signed;
            this.unsigned = unsigned;
        }
    }

    private Fold() {}

    /** @param steps step 0 combines inputs 0 and 1, step i the result so far with input i + 1 */
    public static Kernel kernel(Of of, DType t, Broadcast... steps) {
        Kernel[] pairs = new Kernel[steps.length];
        for (int i = 0; i < steps.length; i++)
            pairs[i] = switch (t) {
                case FLOAT32 -> of.f32.kernel(steps[i], -1);
                case FLOAT64 -> Elementwise.combine(steps[i], -1, of.f64);
                case UINT64 -> Elementwise.combineIntegers(steps[i], -1, of.unsigned);
                default -> Elementwise.combineIntegers(steps[i], -1, of.signed);
            };
        return (in, out, scratch, workers) -> {
            Tensor[] pair = {in[0], in[1]}, result = {out[0]};
            for (int i = 0; i < pairs.length; i++) {
                pair[1] = in[i + 1];
                pairs[i].run(pair, result, scratch, workers);
                pair[0] = out[0];
            }
            if (of == Of.MEAN) mean(out[0], in.length);
        };
    }

    private static void mean(Tensor t, int n) {
        for (long i = 0; i < t.size(); i++)
            if (t.dtype() == DType.FLOAT32) t.setFloat(i, t.getFloat(i) / n);
            else t.setDouble(i, t.getDouble(i) / n);
    }
}
