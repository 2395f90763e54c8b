package dev.reprise.loaders.onnx;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import dev.reprise.loaders.Source;
import dev.reprise.loaders.onnx.proto.Onnx.TensorProto;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Splits a serialized ONNX message into the elements of its tensors, which stay where they are, and the small rest, a
 * message of the same type for protobuf to parse. So weights never pass through the heap, and a file may be larger than
 * protobuf's 2 GB. Documentation and unknown fields are left out.
 *
 * <p>The rest's size on the heap is estimated on the way and bounded, so that a hostile file of millions of empty messages
 * ends in an error.
 */
final class Splitter {
    /** As protobuf's own limit. */
    private static final int MAX_DEPTH = 100;
    private static final int LENGTH_BYTES = 5;

    /** @param bytes the rest, the first {@code length} bytes; TensorProto.payload numbers into {@code payloads} */
    record Split(byte[] bytes, int length, List<Payload> payloads) {}

    private final Source source;
    private final MemorySegment file;
    private final long budget;
    private final List<Payload> payloads = new ArrayList<>();
    private byte[] out = new byte[1024];
    private int size;
    private long heap;

    private Splitter(Source source, MemorySegment file) {
        this.source = source;
        this.file = file;
        this.budget = Math.min(Runtime.getRuntime().maxMemory() / 2, 1L << 31);
    }

    static Split split(Source source, MemorySegment file, Descriptor type) {
        Splitter s = new Splitter(source, file);
        s.message(type, 0, file.byteSize(), 0);
        return new Split(s.out, s.size, s.payloads);
    }

    private void message(Descriptor type, long begin, long end, int depth) {
        if (depth > MAX_DEPTH) throw source.error("messages are nested deeper than " + MAX_DEPTH + " levels");
        spend(150);
        boolean tensor = type == TensorProto.getDescriptor();
        Payload payload = null;
        Wire in = new Wire(source, file, begin, end);
        while (in.more()) {
            long start = in.at();
            int tag = in.tag(), wire = tag & 7;
            FieldDescriptor field = type.findFieldByNumber(tag >>> 3);
            if (field == null || field.getName().equals("doc_string") || field.getNumber() == TensorProto.PAYLOAD_FIELD_NUMBER) {
                in.skipValue(wire);
            } else if (tensor && isElements(field.getNumber())) {
                if (payload == null) payloads.add(payload = new Payload());
                long from = start;
                if (wire == Wire.BYTES) {
                    long n = in.length();
                    from = in.at();
                    in.skip(n);
                } else in.skipValue(wire);
                if (!payload.add(field.getNumber(), wire, file, from, in.at())) spend(120);
            } else if (field.getJavaType() == JavaType.MESSAGE && wire == Wire.BYTES) {
                long n = in.length(), from = in.at();
                in.skip(n);
                copy(start, from - start - lengthBytes(start, from));
                int hole = size;
                reserve(LENGTH_BYTES);
                size += LENGTH_BYTES;
                message(field.getMessageType(), from, from + n, depth + 1);
                putLength(hole, size - hole - LENGTH_BYTES);
            } else {
                in.skipValue(wire);
                // Text is held as bytes and as a string; a packed number may take one byte here and eight there.
                spend(field.getJavaType() == JavaType.STRING || field.getJavaType() == JavaType.BYTE_STRING
                        ? 80 + 2 * (in.at() - start)
                        : 8 * (in.at() - start));
                copy(start, in.at() - start);
            }
        }
        if (payload != null) {
            putVarint(TensorProto.PAYLOAD_FIELD_NUMBER << 3 | Wire.VARINT);
            putVarint(payloads.size() - 1);
        }
    }

    private static boolean isElements(int field) {
        return switch (field) {
            case TensorProto.FLOAT_DATA_FIELD_NUMBER, TensorProto.INT32_DATA_FIELD_NUMBER, TensorProto.STRING_DATA_FIELD_NUMBER,
                    TensorProto.INT64_DATA_FIELD_NUMBER, TensorProto.RAW_DATA_FIELD_NUMBER, TensorProto.DOUBLE_DATA_FIELD_NUMBER,
                    TensorProto.UINT64_DATA_FIELD_NUMBER ->
                true;
            default -> false;
        };
    }

    /** Of the bytes [start, from) that are a tag and a length: how many are the length's. */
    private long lengthBytes(long start, long from) {
        Wire w = new Wire(source, file, start, from);
        w.varint();
        return from - w.at();
    }

    private void spend(long bytes) {
        heap += bytes;
        if (heap > budget)
            throw source.error("its graph (without weights) would take more than " + (budget >> 20)
                    + " MiB of heap; if the file is not damaged, raise the JVM's -Xmx");
    }

    private void copy(long from, long n) {
        reserve(n);
        MemorySegment.copy(file, ValueLayout.JAVA_BYTE, from, out, size, (int) n);
        size += (int) n;
    }

    private void reserve(long n) {
        if (size + n > Integer.MAX_VALUE - 64) throw source.error("its graph (without weights) is larger than 2 GB");
        if (size + n > out.length) out = Arrays.copyOf(out, (int) Math.min(Integer.MAX_VALUE - 16, Math.max(size + n, 2L * out.length)));
    }

    /** A length in exactly five bytes: it is written before it is known how many it would need. */
    private void putLength(int at, int length) {
        for (int i = 0; i < LENGTH_BYTES - 1; i++)
            out[at + i] = (byte) (length >>> 7 * i | 0x80);
        out[at + LENGTH_BYTES - 1] = (byte) (length >>> 28);
    }

    private void putVarint(int v) {
        reserve(LENGTH_BYTES);
        for (; (v & ~0x7f) != 0; v >>>= 7)
            out[size++] = (byte) (v | 0x80);
        out[size++] = (byte) v;
    }
}
