package dev.reprise.loaders.npy;

import dev.reprise.loaders.AtomicFile;
import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.Source;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * NumPy's archives of arrays (.npz): zip files, stored or deflated, zip64 where large. An archive that would expand out of
 * proportion is refused, and every array is checked against its CRC. What is written depends on the arrays alone: entries
 * are stored, in order, with a fixed time.
 */
public final class Npz {
    private static final String SUFFIX = ".npy";
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);
    private static final int CHUNK = 1 << 16;
    /** Deflate alone gives 1032 at most; entries that share their bytes would give any number. */
    private static final long MAX_RATIO = 200;
    private static final long ALWAYS_ALLOWED = 256L << 20;

    private Npz() {}

    /**
     * Every array of an archive, by name without ".npy", in the archive's order.
     *
     * @param arena the tensors live as long
     * @throws LoadException where the file cannot be read, is damaged or hostile, or holds something else than arrays
     */
    public static Map<String, Tensor> read(Path file, Arena arena) {
        Source source = new Source(file.toString());
        try (ZipFile zip = new ZipFile(file.toFile())) {
            long limit = Math.max(ALWAYS_ALLOWED, Math.multiplyExact(Files.size(file), MAX_RATIO));
            long total = 0;
            Map<String, Tensor> arrays = new LinkedHashMap<>();
            for (Enumeration<? extends ZipEntry> e = zip.entries(); e.hasMoreElements();) {
                ZipEntry entry = e.nextElement();
                String name = entry.getName();
                if (!name.endsWith(SUFFIX)) throw source.error("entry '" + name + "' is no .npy array");
                if (entry.getSize() < 0 || (total = Math.addExact(total, entry.getSize())) > limit)
                    throw source.error(
                            "would expand to more than " + limit + " bytes, " + MAX_RATIO + " times its size: refused as a zip bomb");
                try (InputStream in = zip.getInputStream(entry)) {
                    Tensor t = array(in, entry, new Source(file + ", array '" + name + "'"), arena);
                    if (arrays.put(name.substring(0, name.length() - SUFFIX.length()), t) != null)
                        throw source.error("has two arrays '" + name + "'");
                }
            }
            return arrays;
        } catch (IOException | IllegalArgumentException | ArithmeticException e) {
            throw source.error("cannot be read as a zip archive (" + e + ")", e);
        } catch (OutOfMemoryError e) {
            throw source.error("needs more memory than there is (" + e.getMessage() + ")", e);
        }
    }

    private static Tensor array(InputStream in, ZipEntry entry, Source source, Arena arena) throws IOException {
        CRC32 crc = new CRC32();
        byte[] prefix = in.readNBytes(NpyHeader.MAX_PREFIX);
        int length = NpyHeader.length(prefix, source);
        if (length > entry.getSize())
            throw source.error("is truncated: its header claims " + length + " bytes, the entry has " + entry.getSize());
        byte[] header = java.util.Arrays.copyOf(prefix, Math.max(length, prefix.length));
        if (length < prefix.length || in.readNBytes(header, prefix.length, length - prefix.length) != length - prefix.length)
            throw source.error("is truncated within its header");
        crc.update(header);
        NpyHeader h = NpyHeader.parse(header, source);
        if (h.dataBytes() != entry.getSize() - length)
            throw source.error(h.dtype() + " of shape " + h.shape() + " needs " + h.dataBytes() + " bytes, the entry has "
                    + (entry.getSize() - length));
        MemorySegment data = arena.allocate(h.dataBytes(), Tensor.ALIGNMENT);
        byte[] buffer = new byte[CHUNK];
        long at = 0;
        for (int n; (n = in.read(buffer)) >= 0;) {
            if (n > h.dataBytes() - at)
                throw source.error("expands to more than the " + entry.getSize() + " bytes that the archive declares");
            MemorySegment.copy(buffer, 0, data, ValueLayout.JAVA_BYTE, at, n);
            crc.update(buffer, 0, n);
            at += n;
        }
        if (at != h.dataBytes()) throw source.error("is truncated: " + at + " of " + h.dataBytes() + " bytes");
        if (crc.getValue() != entry.getCrc()) throw source.error("is damaged: its checksum is wrong");
        return Npy.tensor(h, data, arena);
    }

    /**
     * Writes an archive, in the map's order.
     *
     * @throws LoadException where the file cannot be written
     */
    public static void write(Path file, Map<String, Tensor> arrays) {
        AtomicFile.write(file, out -> {
            ZipOutputStream zip = new ZipOutputStream(out);
            for (Map.Entry<String, Tensor> a : arrays.entrySet()) {
                Measure m = new Measure();
                Npy.write(m, a.getValue());
                ZipEntry e = new ZipEntry(a.getKey() + SUFFIX);
                e.setMethod(ZipEntry.STORED);
                e.setTimeLocal(TIME);
                e.setSize(m.bytes);
                e.setCompressedSize(m.bytes);
                e.setCrc(m.crc.getValue());
                zip.putNextEntry(e);
                Npy.write(zip, a.getValue());
                zip.closeEntry();
            }
            zip.finish();
        });
    }

    /** A stored entry's size and checksum come before its bytes. */
    private static final class Measure extends OutputStream {
        private final CRC32 crc = new CRC32();
        private long bytes;

        @Override
        public void write(int b) {
            crc.update(b);
            bytes++;
        }

        @Override
        public void write(byte[] b, int offset, int n) {
            crc.update(b, offset, n);
            bytes += n;
        }
    }
}
