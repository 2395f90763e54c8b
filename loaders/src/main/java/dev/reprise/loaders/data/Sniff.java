package dev.reprise.loaders.data;

import dev.reprise.loaders.Source;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** Tells formats by their first bytes; names say nothing. */
final class Sniff {
    private static final int TAR_MAGIC = 257;

    private Sniff() {}

    enum Format {
        ZIP, TAR, IDX, OTHER
    }

    /** Of a file, looking through gzip. */
    static Format of(Path file) {
        Source source = new Source(file.toString());
        if (!Files.isRegularFile(file)) throw source.error(Files.exists(file) ? "is no file" : "cannot be read: there is no such file");
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file));
                InputStream in = isGzip(raw) ? new GZIPInputStream(raw) : raw) {
            byte[] head = in.readNBytes(TAR_MAGIC + 5);
            if (head.length >= 4 && head[0] == 'P' && head[1] == 'K' && head[2] == 3 && head[3] == 4) return Format.ZIP;
            if (head.length >= 4 && head[0] == 0 && head[1] == 0 && head[2] == 8 && (head[3] == 3 || head[3] == 1)) return Format.IDX;
            if (head.length == TAR_MAGIC + 5 && new String(head, TAR_MAGIC, 5, StandardCharsets.US_ASCII).equals("ustar"))
                return Format.TAR;
            return Format.OTHER;
        } catch (IOException e) {
            throw source.error("cannot be read: it is truncated or damaged (" + e + ")", e);
        }
    }

    /** Looks at the first two bytes of a stream that supports marks. */
    static boolean isGzip(InputStream in) throws IOException {
        in.mark(2);
        boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
        in.reset();
        return gzip;
    }
}
