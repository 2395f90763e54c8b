package dev.reprise.engine.operator;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;

/** Optional (since 15), OptionalHasElement and OptionalGetElement (15; 18 also of what is not optional at all). */
final class Optionals {
    private Optionals() {}

    static void register(Registry r) {
        r.addDynamic("Optional", 15, c -> new Datum[]{new Datum.Optional(c.has(0) ? c.input(0) : null)}, "type");
        r.addDynamic("OptionalHasElement", 15, Optionals::has);
        r.addDynamic("OptionalGetElement", 15, Optionals::get);
    }

    private static Datum element(EvalContext c) {
        if (!c.has(0)) return null;
        return c.input(0) instanceof Datum.Optional o ? o.value() : c.input(0);
    }

    private static Datum[] has(EvalContext c) {
        Tensor t = c.allocate(DType.BOOL, Shape.SCALAR);
        t.setLong(0, element(c) == null ? 0 : 1);
        return new Datum[]{t};
    }

    private static Datum[] get(EvalContext c) {
        Datum d = element(c);
        if (d == null) throw c.error("the optional is empty");
        return new Datum[]{d};
    }
}
