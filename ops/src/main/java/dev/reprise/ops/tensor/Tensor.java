package dev.reprise.ops.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A row-major, contiguous array of numbers over a {@link MemorySegment}. A tensor does not own its memory: the
 * {@link Arena} (or mapped file) that made the segment does. Tensors from {@link #allocate} are zeroed, off-heap and
 * 64-byte aligned; tensors over mapped files may be unaligned, which is why every access uses the {@code _UNALIGNED}
 * layouts. bool is one byte, 0 or 1. Elements are little-endian.
 *
 * @param dtype element type
 * @param shape dimensions
 * @param data  exactly {@code shape.size() * dtype.bytes()} bytes; of native memory where a kernel is to work on it
 */
public record Tensor(DType dtype, Shape shape, MemorySegment data) implements Datum {
    /** Alignment of allocated tensors in bytes: a cache line, and one 512-bit vector. */
    public static final long ALIGNMENT = 64;

    public static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    public static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    public static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    public static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    public static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    public static final ValueLayout.OfByte I8 = ValueLayout.JAVA_BYTE;

    public Tensor {
        long want = Math.multiplyExact(shape.size(), (long) dtype.bytes());
        if (data.byteSize() != want)
            throw new IllegalArgumentException(dtype + " tensor of shape " + shape + " needs " + want + " bytes, found " + data.byteSize());
    }

    /** A zeroed tensor, 64-byte aligned, that lives as long as {@code arena}. */
    public static Tensor allocate(Arena arena, DType dtype, Shape shape) {
        long bytes = Math.multiplyExact(shape.size(), (long) dtype.bytes());
        return new Tensor(dtype, shape, bytes == 0 ? MemorySegment.NULL : arena.allocate(bytes, ALIGNMENT));
    }

    public static Tensor of(Arena arena, Shape shape, float... values) {
        Tensor t = allocate(arena, DType.FLOAT32, shape);
        MemorySegment.copy(values, 0, t.data, F32, 0, Math.toIntExact(check(shape, values.length)));
        return t;
    }

    public static Tensor of(Arena arena, Shape shape, double... values) {
        Tensor t = allocate(arena, DType.FLOAT64, shape);
        MemorySegment.copy(values, 0, t.data, F64, 0, Math.toIntExact(check(shape, values.length)));
        return t;
    }

    public static Tensor of(Arena arena, Shape shape, long... values) {
        Tensor t = allocate(arena, DType.INT64, shape);
        MemorySegment.copy(values, 0, t.data, I64, 0, Math.toIntExact(check(shape, values.length)));
        return t;
    }

    public static Tensor of(Arena arena, Shape shape, int... values) {
        Tensor t = allocate(arena, DType.INT32, shape);
        MemorySegment.copy(values, 0, t.data, I32, 0, Math.toIntExact(check(shape, values.length)));
        return t;
    }

    private static long check(Shape shape, int n) {
        if (shape.size() != n) throw new IllegalArgumentException("shape " + shape + " needs " + shape.size() + " values, found " + n);
        return n;
    }

    public long size() { return shape.size(); }

    public long byteSize() { return data.byteSize(); }

    /**
     * Where the first element lies in native memory, which the caller keeps alive.
     *
     * @throws IllegalStateException where the arena of the memory was closed, or the memory is on the heap, which has no address
     */
    public long address() {
        if (data.byteSize() == 0) return 0;
        if (!data.isNative())
            throw new IllegalStateException("a tensor of shape " + shape + " lies on the heap; kernels need memory of an arena");
        if (!data.scope().isAlive()) throw new IllegalStateException("the arena of a tensor of shape " + shape + " was closed");
        return data.address();
    }

    /** The same memory under another shape of the same size. */
    public Tensor reshape(Shape other) {
        return new Tensor(dtype, other, data);
    }

    public float getFloat(long i) { return data.get(F32, i << 2); }

    public void setFloat(long i, float v) { data.set(F32, i << 2, v); }

    /** Element i of an integer or bool tensor, widened to long (uint64 keeps its bits). */
    public long getLong(long i) {
        return switch (dtype) {
            case INT64, UINT64 -> data.get(I64, i << 3);
            case INT32 -> data.get(I32, i << 2);
            case UINT32 -> Integer.toUnsignedLong(data.get(I32, i << 2));
            case INT16 -> data.get(I16, i << 1);
            case UINT16 -> Short.toUnsignedLong(data.get(I16, i << 1));
            case INT8 -> data.get(I8, i);
            case UINT8, BOOL -> Byte.toUnsignedLong(data.get(I8, i));
            default -> throw new IllegalStateException(dtype + " is not an integer type");
        };
    }

    /** Stores an integer, keeping its low bits. */
    public void setLong(long i, long v) {
        switch (dtype) {
            case INT64, UINT64 -> data.set(I64, i << 3, v);
            case INT32, UINT32 -> data.set(I32, i << 2, (int) v);
            case INT16, UINT16 -> data.set(I16, i << 1, (short) v);
            case INT8, UINT8 -> data.set(I8, i, (byte) v);
            case BOOL -> data.set(I8, i, (byte) (v != 0 ? 1 : 0));
            default -> throw new IllegalStateException(dtype + " is not an integer type");
        }
    }

    /** Element i of any numeric type as a double (uint64 and int64 beyond 2^53 are rounded). */
    public double getDouble(long i) {
        return switch (dtype) {
            case FLOAT32 -> data.get(F32, i << 2);
            case FLOAT64 -> data.get(F64, i << 3);
            case FLOAT16 -> Float.float16ToFloat(data.get(I16, i << 1));
            case BFLOAT16 -> Half.bfloat16ToFloat(data.get(I16, i << 1));
            case UINT64 -> Half.unsignedToDouble(data.get(I64, i << 3));
            default -> getLong(i);
        };
    }

    /** Stores a double, rounded to nearest even for floats and truncated toward zero (saturating) for integers. */
    public void setDouble(long i, double v) {
        switch (dtype) {
            case FLOAT32 -> data.set(F32, i << 2, (float) v);
            case FLOAT64 -> data.set(F64, i << 3, v);
            case FLOAT16 -> data.set(I16, i << 1, Half.floatToFloat16(v));
            case BFLOAT16 -> data.set(I16, i << 1, Half.floatToBfloat16((float) v));
            case BOOL -> setLong(i, v != 0 ? 1 : 0);
            default -> setLong(i, (long) v);
        }
    }

    /** All elements as floats, on the heap. */
    public float[] toFloats() {
        float[] r = new float[Math.toIntExact(size())];
        if (dtype == DType.FLOAT32) MemorySegment.copy(data, F32, 0, r, 0, r.length);
        else
            for (int i = 0; i < r.length; i++)
                r[i] = (float) getDouble(i);
        return r;
    }

    /** All elements as longs, on the heap. Integer and bool tensors only. */
    public long[] toLongs() {
        long[] r = new long[Math.toIntExact(size())];
        for (int i = 0; i < r.length; i++)
            r[i] = getLong(i);
        return r;
    }

    /** All elements as doubles, on the heap. */
    public double[] toDoubles() {
        double[] r = new double[Math.toIntExact(size())];
        for (int i = 0; i < r.length; i++)
            r[i] = getDouble(i);
        return r;
    }

    /** Rows [from, to) along the first dimension: a view of the same memory. */
    public Tensor rows(long from, long to) {
        long row = shape.product(1, shape.rank()) * dtype.bytes();
        return new Tensor(dtype, shape.with(0, to - from), data.asSlice(from * row, (to - from) * row));
    }

    /** A copy in {@code arena}. */
    public Tensor copy(Arena arena) {
        Tensor t = allocate(arena, dtype, shape);
        MemorySegment.copy(data, 0, t.data, 0, data.byteSize());
        return t;
    }

    /** SHA-256 of the element bytes, in hex: what certificates compare. */
    public String sha256() {
        try {
            MessageDigest d = MessageDigest.getInstance("SHA-256");
            for (long at = 0; at < data.byteSize(); at += 1 << 26)
                d.update(data.asSlice(at, Math.min(1 << 26, data.byteSize() - at)).asByteBuffer());
            return HexFormat.of().formatHex(d.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() { return dtype.name().toLowerCase(java.util.Locale.ROOT) + shape; }
}
