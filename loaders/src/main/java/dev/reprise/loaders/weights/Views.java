package dev.reprise.loaders.weights;

import dev.reprise.loaders.Booleans;
import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.Source;
import dev.reprise.loaders.weights.Py.View;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Views of storages as tensors: in place where their elements lie in order, else copied. */
final class Views {
    /** What expanding a view (stride 0) may make of a small file. */
    private static final long MAX_COPY = 1L << 30;

    private Views() {}

    static Shape shape(View v, String name, Source source) {
        try {
            Shape s = Shape.of(v.shape());
            Math.multiplyExact(s.size(), (long) v.dtype().bytes());
            return s;
        } catch (ArithmeticException e) {
            throw source.error("tensor '" + name + "': shape " + java.util.Arrays.toString(v.shape()) + " is too large", e);
        }
    }

    /** True where element i of the row-major order is element offset + i of the storage. */
    static boolean contiguous(View v) {
        long n = 1;
        for (int i = v.shape().length - 1; i >= 0; i--) {
            if (v.shape()[i] != 1 && v.strides()[i] != n) return false;
            n *= v.shape()[i];
        }
        return true;
    }

    /**
     * @param storage its bytes
     * @throws LoadException where the view leaves its storage
     */
    static Tensor tensor(View v, MemorySegment storage, String name, Source source, Arena arena) {
        Shape shape = shape(v, name, source);
        int width = v.dtype().bytes();
        if (shape.size() == 0) return Tensor.allocate(arena, v.dtype(), shape);
        long last = v.offset();
        try {
            for (int i = 0; i < v.shape().length; i++)
                last = Math.addExact(last, Math.multiplyExact(v.shape()[i] - 1, v.strides()[i]));
        } catch (ArithmeticException _) {
            last = Long.MAX_VALUE;
        }
        if (last >= storage.byteSize() / width)
            throw source.error("tensor '" + name + "' of shape " + shape + " needs element " + last + " of a storage that has "
                    + storage.byteSize() / width);
        MemorySegment data;
        if (contiguous(v)) data = storage.asSlice(v.offset() * width, shape.size() * width);
        else {
            if (shape.size() * width > Math.max(MAX_COPY, storage.byteSize()))
                throw source.error("tensor '" + name + "' of shape " + shape + " is expanded from a storage of " + storage.byteSize()
                        + " bytes: refused, it would need " + shape.size() * width);
            data = copied(v, storage, shape, arena);
        }
        return new Tensor(v.dtype(), shape, v.dtype() == dev.reprise.ops.tensor.DType.BOOL ? Booleans.clean(data, arena) : data);
    }

    private static MemorySegment copied(View v, MemorySegment storage, Shape shape, Arena arena) {
        int width = v.dtype().bytes(), rank = shape.rank();
        MemorySegment out = arena.allocate(shape.size() * width, Tensor.ALIGNMENT);
        long[] index = new long[rank];
        long from = v.offset();
        for (long to = 0; to < shape.size(); to++) {
            MemorySegment.copy(storage, from * width, out, to * width, width);
            for (int d = rank - 1; d >= 0; d--) {
                from += v.strides()[d];
                if (++index[d] < shape.dim(d)) break;
                from -= v.strides()[d] * index[d];
                index[d] = 0;
            }
        }
        return out;
    }
}
