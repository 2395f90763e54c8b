package dev.reprise.loaders.weights;

import dev.reprise.loaders.Source;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** The bytes of a pickle, with lengths checked before they are followed. */
final class PickleInput {
    private static final int MAX_LINE = 4096;

    private final MemorySegment data;
    private final Source source;
    private long at;

    PickleInput(MemorySegment data, long at, Source source) {
        this.data = data;
        this.at = at;
        this.source = source;
    }

    long position() { return at; }

    int next() {
        if (at >= data.byteSize()) throw source.error("is truncated: a pickle ends without a stop");
        return Byte.toUnsignedInt(data.get(ValueLayout.JAVA_BYTE, at++));
    }

    /** An unsigned little-endian number of n bytes; of 8, negative ones are beyond any file. */
    long little(int n) {
        long v = 0;
        for (int i = 0; i < n; i++)
            v |= (long) next() << 8 * i;
        return v;
    }

    byte[] bytes(long n) {
        if (n < 0 || n > data.byteSize() - at)
            throw source.error("is truncated or damaged: a pickle claims " + Long.toUnsignedString(n) + " bytes, "
                    + (data.byteSize() - at) + " are left");
        if (n > Pickle.MAX_BYTES)
            throw source.error("has a value of " + n + " bytes in a pickle, at most " + Pickle.MAX_BYTES + " are allowed");
        byte[] b = data.asSlice(at, n).toArray(ValueLayout.JAVA_BYTE);
        at += n;
        return b;
    }

    String text(long n) { return new String(bytes(n), StandardCharsets.UTF_8); }

    String line() {
        StringBuilder s = new StringBuilder();
        for (int c; (c = next()) != '\n';) {
            if (s.length() >= MAX_LINE) throw source.error("is damaged: a pickle has a line without end");
            s.append((char) c);
        }
        return s.toString();
    }
}
