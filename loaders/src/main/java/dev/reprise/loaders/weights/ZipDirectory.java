package dev.reprise.loaders.weights;

import dev.reprise.loaders.Source;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The entries of a mapped zip archive, zip64 included, and where their bytes lie: the JDK's reader does not tell, and stored
 * entries shall be used in place. Refused are encrypted, overlapping and repeated entries, names that would lead out of a folder,
 * archives in several parts, and whatever the central directory and an entry's own header say differently.
 */
final class ZipDirectory {
    /** @param method 0 stored, 8 deflated @param at where its bytes begin @param stored bytes in the archive @param size when expanded */
    record Entry(String name, int method, long crc, long at, long stored, long size) {}

    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    static final int LOCAL = 0x04034b50;
    private static final int CENTRAL = 0x02014b50, END = 0x06054b50, END64 = 0x06064b50, LOCATOR64 = 0x07064b50;
    private static final int LOCAL_BYTES = 30, CENTRAL_BYTES = 46, END_BYTES = 22, LOCATOR_BYTES = 20, END64_BYTES = 56;
    private static final int MAX_COMMENT = 0xffff;
    private static final int MAX_ENTRIES = 1_000_000;
    private static final long FULL32 = 0xffffffffL;

    private final MemorySegment file;
    private final Source source;

    private ZipDirectory(MemorySegment file, Source source) {
        this.file = file;
        this.source = source;
    }

    /** True where a file begins as zip archives do. */
    static boolean isZip(MemorySegment file) {
        return file.byteSize() >= 4 && file.get(I32, 0) == LOCAL;
    }

    /** Entries by name, in the directory's order; folders are left out. */
    static Map<String, Entry> read(MemorySegment file, Source source) {
        return new ZipDirectory(file, source).read();
    }

    private Map<String, Entry> read() {
        long end = end();
        long count = u16(end + 10), size = u32(end + 12), begin = u32(end + 16);
        if (u16(end + 4) != 0 && u16(end + 4) != 0xffff) throw source.unsupported("a zip archive in several parts");
        if (count == 0xffff || size == FULL32 || begin == FULL32) {
            long end64 = end64(end);
            count = file.get(I64, end64 + 32);
            size = file.get(I64, end64 + 40);
            begin = file.get(I64, end64 + 48);
        }
        if (begin < 0 || size < 0 || begin > end || size > end - begin)
            throw source.error("is damaged or no zip archive: its directory would lie at [" + begin + ", +" + size + ")");
        if (count < 0 || count > MAX_ENTRIES || count * CENTRAL_BYTES > size)
            throw source.error("is damaged: a directory of " + size + " bytes cannot have " + count + " entries");
        Map<String, Entry> entries = new LinkedHashMap<>();
        long at = begin, limit = begin + size;
        for (long i = 0; i < count; i++)
            at = entry(at, limit, begin, entries);
        disjoint(entries);
        return entries;
    }

    private long end() {
        long last = file.byteSize() - END_BYTES;
        for (long at = last; at >= 0 && at >= last - MAX_COMMENT; at--)
            if (file.get(I32, at) == END && at + END_BYTES + u16(at + 20) == file.byteSize()) return at;
        throw source.error("is truncated or no zip archive: it has no directory at its end");
    }

    private long end64(long end) {
        long locator = end - LOCATOR_BYTES;
        if (locator < 0 || file.get(I32, locator) != LOCATOR64) throw source.error("is damaged: a zip64 archive without a locator");
        long at = file.get(I64, locator + 8);
        if (at < 0 || at > locator - END64_BYTES || file.get(I32, at) != END64)
            throw source.error("is damaged: a zip64 archive without its end record");
        return at;
    }

    private long entry(long at, long limit, long directory, Map<String, Entry> entries) {
        if (at > limit - CENTRAL_BYTES || file.get(I32, at) != CENTRAL) throw source.error("is damaged: its directory ends early");
        int flags = u16(at + 8), method = u16(at + 10), nameBytes = u16(at + 28), extra = u16(at + 30), comment = u16(at + 32);
        long next = at + CENTRAL_BYTES + nameBytes + extra + comment;
        if (next > limit) throw source.error("is damaged: its directory ends early");
        String name = name(at + CENTRAL_BYTES, nameBytes);
        long crc = u32(at + 16);
        // Compressed size, size, offset: each in the zip64 extra field where it does not fit here.
        long[] v = {u32(at + 24), u32(at + 20), u32(at + 42)};
        widen(v, at + CENTRAL_BYTES + nameBytes, extra, name);
        if ((flags & 1) != 0) throw source.unsupported("entry '" + name + "': encryption");
        if (method != 0 && method != 8) throw source.unsupported("entry '" + name + "': zip compression method " + method);
        if (name.endsWith("/")) return next;
        long size = v[0], stored = v[1], header = v[2];
        if (size < 0 || stored < 0 || header < 0 || header > directory - LOCAL_BYTES || file.get(I32, header) != LOCAL)
            throw source.error("is damaged: entry '" + name + "' is not where the directory says");
        int localName = u16(header + 26);
        long data = header + LOCAL_BYTES + localName + u16(header + 28);
        if (data > directory || stored > directory - data)
            throw source
                    .error("is truncated or damaged: entry '" + name + "' of " + stored + " bytes at " + data + " goes beyond the archive");
        if (u16(header + 8) != method || localName != nameBytes || !name(header + LOCAL_BYTES, localName).equals(name))
            throw source.error("is damaged or hostile: entry '" + name + "' calls itself differently");
        if (method == 0 && size != stored) throw source.error("is damaged: stored entry '" + name + "' has two sizes");
        if (entries.put(name, new Entry(name, method, crc, data, stored, size)) != null)
            throw source.error("is damaged or hostile: it has two entries '" + name + "'");
        return next;
    }

    private void widen(long[] v, long at, int bytes, String name) {
        long end = at + bytes;
        while (at <= end - 4) {
            int id = u16(at), n = u16(at + 2);
            at += 4;
            if (n > end - at) break;
            if (id == 1) {
                long from = at;
                for (int i = 0; i < v.length; i++)
                    if (v[i] == FULL32) {
                        if (from + 8 > at + n) throw source.error("is damaged: entry '" + name + "' lacks a zip64 size");
                        v[i] = file.get(I64, from);
                        from += 8;
                    }
                return;
            }
            at += n;
        }
    }

    private String name(long at, int bytes) {
        String name = new String(file.asSlice(at, bytes).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        boolean out = name.isEmpty() || name.startsWith("/") || name.indexOf('\\') >= 0 || name.indexOf('\0') >= 0
                || name.length() > 1 && name.charAt(1) == ':';
        for (String part : name.split("/", -1))
            out |= part.equals("..");
        if (out) throw source.error("is hostile: entry '" + name.replace('\0', '?') + "' would lead out of its folder");
        return name;
    }

    /** Entries that share bytes are how a small archive expands without end. */
    private void disjoint(Map<String, Entry> entries) {
        List<Entry> sorted = new ArrayList<>(entries.values());
        sorted.sort(Comparator.comparingLong(Entry::at));
        long end = 0;
        String before = "";
        for (Entry e : sorted) {
            if (e.at < end) throw source.error("is hostile: entries '" + before + "' and '" + e.name + "' overlap");
            end = e.at + e.stored;
            before = e.name;
        }
    }

    private int u16(long at) { return Short.toUnsignedInt(file.get(I16, at)); }

    private long u32(long at) { return Integer.toUnsignedLong(file.get(I32, at)); }
}
