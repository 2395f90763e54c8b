package dev.reprise.engine.operator;

import dev.reprise.ops.kernel.Elements;
import dev.reprise.ops.tensor.DType;
import java.util.List;

/** Dropout (since 1, 6, 7, 10, 12, 13, 22) as inference runs it: the input, and a mask of ones. Training would be random. */
final class Dropout {
    private Dropout() {}

    static void register(Registry r) {
        r.add("Dropout", 1, c -> {
            if (!c.attributes().flag("is_test", false) && c.attributes().real("ratio", 0.5f) != 0)
                throw c.unsupported("training (is_test = 0)");
            return identity(c, c.dtype(0));
        }, "is_test", "ratio", "consumed_inputs");
        r.add("Dropout", 7, c -> identity(c, c.dtype(0)), "ratio");
        r.add("Dropout", 10, c -> identity(c, DType.BOOL), "ratio");
        r.add("Dropout", 12, Dropout::bind, "seed");
    }

    private static Binding bind(BindContext c) {
        boolean training = c.has(2) && c.constant(2).getLong(0) != 0;
        if (training && (!c.has(1) || c.constant(1).getDouble(0) != 0)) throw c.unsupported("training_mode");
        return identity(c, DType.BOOL);
    }

    private static Binding identity(BindContext c, DType mask) {
        Binding.Output x = new Binding.Output(c.dtype(0), c.shape(0));
        if (!c.wants(1)) return Binding.alias(0, x.dtype(), x.shape());
        return Binding.of(List.of(x, new Binding.Output(mask, c.shape(0))), (in, out, _, workers) -> {
            Elements.copy(in[0], out[0], workers);
            if (mask == DType.BOOL) Elements.fill(out[1], 1, workers);
            else
                for (long i = 0; i < out[1].size(); i++)
                    out[1].setDouble(i, 1);
        });
    }
}
