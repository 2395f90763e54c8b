package dev.reprise.loaders.data;

import dev.reprise.loaders.Source;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Walks through a .tar.gz (or .tar) from beginning to end; nothing is unpacked, so names in it lead nowhere. */
final class TarGz {
    private static final int CHUNK = 1 << 16;
    /** The CIFAR archives expand to 0.2 GB. */
    static final long MAX_EXPANDED = 1L << 30;
    private static final int MAX_ENTRIES = 10_000;

    private TarGz() {}

    /** Is shown the regular files of an archive. */
    @FunctionalInterface
    interface Visitor {
        /**
         * @param name without folders
         * @param in   the file's bytes, {@code size} of them; need not be read to the end
         */
        void file(String name, long size, InputStream in) throws IOException;
    }

    static void walk(Path file, Source source, Visitor visitor) {
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), CHUNK);
                InputStream bytes = new Bounded(Sniff.isGzip(raw) ? new GZIPInputStream(raw, CHUNK) : raw, MAX_EXPANDED, source);
                TarArchiveInputStream tar = new TarArchiveInputStream(bytes)) {
            int entries = 0;
            for (TarArchiveEntry e; (e = tar.getNextEntry()) != null;) {
                if (++entries > MAX_ENTRIES) throw source.error("has more than " + MAX_ENTRIES + " entries: refused");
                if (!e.isFile() || !tar.canReadEntryData(e)) continue;
                if (e.isSparse()) throw source.unsupported("a sparse file in a tar archive");
                String name = e.getName();
                visitor.file(name.substring(name.lastIndexOf('/') + 1), e.getSize(), tar);
            }
            // To the end of the gzip stream, which holds its checksum.
            bytes.transferTo(java.io.OutputStream.nullOutputStream());
        } catch (IOException | IllegalArgumentException e) {
            throw source.error("cannot be read as a tar archive: it is truncated or damaged (" + e + ")", e);
        }
    }
}
