package dev.reprise.loaders.onnx;

import dev.reprise.loaders.Source;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A cursor over protobuf's wire format. Every length is checked against what is left. */
final class Wire {
    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int BYTES = 2;
    static final int FIXED32 = 5;

    private final Source source;
    private final MemorySegment data;
    private final long end;
    private long at;

    Wire(Source source, MemorySegment data, long begin, long end) {
        this.source = source;
        this.data = data;
        this.at = begin;
        this.end = end;
    }

    long at() { return at; }

    boolean more() { return at < end; }

    /** A base-128 number of at most ten bytes. */
    long varint() {
        long v = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            if (at >= end) throw truncated("a number");
            byte b = data.get(ValueLayout.JAVA_BYTE, at++);
            v |= (long) (b & 0x7f) << shift;
            if (b >= 0) return v;
        }
        throw source.error("malformed number at byte " + at + "; the file is damaged or no ONNX file");
    }

    /** A field's tag: number * 8 + wire type. */
    int tag() {
        long begin = at;
        long tag = varint();
        if (tag >>> 32 != 0 || tag >>> 3 == 0)
            throw source.error("malformed field tag at byte " + begin + "; the file is damaged or no ONNX file");
        return (int) tag;
    }

    /** The length of a length-delimited field, which then starts at {@link #at}. */
    long length() {
        long n = varint();
        if (n < 0 || n > end - at)
            throw source.error("a field at byte " + at + " claims " + Long.toUnsignedString(n) + " bytes but only " + (end - at)
                    + " are left; the file is truncated or damaged");
        return n;
    }

    void skip(long n) {
        if (n > end - at) throw truncated("a field");
        at += n;
    }

    /** Passes over the value of a field of that wire type. */
    void skipValue(int wire) {
        switch (wire) {
            case VARINT -> varint();
            case FIXED64 -> skip(8);
            case BYTES -> skip(length());
            case FIXED32 -> skip(4);
            default -> throw source.error("unknown wire type " + wire + " at byte " + at + "; the file is damaged or no ONNX file");
        }
    }

    private RuntimeException truncated(String what) {
        return source.error(what + " is cut off at byte " + at + "; the file is truncated or damaged");
    }
}
