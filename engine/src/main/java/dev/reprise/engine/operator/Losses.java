package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.CrossEntropy;
import dev.reprise.ops.kernel.CrossEntropy.Reduction;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss (since 12, 13, 22). */
final class Losses {
    private Losses() {}

    static void register(Registry r) {
        r.add("NegativeLogLikelihoodLoss", 12, Halves.of(c -> bind(c, false)), "ignore_index", "reduction");
        r.add("SoftmaxCrossEntropyLoss", 12, Halves.of(c -> bind(c, true)), "ignore_index", "reduction");
    }

    private static Binding bind(BindContext c, boolean fromScores) {
        Shape scores = c.shape(0), labels = c.shape(1);
        DType t = c.dtype(0);
        c.require(t == DType.FLOAT32 || t == DType.FLOAT64, "the scores must be floats, found " + t);
        c.require(c.dtype(1) == DType.INT32 || c.dtype(1) == DType.INT64, "the labels must be int32 or int64, found " + c.dtype(1));
        c.require(scores.rank() >= 2, "the scores must have at least 2 dimensions (N, C, …), found " + scores);
        Shape expected = Shape.of(without1(scores));
        c.require(labels.equals(expected), "the labels must have shape " + expected + ", found " + labels);
        if (c.has(2))
            c.require(c.shape(2).equals(Shape.of(scores.dim(1))),
                    "the weights must have shape [" + scores.dim(1) + "], found " + c.shape(2));
        Reduction reduction = switch (c.attributes().string("reduction", "mean")) {
            case "none" -> Reduction.NONE;
            case "sum" -> Reduction.SUM;
            case "mean" -> Reduction.MEAN;
            case String s -> throw c.error("reduction must be none, sum or mean, found '" + s + "'");
        };
        boolean ignores = c.attributes().has("ignore_index");
        CrossEntropy kernel = new CrossEntropy(scores.dim(0), scores.dim(1), scores.product(2, scores.rank()), fromScores, ignores,
                c.attributes().integer("ignore_index", 0), reduction);
        List<Binding.Output> outputs = new ArrayList<>(List.of(new Binding.Output(t, reduction == Reduction.NONE ? labels : Shape.SCALAR)));
        if (fromScores) outputs.add(new Binding.Output(t, scores));
        return Binding.of(outputs, kernel);
    }

    private static long[] without1(Shape s) {
        long[] d = new long[s.rank() - 1];
        for (int i = 0; i < d.length; i++)
            d[i] = s.dim(i == 0 ? 0 : i + 1);
        return d;
    }
}
