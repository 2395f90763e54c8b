package dev.reprise.loaders;

import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Files may hold any byte where a bool is meant; kernels rely on 0 and 1. */
public final class Booleans {
    private Booleans() {}

    /** These bytes, or where one is neither 0 nor 1 a copy in which it is 1. */
    public static MemorySegment clean(MemorySegment data, Arena arena) {
        for (long i = 0; i < data.byteSize(); i++)
            if ((data.get(ValueLayout.JAVA_BYTE, i) & ~1) != 0) return copy(data, arena);
        return data;
    }

    private static MemorySegment copy(MemorySegment data, Arena arena) {
        MemorySegment clean = arena.allocate(data.byteSize(), Tensor.ALIGNMENT);
        for (long i = 0; i < data.byteSize(); i++)
            clean.set(ValueLayout.JAVA_BYTE, i, (byte) (data.get(ValueLayout.JAVA_BYTE, i) != 0 ? 1 : 0));
        return clean;
    }
}
