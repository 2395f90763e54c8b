package dev.reprise.ops.tensor;

/**
 * The element types of ONNX tensors that Reprise stores. {@link #code()} is the number of
 * {@code TensorProto.DataType}. Multi-byte elements are little-endian in memory.
 */
public enum DType {
    FLOAT32(1, 4, Kind.FLOAT), UINT8(2, 1, Kind.UNSIGNED), INT8(3, 1, Kind.SIGNED), UINT16(4, 2, Kind.UNSIGNED), INT16(5, 2,
            Kind.SIGNED), INT32(
                    6, 4, Kind.SIGNED), INT64(7, 8, Kind.SIGNED), BOOL(9, 1, Kind.BOOL), FLOAT16(10, 2,
                            Kind.FLOAT), FLOAT64(11, 8,
                                    Kind.FLOAT), UINT32(12, 4, Kind.UNSIGNED), UINT64(13, 8, Kind.UNSIGNED), BFLOAT16(16, 2, Kind.FLOAT);

    /** What the bits of an element mean. */
    public enum Kind {
        FLOAT, SIGNED, UNSIGNED, BOOL
    }

    private final int code;
    private final int bytes;
    private final Kind kind;

    DType(int code, int bytes, Kind kind) {
        this.code = code;
        this.bytes = bytes;
        this.kind = kind;
    }

    /** The number of this type in ONNX's {@code TensorProto.DataType}. */
    public int code() { return code; }

    /** Bytes of one element. */
    public int bytes() { return bytes; }

    public Kind kind() { return kind; }

    /** True for float16, bfloat16, float32 and float64. */
    public boolean isFloat() { return kind == Kind.FLOAT; }

    /** True for float16 and bfloat16, whose arithmetic runs in float32 and is rounded once at the end. */
    public boolean isHalf() {
        return this == FLOAT16 || this == BFLOAT16;
    }

    /** True for the signed and unsigned integers (not for bool). */
    public boolean isInteger() {
        return kind == Kind.SIGNED || kind == Kind.UNSIGNED;
    }

    /**
     * The type with the given ONNX number.
     *
     * @throws IllegalArgumentException for numbers of types that Reprise does not store (strings, complex, float8, int4)
     */
    public static DType ofCode(int code) {
        for (DType t : values())
            if (t.code == code) return t;
        throw new IllegalArgumentException("element type " + code + " (" + nameOf(code) + ") is not supported");
    }

    /** True if {@link #ofCode} knows the number. */
    public static boolean knows(int code) {
        for (DType t : values())
            if (t.code == code) return true;
        return false;
    }

    private static String nameOf(int code) {
        return switch (code) {
            case 0 -> "undefined";
            case 8 -> "string";
            case 14 -> "complex64";
            case 15 -> "complex128";
            case 17 -> "float8e4m3fn";
            case 18 -> "float8e4m3fnuz";
            case 19 -> "float8e5m2";
            case 20 -> "float8e5m2fnuz";
            case 21 -> "uint4";
            case 22 -> "int4";
            case 23 -> "float4e2m1";
            default -> "unknown";
        };
    }
}
