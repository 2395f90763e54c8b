package dev.reprise.ops.kernel;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Tensor;

/**
 * Conversion between element types: floats to integers truncate (out of range saturates at 64 bits, then keeps the low
 * bits; NaN is 0), integers keep their low bits, anything but 0 is true, floats round to nearest even once.
 */
public final class Cast {
    private static final long GRAIN = 8192;

    private Cast() {}

    public static Kernel kernel(DType from, DType to) {
        if (from == to) return (in, out, _, workers) -> Elements.copy(in[0], out[0], workers);
        return (in, out, _, workers) -> {
            Tensor a = in[0], o = out[0];
            workers.run(o.size(), GRAIN, (begin, end, _) -> convert(a, o, begin, end));
        };
    }

    private static void convert(Tensor a, Tensor o, long begin, long end) {
        if (!a.dtype().isFloat() && !o.dtype().isFloat())
            for (long i = begin; i < end; i++)
                o.setLong(i, a.getLong(i));
        // Not through double: a long would be rounded twice.
        else
            if (!a.dtype().isFloat() && o.dtype() == DType.FLOAT32 && a.dtype() != DType.UINT64)
                for (long i = begin; i < end; i++)
                    o.setFloat(i, (float) a.getLong(i));
            else
                if (o.dtype() == DType.UINT64)
                    for (long i = begin; i < end; i++)
                        o.setLong(i, unsigned(a.getDouble(i)));
                else
                    for (long i = begin; i < end; i++)
                        o.setDouble(i, a.getDouble(i));
    }

    private static long unsigned(double v) { return v < 0x1p63 ? (long) v : v < 0x1p64 ? (long) (v - 0x1p63) + Long.MIN_VALUE : -1; }
}
