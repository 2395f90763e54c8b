package dev.reprise.loaders.npy;

import dev.reprise.loaders.AtomicFile;
import dev.reprise.loaders.Booleans;
import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.Source;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Half;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * NumPy's array files (.npy). Read: versions 1 to 3, every numeric type and bool, either byte order, C and Fortran order.
 * Written: version 1, C order, little-endian, byte for byte as {@code numpy.save} would.
 */
public final class Npy {
    private static final int CHUNK = 1 << 16;

    private Npy() {}

    /**
     * The array in a file, mapped where its layout is a tensor's, else copied.
     *
     * @param arena the tensor lives as long
     * @throws LoadException where the file cannot be read, is damaged, or its element type is not supported
     */
    public static Tensor read(Path file, Arena arena) {
        Source source = new Source(file.toString());
        return read(source.map(file, arena), source, arena);
    }

    /** As {@link #read(Path, Arena)}, from memory that must live as long as {@code arena}. */
    public static Tensor read(MemorySegment bytes, String name, Arena arena) {
        return read(bytes, new Source(name), arena);
    }

    private static Tensor read(MemorySegment bytes, Source source, Arena arena) {
        int n = NpyHeader.length(bytes.asSlice(0, Math.min(NpyHeader.MAX_PREFIX, bytes.byteSize())).toArray(ValueLayout.JAVA_BYTE), source);
        if (n > bytes.byteSize()) throw source.error("is truncated: its header claims " + n + " bytes, the file has " + bytes.byteSize());
        NpyHeader h = NpyHeader.parse(bytes.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE), source);
        long found = bytes.byteSize() - n;
        if (found != h.dataBytes())
            throw source.error((found < h.dataBytes() ? "is truncated" : "has bytes after its array") + ": " + h.dtype() + " of shape "
                    + h.shape() + " needs "
                    + h.dataBytes() + " bytes, found " + found);
        return tensor(h, bytes.asSlice(n), arena);
    }

    /** @param data of the right size */
    static Tensor tensor(NpyHeader h, MemorySegment data, Arena arena) {
        if (h.dataBytes() == 0) return Tensor.allocate(arena, h.dtype(), h.shape());
        if (h.bigEndian() && h.dtype().bytes() > 1) data = swapped(data, h.dtype().bytes(), arena);
        if (h.fortran() && h.shape().rank() > 1) data = transposed(data, h.shape(), h.dtype().bytes(), arena);
        if (h.dtype() == DType.BOOL) data = Booleans.clean(data, arena);
        return new Tensor(h.dtype(), h.shape(), data);
    }

    private static MemorySegment swapped(MemorySegment data, int width, Arena arena) {
        MemorySegment out = arena.allocate(data.byteSize(), Tensor.ALIGNMENT);
        for (long i = 0; i < data.byteSize(); i += width)
            for (int b = 0; b < width; b++)
                out.set(ValueLayout.JAVA_BYTE, i + b, data.get(ValueLayout.JAVA_BYTE, i + width - 1 - b));
        return out;
    }

    /** From first index fastest to last index fastest. */
    private static MemorySegment transposed(MemorySegment data, Shape shape, int width, Arena arena) {
        MemorySegment out = arena.allocate(data.byteSize(), Tensor.ALIGNMENT);
        int rank = shape.rank();
        long[] strides = shape.strides(), index = new long[rank];
        long to = 0;
        for (long from = 0; from < shape.size(); from++) {
            MemorySegment.copy(data, from * width, out, to * width, width);
            for (int d = 0; d < rank; d++) {
                to += strides[d];
                if (++index[d] < shape.dim(d)) break;
                to -= strides[d] * index[d];
                index[d] = 0;
            }
        }
        return out;
    }

    /**
     * Writes an array. bfloat16, which NumPy lacks, is widened to float32.
     *
     * @throws LoadException where the file cannot be written
     */
    public static void write(Path file, Tensor tensor) { AtomicFile.write(file, out -> write(out, tensor)); }

    /** As {@link #write(Path, Tensor)}, to a stream, which stays open. */
    public static void write(OutputStream out, Tensor tensor) throws IOException {
        boolean widen = tensor.dtype() == DType.BFLOAT16;
        out.write(NpyHeader.write(widen ? DType.FLOAT32 : tensor.dtype(), tensor.shape()));
        byte[] buffer = new byte[CHUNK];
        MemorySegment heap = MemorySegment.ofArray(buffer);
        int step = widen ? CHUNK / 2 : CHUNK;
        for (long at = 0; at < tensor.byteSize(); at += step) {
            int n = (int) Math.min(step, tensor.byteSize() - at);
            if (widen)
                for (int i = 0; i < n / 2; i++)
                    heap.set(Tensor.F32, 4L * i, Half.bfloat16ToFloat(tensor.data().get(Tensor.I16, at + 2L * i)));
            else
                MemorySegment.copy(tensor.data(), ValueLayout.JAVA_BYTE, at, buffer, 0, n);
            out.write(buffer, 0, widen ? 2 * n : n);
        }
    }
}
