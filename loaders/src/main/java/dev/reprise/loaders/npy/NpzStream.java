package dev.reprise.loaders.npy;

import dev.reprise.loaders.Source;
import dev.reprise.ops.tensor.DType;
import dev.reprise.ops.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Arrays of an .npz archive read row by row, for those that are too large to hold. */
public final class NpzStream {
    private static final String SUFFIX = ".npy";

    private NpzStream() {}

    /** Element type and shape of an array. */
    public record Header(DType dtype, Shape shape) {}

    /** Is shown the rows of an array (its slices along the first dimension). */
    @FunctionalInterface
    public interface RowVisitor {
        /** @param bytes the row's elements, little-endian; the array is used again for the next row */
        void row(int index, byte[] bytes);
    }

    /**
     * What an archive holds, by name without ".npy", in its order.
     *
     * @throws dev.reprise.loaders.LoadException where the file cannot be read or is damaged
     */
    public static Map<String, Header> headers(Path file) {
        Source source = new Source(file.toString());
        try (ZipFile zip = new ZipFile(file.toFile())) {
            Map<String, Header> headers = new LinkedHashMap<>();
            for (Enumeration<? extends ZipEntry> e = zip.entries(); e.hasMoreElements();) {
                ZipEntry entry = e.nextElement();
                if (!entry.getName().endsWith(SUFFIX)) throw source.error("entry '" + entry.getName() + "' is no .npy array");
                try (InputStream in = zip.getInputStream(entry)) {
                    NpyHeader h = header(in, new CRC32(), named(file, entry.getName()));
                    headers.put(entry.getName().substring(0, entry.getName().length() - SUFFIX.length()), new Header(h.dtype(), h.shape()));
                }
            }
            return headers;
        } catch (IOException | IllegalArgumentException | ArithmeticException e) {
            throw source.error("cannot be read as a zip archive (" + e + ")", e);
        }
    }

    /**
     * Shows every row of an array of rank 1 or more, in order.
     *
     * @throws dev.reprise.loaders.LoadException where the array is damaged, big-endian or stored column by column
     */
    public static void rows(Path file, String name, RowVisitor visitor) {
        Source source = named(file, name + SUFFIX);
        try (ZipFile zip = new ZipFile(file.toFile())) {
            ZipEntry entry = zip.getEntry(name + SUFFIX);
            if (entry == null) throw source.error("is not there");
            try (InputStream in = zip.getInputStream(entry)) {
                CRC32 crc = new CRC32();
                NpyHeader h = header(in, crc, source);
                if (h.shape().rank() == 0) throw source.error("is a single number, an array with rows is expected");
                if (h.bigEndian() && h.dtype().bytes() > 1) throw source.unsupported("reading a big-endian array row by row");
                if (h.fortran() && h.shape().rank() > 1)
                    throw source.unsupported("reading an array row by row that is stored column by column");
                int n = h.shape().dimInt(0);
                byte[] row = new byte[n == 0 ? 0 : Math.toIntExact(h.dataBytes() / n)];
                for (int i = 0; i < n; i++) {
                    int got = in.readNBytes(row, 0, row.length);
                    if (got < row.length) throw source.error("is truncated within row " + i + " of " + n);
                    crc.update(row);
                    visitor.row(i, row);
                }
                if (in.read() >= 0) throw source.error("has more bytes than its shape " + h.shape() + " needs");
                if (crc.getValue() != entry.getCrc()) throw source.error("is damaged: its checksum is wrong");
            }
        } catch (IOException | ArithmeticException e) {
            throw source.error("cannot be read (" + e + ")", e);
        }
    }

    private static Source named(Path file, String array) { return new Source(file + ", array '" + array + "'"); }

    private static NpyHeader header(InputStream in, CRC32 crc, Source source) throws IOException {
        byte[] prefix = in.readNBytes(NpyHeader.MAX_PREFIX);
        int length = NpyHeader.length(prefix, source);
        byte[] header = java.util.Arrays.copyOf(prefix, Math.max(length, prefix.length));
        if (in.readNBytes(header, prefix.length, header.length - prefix.length) != header.length - prefix.length)
            throw source.error("is truncated within its header");
        crc.update(header);
        return NpyHeader.parse(header, source);
    }
}
