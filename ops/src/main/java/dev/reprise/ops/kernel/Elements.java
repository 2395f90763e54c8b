package dev.reprise.ops.kernel;

import dev.reprise.ops.parallel.Workers;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** Moves elements of 1, 2, 4 or 8 bytes whatever they mean: what the data-movement kernels share. Offsets are in bytes. */
public final class Elements {
    /** Below twice this many bytes a loop is not worth handing to another thread: a copy of 256 KiB takes some 10 us. */
    static final long GRAIN_BYTES = 1 << 17;

    /**
     * Results so few that vectors are not worth it: until the JIT compiler has seen some 60 000 rounds of a loop they are objects, and a
     * network that multiplies a time by 64 frequencies would make them for a thousand runs.
     */
    static final long FEW = 4096;

    private Elements() {}

    /** The bits of one element, in the low end of the result. */
    public static long bits(MemorySegment s, long at, int bytes) {
        return switch (bytes) {
            case 1 -> s.get(Tensor.I8, at);
            case 2 -> s.get(Tensor.I16, at);
            case 4 -> s.get(Tensor.I32, at);
            case 8 -> s.get(Tensor.I64, at);
            default -> throw new IllegalArgumentException("elements of " + bytes + " bytes");
        };
    }

    /** Stores the low bits of {@code bits} as one element. */
    public static void put(MemorySegment s, long at, int bytes, long bits) {
        switch (bytes) {
            case 1 -> s.set(Tensor.I8, at, (byte) bits);
            case 2 -> s.set(Tensor.I16, at, (short) bits);
            case 4 -> s.set(Tensor.I32, at, (int) bits);
            case 8 -> s.set(Tensor.I64, at, bits);
            default -> throw new IllegalArgumentException("elements of " + bytes + " bytes");
        }
    }

    /** Copies one element, or a block of {@code bytes} bytes of any size. */
    public static void copy(MemorySegment from, long at, MemorySegment to, long target, long bytes) {
        if (bytes == 4) to.set(Tensor.I32, target, from.get(Tensor.I32, at));
        else if (bytes == 8) to.set(Tensor.I64, target, from.get(Tensor.I64, at));
        else if (bytes == 2) to.set(Tensor.I16, target, from.get(Tensor.I16, at));
        else if (bytes == 1) to.set(Tensor.I8, target, from.get(Tensor.I8, at));
        else MemorySegment.copy(from, at, to, target, bytes);
    }

    /** {@code count} copies of one element. */
    public static void fill(MemorySegment s, long at, long count, int bytes, long bits) {
        if (bits == 0) {
            // No slice, which would be an object a row.
            Memory.zero(s.address() + at, count * bytes);
            return;
        }
        switch (bytes) {
            case 1 -> {
                for (long i = 0; i < count; i++)
                    s.set(Tensor.I8, at + i, (byte) bits);
            }
            case 2 -> {
                for (long i = 0; i < count; i++)
                    s.set(Tensor.I16, at + (i << 1), (short) bits);
            }
            case 4 -> {
                for (long i = 0; i < count; i++)
                    s.set(Tensor.I32, at + (i << 2), (int) bits);
            }
            default -> {
                for (long i = 0; i < count; i++)
                    s.set(Tensor.I64, at + (i << 3), bits);
            }
        }
    }

    /** Fills a whole tensor with one element, on all workers where it is large. */
    public static void fill(Tensor t, long bits, Workers workers) {
        int bytes = t.dtype().bytes();
        MemorySegment s = t.data();
        workers.run(t.size(), GRAIN_BYTES / bytes, (begin, end, _) -> fill(s, begin * bytes, end - begin, bytes, bits));
    }

    /** Copies a whole tensor's bytes, on all workers where it is large. */
    public static void copy(Tensor from, Tensor to, Workers workers) {
        MemorySegment s = from.data(), d = to.data();
        if (s.byteSize() != d.byteSize()) throw new IllegalArgumentException("copy of " + from + " to " + to);
        if (s.address() == d.address()) return;
        workers.run(s.byteSize(), GRAIN_BYTES, (begin, end, _) -> MemorySegment.copy(s, begin, d, begin, end - begin));
    }

    /**
     * An index in [0, n) from one in [-n, n).
     *
     * @param what names the indexed axis and tensor, for the message
     * @throws IndexOutOfBoundsException saying which index was found and which are legal
     */
    public static long index(long i, long n, String what) {
        long k = i < 0 ? i + n : i;
        if (k < 0 || k >= n) throw new IndexOutOfBoundsException("index " + i + " is outside [" + -n + ", " + (n - 1) + "] on " + what);
        return k;
    }
}
