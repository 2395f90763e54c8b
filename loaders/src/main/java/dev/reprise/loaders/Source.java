package dev.reprise.loaders;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The file that is being read, for messages. */
public record Source(String name) {
    /** The file is wrong. */
    public LoadException error(String reason) { return new LoadException(name, reason); }

    public LoadException error(String reason, Throwable cause) { return new LoadException(name, reason, false, cause); }

    /** The file is well-formed, but this is not implemented. */
    public LoadException unsupported(String reason) {
        return new LoadException(name, reason + " is not supported", true, null);
    }

    /**
     * A file as memory, read-only, read when touched, that lives as long as {@code arena}.
     *
     * @throws LoadException where it cannot be read, or is a folder, a pipe or a device
     */
    public MemorySegment map(Path file, Arena arena) {
        if (!Files.exists(file)) throw error("cannot be read: there is no such file");
        if (!Files.isRegularFile(file)) throw error("cannot be read: it is not a regular file");
        try (FileChannel c = FileChannel.open(file, StandardOpenOption.READ)) {
            return c.map(MapMode.READ_ONLY, 0, c.size(), arena);
        } catch (IOException e) {
            throw error("cannot be read (" + e + ")", e);
        }
    }
}
