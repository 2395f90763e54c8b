package dev.reprise.loaders;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/** Writes files whole or not at all: to a temporary name in the same folder, then moved over the target. */
public final class AtomicFile {
    private static final int BUFFER = 1 << 16;

    /** What fills the file. */
    @FunctionalInterface
    public interface Content {
        void write(OutputStream out) throws IOException;
    }

    private AtomicFile() {}

    /**
     * Writes a file, replacing one that is there; missing folders are made.
     *
     * @throws LoadException where it cannot be written; then the target is as before
     */
    public static void write(Path target, Content content) {
        Path absolute = target.toAbsolutePath();
        Path temporary = absolute
                .resolveSibling("." + absolute.getFileName() + "." + Long.toHexString(ThreadLocalRandom.current().nextLong()) + ".tmp");
        try {
            Files.createDirectories(absolute.getParent());
            try (OutputStream out = new BufferedOutputStream(
                    Files.newOutputStream(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), BUFFER)) {
                content.write(out);
            }
            move(temporary, absolute);
        } catch (IOException e) {
            throw new LoadException(target.toString(), "cannot be written (" + e + ")", false, e);
        } finally {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException _) {
                // The write has its own outcome; a temporary file that stays behind does not change it.
            }
        }
    }

    public static void write(Path target, byte[] bytes) { write(target, out -> out.write(bytes)); }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException _) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
