package dev.reprise.ops.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Memory in large pages, for weights and activations. A matrix product strides over megabytes; in pages of 4 KB the processor's
 * translation buffers miss all the time, and a U-Net runs 20 to 25 % slower than in pages of 2 MB. Linux gives large pages to who
 * asks for them ({@code madvise}), which neither {@link Arena#allocate} nor the JVM does outside the Java heap.
 *
 * <p>On other systems, and where native access is not allowed to this module, memory comes from {@link Arena#ofShared()} and
 * everything works the same, but slower.
 */
public final class Pages {
    /** Small allocations share a block; what is not touched of it costs address space only. */
    private static final long BLOCK = 16 << 20;
    private static final long LARGE = 2 << 20, SMALL = 4096;

    private static final int READ_WRITE = 3, PRIVATE_ANONYMOUS = 0x22, HUGE = 14, DONT_NEED = 4;

    private static final Calls CALLS = Calls.find();

    private Pages() {}

    /**
     * An arena for a few, long-lived, large tensors: zeroed memory in large pages where there are any. Any thread may use and
     * close it; nothing is freed before.
     */
    public static Arena arena() { return CALLS == null ? Arena.ofShared() : new Blocks(Arena.ofShared()); }

    /**
     * Says that a part of a file, mapped read-only, will not be read soon: its pages stop counting as this process's memory. They
     * come back when touched.
     *
     * @param part of a segment from {@link java.nio.channels.FileChannel#map}; every other is left alone, for its content would be lost
     */
    public static void forget(MemorySegment part) {
        if (CALLS == null || !part.isMapped() || !part.isReadOnly()) return;
        // Whole pages: what else lies in the first and the last comes back as well.
        long from = part.address() & -SMALL, to = part.address() + part.byteSize() + SMALL - 1 & -SMALL;
        if (to > from) CALLS.advise(from, to - from, DONT_NEED);
    }

    /** Three functions of Linux's C library, which every JVM there has loaded. */
    private record Calls(MethodHandle mmap, MethodHandle munmap, MethodHandle madvise) {
        @SuppressWarnings("restricted")
        static Calls find() {
            if (!System.getProperty("os.name").equals("Linux") || !Pages.class.getModule().isNativeAccessEnabled()) return null;
            Linker linker = Linker.nativeLinker();
            SymbolLookup c = linker.defaultLookup();
            ValueLayout.OfLong size = ValueLayout.JAVA_LONG;
            ValueLayout.OfInt number = ValueLayout.JAVA_INT;
            try {
                return new Calls(
                        linker.downcallHandle(c.findOrThrow("mmap"), FunctionDescriptor.of(size, size, size, number, number, number, size)),
                        linker.downcallHandle(c.findOrThrow("munmap"), FunctionDescriptor.of(number, size, size)),
                        linker.downcallHandle(c.findOrThrow("madvise"), FunctionDescriptor.of(number, size, size, number)));
            } catch (RuntimeException e) { // another C library: the JDK's own memory does
                return null;
            }
        }

        /** @return the address, or -1 where there is no memory */
        long map(long bytes) {
            try {
                return (long) mmap.invokeExact(0L, bytes, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }

        void unmap(long address, long bytes) {
            try {
                int ignored = (int) munmap.invokeExact(address, bytes);
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }

        /** Advice only: a kernel without large pages refuses it, and nothing is lost. */
        void advise(long address, long bytes, int advice) {
            try {
                int ignored = (int) madvise.invokeExact(address, bytes, advice);
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }
    }

    private static final class Blocks implements Arena {
        private final Arena owner;
        private MemorySegment block = MemorySegment.NULL;
        private long used;

        Blocks(Arena owner) { this.owner = owner; }

        @Override
        public synchronized MemorySegment allocate(long bytes, long alignment) {
            if (bytes < 0 || alignment <= 0 || alignment > LARGE || Long.bitCount(alignment) != 1)
                throw new IllegalArgumentException("cannot allocate " + bytes + " bytes aligned to " + alignment);
            if (!owner.scope().isAlive()) throw new IllegalStateException("the arena is closed");
            if (bytes > BLOCK / 2) return map(bytes).asSlice(0, bytes);
            long from = used + alignment - 1 & -alignment;
            if (from + bytes > block.byteSize()) {
                block = map(BLOCK);
                from = 0;
            }
            used = from + bytes;
            return block.asSlice(from, bytes);
        }

        /** At least so many zeroed bytes that begin at the border of a large page. */
        @SuppressWarnings("restricted")
        private MemorySegment map(long atLeast) {
            long bytes = Math.addExact(atLeast, SMALL - 1) & -SMALL, all = Math.addExact(bytes, LARGE), at = CALLS.map(all);
            if (at == -1) throw new OutOfMemoryError("cannot allocate " + atLeast + " bytes of native memory");
            long from = at + LARGE - 1 & -LARGE;
            if (from > at) CALLS.unmap(at, from - at);
            if (at + all > from + bytes) CALLS.unmap(from + bytes, at + all - from - bytes);
            CALLS.advise(from, bytes, HUGE);
            return MemorySegment.ofAddress(from).reinterpret(bytes, owner, s -> CALLS.unmap(from, bytes));
        }

        @Override
        public MemorySegment.Scope scope() { return owner.scope(); }

        @Override
        public void close() { owner.close(); }
    }
}
