package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.BatchNorm;
import dev.reprise.ops.kernel.NormDoubles;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * BatchNormalization (since 1, 6, 7, 9, 14, 15), LpNormalization (1, 22), MeanVarianceNormalization (9, 13) and LRN (1, 13).
 */
final class OtherNorms {
    private OtherNorms() {}

    static void register(Registry r) {
        r.add("BatchNormalization", 1, Halves.of(OtherNorms::batch), "consumed_inputs", "epsilon", "is_test", "momentum", "spatial");
        r.add("BatchNormalization", 9, Halves.of(OtherNorms::batch), "epsilon", "momentum");
        r.add("BatchNormalization", 14, Halves.of(OtherNorms::batch), "epsilon", "momentum", "training_mode");
        r.add("LpNormalization", 1, OtherNorms::lp, "axis", "p");
        r.add("MeanVarianceNormalization", 9, OtherNorms::meanVariance, "axes");
        r.add("LRN", 1, OtherNorms::lrn, "alpha", "beta", "bias", "size");
    }

    private static Binding batch(BindContext c) {
        Shape s = c.shape(0);
        DType t = c.dtype(0);
        c.require(s.rank() >= 1, "expected (N, C, …), found a scalar");
        if (!c.attributes().flag("spatial", true) && s.rank() > 2) throw c.unsupported("spatial = 0");
        int channels = s.rank() == 1 ? 1 : s.dimInt(1), samples = s.dimInt(0),
                pixels = Math.toIntExact(s.product(Math.min(2, s.rank()), s.rank()));
        for (int i = 1; i < 5; i++)
            c.require(c.shape(i).size() == channels, "input " + i + " must have " + channels + " elements, found " + c.shape(i));
        float epsilon = c.attributes().real("epsilon", 1e-5f);
        if (c.attributes().flag("training_mode", false)) {
            List<Binding.Output> outputs = new ArrayList<>(List.of(new Binding.Output(t, s)));
            for (int i = 1; i < c.outputs(); i++)
                outputs.add(new Binding.Output(c.dtype(i + 2), Shape.of(channels)));
            return Binding.of(outputs,
                    NormDoubles.batchTraining(samples, channels, pixels, epsilon, c.attributes().real("momentum", 0.9f)));
        }
        for (int i = 1; i < c.outputs(); i++)
            if (c.wants(i)) throw c.unsupported("output " + i + " (of training)");
        boolean all32 = t == DType.FLOAT32;
        for (int i = 1; i < 5; i++)
            all32 &= c.dtype(i) == DType.FLOAT32;
        if (!t.isFloat()) throw c.unsupported("element type " + t);
        return Binding.of(t, s,
                all32 ? new BatchNorm(samples, channels, pixels, epsilon) : NormDoubles.batch(samples, channels, pixels, epsilon));
    }

    private static Binding lp(BindContext c) {
        Shape s = c.shape(0);
        int axis = Shape.axis(c.attributes().integer("axis", -1), s.rank());
        long p = c.attributes().integer("p", 2);
        c.require(p == 1 || p == 2, "attribute 'p' must be 1 or 2, found " + p);
        c.require(c.dtype(0).isFloat(), "expected a float type, found " + c.dtype(0));
        return Binding.of(c.dtype(0), s, NormDoubles.lp(s.product(0, axis), s.dim(axis), s.product(axis + 1, s.rank()), p == 1));
    }

    private static Binding meanVariance(BindContext c) {
        Shape s = c.shape(0);
        long[] axes = c.attributes().integers("axes", new long[]{0, 2, 3});
        boolean[] reduced = new boolean[s.rank()];
        for (long a : axes)
            reduced[Shape.axis(a, s.rank())] = true;
        c.require(c.dtype(0).isFloat(), "expected a float type, found " + c.dtype(0));
        return Binding.of(c.dtype(0), s, NormDoubles.meanVariance(s, reduced));
    }

    private static Binding lrn(BindContext c) {
        Shape s = c.shape(0);
        c.require(s.rank() >= 2 && c.dtype(0).isFloat(), "expected floats (N, C, …), found " + c.dtype(0) + s);
        int size = Math.toIntExact(c.attributes().integer("size"));
        float alpha = c.attributes().real("alpha", 1e-4f), beta = c.attributes().real("beta", 0.75f), bias = c.attributes().real("bias", 1);
        return Binding.of(c.dtype(0), s, NormDoubles.lrn(s.dimInt(0), s.dimInt(1), s.product(2, s.rank()), size, alpha, beta, bias));
    }
}
