package dev.reprise.loaders.onnx;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the elements of one TensorProto lie in its file, in the order of the file. A chunk is one length-delimited field
 * (raw_data, or packed numbers), or a run of adjacent unpacked numbers with their tags.
 */
final class Payload {
    /**
     * @param field number of the field of TensorProto
     * @param wire  its wire type: 2 for length-delimited; else every element in {@code data} is preceded by its tag
     */
    record Chunk(int field, int wire, MemorySegment data, long begin, long end) {}

    private final List<Chunk> chunks = new ArrayList<>(1);

    List<Chunk> chunks() { return chunks; }

    /** Adds [begin, end) of the file. @return true where it only made the last chunk longer */
    boolean add(int field, int wire, MemorySegment file, long begin, long end) {
        Chunk last = chunks.isEmpty() ? null : chunks.getLast();
        boolean extend = wire != Wire.BYTES && last != null && last.field == field && last.wire == wire && last.end == begin;
        if (extend) chunks.removeLast();
        long from = extend ? last.begin : begin;
        chunks.add(new Chunk(field, wire, file.asSlice(from, end - from), from, end));
        return extend;
    }
}
