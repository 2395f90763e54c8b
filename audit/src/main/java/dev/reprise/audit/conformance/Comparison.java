package dev.reprise.audit.conformance;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Datum;
import dev.reprise.ops.tensor.Tensor;

/** The suite's notion of "the same": type and shape equal, |found - expected| at most atol + rtol * |expected|, NaN equal to NaN. */
final class Comparison {
    static final double RTOL = 1e-3;
    static final double ATOL = 1e-7;

    private Comparison() {}

    /** What differs first, or null where nothing does. */
    static String difference(String name, Datum found, Datum expected) {
        return switch (expected) {
            case null -> found == null ? null : name + " is " + found + ", expected nothing";
            case Tensor e -> found instanceof Tensor f ? tensors(name, f, e) : name + " is " + found + ", expected " + e;
            case Datum.Sequence e -> {
                if (!(found instanceof Datum.Sequence f)) yield name + " is " + found + ", expected a sequence";
                if (f.elements().size() != e.elements().size())
                    yield name + " has " + f.elements().size() + " elements, expected " + e.elements().size();
                String d = null;
                for (int i = 0; d == null && i < e.elements().size(); i++)
                    d = difference(name + "[" + i + "]", f.elements().get(i), e.elements().get(i));
                yield d;
            }
            case Datum.Optional e -> {
                if (!(found instanceof Datum.Optional f)) yield name + " is " + found + ", expected an optional";
                yield difference(name, f.value(), e.value());
            }
        };
    }

    private static String tensors(String name, Tensor f, Tensor e) {
        // NumPy has no bfloat16: the suite stores its bits as uint16, and compares those.
        if (f.dtype() == DType.BFLOAT16 && e.dtype() == DType.UINT16) f = new Tensor(DType.UINT16, f.shape(), f.data());
        if (f.dtype() != e.dtype() || !f.shape().equals(e.shape())) return name + " is " + f + ", expected " + e;
        long wrong = 0, first = -1;
        for (long i = 0; i < e.size(); i++) {
            if (close(f.getDouble(i), e.getDouble(i))) continue;
            if (wrong++ == 0) first = i;
        }
        return wrong == 0
                ? null
                : name + " " + e + ": element " + first + " is " + f.getDouble(first) + ", expected " + e.getDouble(first) + " (" + wrong
                        + " of " + e.size()
                        + " are wrong)";
    }

    private static boolean close(double f, double e) {
        if (f == e || Double.isNaN(f) && Double.isNaN(e)) return true;
        return Double.isFinite(f) && Math.abs(f - e) <= ATOL + RTOL * Math.abs(e);
    }
}
