package dev.reprise.loaders.weights;

import dev.reprise.loaders.Source;
import dev.reprise.ops.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The bytes of a zip archive's entries: stored ones where they lie in the mapped file, deflated ones expanded into memory of the
 * arena. Both are held against their checksum, except where that is 0, which PyTorch writes when told to save the time.
 */
final class ZipContent {
    /** Deflate alone reaches 1032. */
    private static final long MAX_RATIO = 200;
    private static final long ALWAYS_ALLOWED = 256L << 20;
    private static final int CHUNK = 1 << 26;

    private final MemorySegment file;
    private final Source source;
    private final Arena arena;
    private final Map<String, ZipDirectory.Entry> entries;

    /** @throws dev.reprise.loaders.LoadException where the archive is damaged, or would expand out of proportion */
    ZipContent(MemorySegment file, Source source, Arena arena) {
        this.file = file;
        this.source = source;
        this.arena = arena;
        entries = ZipDirectory.read(file, source);
        long limit = Math.max(ALWAYS_ALLOWED, file.byteSize() * MAX_RATIO), left = limit;
        for (ZipDirectory.Entry e : entries.values()) {
            if (e.size() > left)
                throw source
                        .error("would expand to more than " + limit + " bytes, " + MAX_RATIO + " times its size: refused as a zip bomb");
            left -= e.size();
        }
    }

    Map<String, ZipDirectory.Entry> entries() { return entries; }

    /** @param name of an entry that is there */
    MemorySegment bytes(String name) {
        ZipDirectory.Entry e = entries.get(name);
        MemorySegment stored = file.asSlice(e.at(), e.stored());
        MemorySegment data = e.method() == 0 ? stored : inflated(e, stored);
        if (e.crc() != 0 && crc(data) != e.crc()) throw source.error("is damaged: the checksum of entry '" + name + "' is wrong");
        return data;
    }

    private MemorySegment inflated(ZipDirectory.Entry e, MemorySegment stored) {
        if (e.stored() > Integer.MAX_VALUE || e.size() > Integer.MAX_VALUE)
            throw source.unsupported("entry '" + e.name() + "': a compressed entry beyond 2 GiB");
        MemorySegment out = arena.allocate(Math.max(e.size(), 1), Tensor.ALIGNMENT).asSlice(0, e.size());
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(stored.asByteBuffer());
            int n = e.size() == 0 ? 0 : inflater.inflate(out.asByteBuffer());
            if (n != e.size() || !ended(inflater))
                throw source.error(
                        "is damaged: entry '" + e.name() + "' does not expand to the " + e.size() + " bytes that the archive declares");
            return out;
        } catch (DataFormatException x) {
            throw source.error("is damaged: entry '" + e.name() + "' cannot be expanded (" + x.getMessage() + ")", x);
        } finally {
            inflater.end();
        }
    }

    private static boolean ended(Inflater inflater) throws DataFormatException {
        return inflater.finished() || inflater.inflate(new byte[1]) == 0 && inflater.finished();
    }

    private static long crc(MemorySegment data) {
        CRC32 crc = new CRC32();
        for (long at = 0; at < data.byteSize(); at += CHUNK)
            crc.update(data.asSlice(at, Math.min(CHUNK, data.byteSize() - at)).asByteBuffer());
        return crc.getValue();
    }
}
