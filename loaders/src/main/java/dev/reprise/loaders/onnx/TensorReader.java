package dev.reprise.loaders.onnx;

import dev.reprise.loaders.Booleans;
import dev.reprise.loaders.Source;
import dev.reprise.loaders.onnx.proto.Onnx.SparseTensorProto;
import dev.reprise.loaders.onnx.proto.Onnx.TensorProto;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Turns TensorProtos into tensors: raw and external data, float_data and double_data are used where they lie, except for small ones
 * in a mapped file; varints are decoded into memory of the arena.
 */
final class TensorReader {
    private static final int MAX_RANK = 64;
    /** A sparse tensor's dense form may be larger than its file, but not without bound. */
    private static final long MAX_DENSE_BYTES = 1L << 28;
    /**
     * Biases and scales lie between weights that sessions have in a form of their own and the system can take back. Read where it lies, each would keep
     * its part of the file in memory, sixteen pages on Linux: half of the file, where layers are small.
     */
    private static final long SMALL = 1 << 14, BLOCK = 1 << 18;

    private final Source source;
    private final List<Payload> payloads;
    private final ExternalData external;
    private final Arena arena;
    private MemorySegment block = MemorySegment.NULL;
    private long taken;

    TensorReader(Source source, List<Payload> payloads, ExternalData external, Arena arena) {
        this.source = source;
        this.payloads = payloads;
        this.external = external;
        this.arena = arena;
    }

