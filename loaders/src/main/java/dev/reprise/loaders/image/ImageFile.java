package dev.reprise.loaders.image;

import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Image files of the kinds that are read: PNG by {@link PngReader}, JPEG by the JDK's decoder. */
public final class ImageFile {
    private static final long MAX_BYTES = 1L << 28;

    private ImageFile() {}

    /** True where the name ends in .png, .jpg or .jpeg. */
    public static boolean named(String name) {
        String n = name.toLowerCase(Locale.ROOT);
        return n.endsWith(".png") || n.endsWith(".jpg") || n.endsWith(".jpeg");
    }

    /** @throws LoadException where the file cannot be read, is damaged, or of a kind that is not supported */
    public static Image read(Path file) {
        Source source = new Source(file.toString());
        try {
            if (Files.size(file) > MAX_BYTES) throw source.unsupported("an image file of " + Files.size(file) + " bytes");
            return decode(Files.readAllBytes(file), source.name());
        } catch (IOException | OutOfMemoryError e) {
            throw source.error("cannot be read (" + e + ")", e);
        }
    }

    /** Decodes a file's bytes; what it is, its first bytes say. */
    public static Image decode(byte[] bytes, String name) {
        if (bytes.length > 2 && (bytes[0] & 0xff) == 0xff && (bytes[1] & 0xff) == 0xd8) return jpeg(bytes, new Source(name));
        if (bytes.length > 8 && bytes[0] == Png.SIGNATURE[0] && bytes[1] == Png.SIGNATURE[1]) return Png.read(bytes, name);
        throw new Source(name).error("is neither PNG nor JPEG");
    }

    private static Image jpeg(byte[] bytes, Source source) {
        try {
            return JpegReader.read(bytes, source);
        } catch (NoClassDefFoundError e) {
            throw new LoadException(source.name(),
                    "JPEG is decoded by the JDK's module java.desktop, which this runtime lacks; add the module, or convert the file to PNG",
                    true, e);
        }
    }
}
