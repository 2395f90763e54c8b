package dev.reprise.ops.kernel;

import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Half;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** float16 and bfloat16 to float32 (exact) and back (rounded to nearest even). */
public final class Widen {
    private Widen() {}

    public static void toFloat32(Tensor from, Tensor to) {
        MemorySegment a = from.data(), b = to.data();
        long n = from.size();
        if (from.dtype() == DType.FLOAT16)
            for (long i = 0; i < n; i++)
                b.set(Tensor.F32, i << 2, Float.float16ToFloat(a.get(Tensor.I16, i << 1)));
        else
            for (long i = 0; i < n; i++)
                b.set(Tensor.F32, i << 2, Half.bfloat16ToFloat(a.get(Tensor.I16, i << 1)));
    }

    public static void fromFloat32(Tensor from, Tensor to) {
        MemorySegment a = from.data(), b = to.data();
        long n = from.size();
        if (to.dtype() == DType.FLOAT16)
            for (long i = 0; i < n; i++)
                b.set(Tensor.I16, i << 1, Float.floatToFloat16(a.get(Tensor.F32, i << 2)));
        else
            for (long i = 0; i < n; i++)
                b.set(Tensor.I16, i << 1, Half.floatToBfloat16(a.get(Tensor.F32, i << 2)));
    }
}