    /** @param what names the tensor in messages, such as "initializer 'conv.weight'" */
    Tensor read(TensorProto proto, String what) {
        DType dtype = dtype(proto.getDataType(), what);
        Shape shape = shape(proto.getDimsList(), what);
        if (proto.hasSegment()) throw source.unsupported(what + ": a tensor stored in segments");
        long bytes = bytes(dtype, shape, what);
        List<Payload.Chunk> chunks = proto.hasPayload() ? payloads.get(proto.getPayload()).chunks() : List.of();
        MemorySegment data;
        if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
            if (chunks.stream().anyMatch(c -> c.data().byteSize() > 0))
                throw source.error(what + ": has both external data and data of its own");
            data = external.slice(proto, what, bytes);
        } else if (chunks.stream().anyMatch(c -> c.field() == TensorProto.RAW_DATA_FIELD_NUMBER && c.wire() == Wire.BYTES)) {
            data = raw(chunks, what);
            if (data.byteSize() != bytes)
                throw source.error(
                        what + ": raw_data has " + data.byteSize() + " bytes, but shape " + shape + " of " + dtype + " needs " + bytes);
        } else {
            return typed(dtype, shape, chunks, what);
        }
        if (bytes == 0) data = MemorySegment.NULL;
        else if (bytes <= SMALL && data.isMapped()) data = copy(data);
        return new Tensor(dtype, shape, dtype == DType.BOOL ? Booleans.clean(data, arena) : data);
    }

    /** The dense form of a sparse tensor. */
    Tensor read(SparseTensorProto proto, String what) {
        Shape shape = shape(proto.getDimsList(), what);
        Tensor values = read(proto.getValues(), what + " (values)");
        Tensor indices = read(proto.getIndices(), what + " (indices)");
        long n = values.size();
        int rank = shape.rank();
        boolean linear = indices.shape().rank() == 1;
        if (values.shape().rank() != 1 || indices.dtype() != DType.INT64 || !(linear && indices.size() == n
                || indices.shape().rank() == 2 && indices.shape().dim(0) == n && indices.shape().dim(1) == rank))
            throw source.error(what + ": sparse values " + values + " with indices " + indices + " do not fit shape " + shape);
        if (bytes(values.dtype(), shape, what) > MAX_DENSE_BYTES)
            throw source.unsupported(what + ": a sparse tensor of dense shape " + shape);
        Tensor dense = Tensor.allocate(arena, values.dtype(), shape);
        int width = dense.dtype().bytes();
        long[] strides = shape.strides();
        for (long i = 0; i < n; i++) {
            long at = linear ? indices.getLong(i) : 0;
            for (int d = 0; !linear && d < rank; d++) {
                long x = indices.getLong(i * rank + d);
                if (x < 0 || x >= shape.dim(d))
                    throw source.error(what + ": sparse index " + x + " is outside dimension " + d + " of " + shape);
                at += x * strides[d];
            }
            if (at < 0 || at >= shape.size()) throw source.error(what + ": sparse index " + at + " is outside shape " + shape);
            MemorySegment.copy(values.data(), i * width, dense.data(), at * width, width);
        }
        return dense;
    }

    DType dtype(int code, String what) {
        if (DType.knows(code)) return DType.ofCode(code);
        TensorProto.DataType name = TensorProto.DataType.forNumber(code);
        if (name == null || code == 0) throw source.error(what + ": element type " + code + " is not one of ONNX's");
        throw source.unsupported(what + ": element type " + name.name().toLowerCase(java.util.Locale.ROOT));
    }

    private Shape shape(List<Long> dims, String what) {
        if (dims.size() > MAX_RANK) throw source.error(what + ": has " + dims.size() + " dimensions, at most " + MAX_RANK + " are allowed");
        long[] d = new long[dims.size()];
        for (int i = 0; i < d.length; i++)
            if ((d[i] = dims.get(i)) < 0) throw source.error(what + ": negative dimension in shape " + dims);
        try {
            return Shape.of(d);
        } catch (ArithmeticException _) {
            throw source.error(what + ": shape " + dims + " has more elements than a 64-bit number can count");
        }
    }

    private long bytes(DType dtype, Shape shape, String what) {
        try {
            return Math.multiplyExact(shape.size(), (long) dtype.bytes());
        } catch (ArithmeticException _) {
            throw source.error(what + ": shape " + shape + " has more bytes than a 64-bit number can count");
        }
    }

    private MemorySegment raw(List<Payload.Chunk> chunks, String what) {
        MemorySegment raw = null;
        for (Payload.Chunk c : chunks) {
            if (c.field() == TensorProto.RAW_DATA_FIELD_NUMBER) raw = c.data();
            else if (c.data().byteSize() > 0) throw source.error(what + ": has both raw_data and " + name(c.field()));
        }
        return raw;
    }

    private MemorySegment copy(MemorySegment data) {
        if (data.byteSize() > block.byteSize() - taken) {
            block = arena.allocate(BLOCK, Tensor.ALIGNMENT);
            taken = 0;
        }
        MemorySegment copy = block.asSlice(taken, data.byteSize()).copyFrom(data);
        taken += data.byteSize() + Tensor.ALIGNMENT - 1 & -Tensor.ALIGNMENT;
        return copy;
    }

    private Tensor typed(DType dtype, Shape shape, List<Payload.Chunk> chunks, String what) {
        int want = switch (dtype) {
            case FLOAT32 -> TensorProto.FLOAT_DATA_FIELD_NUMBER;
            case FLOAT64 -> TensorProto.DOUBLE_DATA_FIELD_NUMBER;
            case INT64 -> TensorProto.INT64_DATA_FIELD_NUMBER;
            case UINT32, UINT64 -> TensorProto.UINT64_DATA_FIELD_NUMBER;
            default -> TensorProto.INT32_DATA_FIELD_NUMBER;
        };
        boolean fixed = dtype == DType.FLOAT32 || dtype == DType.FLOAT64;
        int tagBytes = 1; // all these field numbers are below 16
        long n = 0;
        for (Payload.Chunk c : chunks) {
            if (c.field() != want) {
                if (c.data().byteSize() > 0)
                    throw source.error(what + ": elements of " + dtype + " must be in " + name(want) + ", found " + name(c.field()));
                continue;
            }
            int scalar = !fixed ? Wire.VARINT : dtype == DType.FLOAT32 ? Wire.FIXED32 : Wire.FIXED64;
            if (c.wire() != Wire.BYTES && c.wire() != scalar) throw source.error(what + ": " + name(want) + " is damaged");
            int width = dtype.bytes() + (c.wire() == Wire.BYTES ? 0 : tagBytes);
            if (fixed && c.data().byteSize() % width != 0) throw source.error(what + ": " + name(want) + " ends within an element");
            n += fixed ? c.data().byteSize() / width : varints(c.data()) / (c.wire() == Wire.BYTES ? 1 : 2);
        }
        if (n != shape.size())
            throw source.error(what + ": " + name(want) + " has " + n + " elements, but shape " + shape + " needs " + shape.size());
        List<Payload.Chunk> used = chunks.stream().filter(c -> c.field() == want && c.data().byteSize() > 0).toList();
        if (fixed && used.size() == 1 && used.getFirst().wire() == Wire.BYTES) return new Tensor(dtype, shape, used.getFirst().data());
        Tensor t = Tensor.allocate(arena, dtype, shape);
        long at = 0;
        for (Payload.Chunk c : used)
            at = fixed ? copyFixed(c, t, at, tagBytes) : decode(c, t, at, what);
        return t;
    }

    private static long copyFixed(Payload.Chunk c, Tensor t, long at, int tagBytes) {
        int width = t.dtype().bytes();
        if (c.wire() == Wire.BYTES) {
            MemorySegment.copy(c.data(), 0, t.data(), at * width, c.data().byteSize());
            return at + c.data().byteSize() / width;
        }
        for (long from = tagBytes; from < c.data().byteSize(); from += width + tagBytes)
            MemorySegment.copy(c.data(), from, t.data(), at++ * width, width);
        return at;
    }

    private long decode(Payload.Chunk c, Tensor t, long at, String what) {
        Wire in = new Wire(source, c.data(), 0, c.data().byteSize());
        while (in.more()) {
            if (c.wire() != Wire.BYTES) in.varint();
            put(t, at++, in.varint(), what);
        }
        return at;
    }

    private void put(Tensor t, long i, long v, String what) {
        int bits = t.dtype().bytes() * 8;
        // int32_data holds halves as their bits; some writers sign-extend them.
        if (bits < 64 && (v < -(1L << bits - 1) || v >= 1L << bits))
            throw source.error(what + ": element " + i + " is " + v + ", which does not fit " + t.dtype());
        if (t.dtype().isHalf()) t.data().set(Tensor.I16, i << 1, (short) v);
        else t.setLong(i, v);
    }

    /** Numbers in a run of base-128 numbers: their last bytes have no high bit. */
    private static long varints(MemorySegment data) {
        long n = 0;
        for (long i = 0; i < data.byteSize(); i++)
            if (data.get(ValueLayout.JAVA_BYTE, i) >= 0) n++;
        return n;
    }

    private static String name(int field) { return TensorProto.getDescriptor().findFieldByNumber(field).getName(); }
}
