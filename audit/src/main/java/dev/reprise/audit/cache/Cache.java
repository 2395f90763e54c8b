package dev.reprise.audit.cache;

import dev.reprise.loaders.LoadException;
import dev.reprise.loaders.npy.Npz;
import dev.reprise.ops.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A folder of results, each an {@code .npz} named by the hash of its {@link Key}. An entry appears whole, by an atomic move, or
 * not at all, so a process that is killed leaves nothing broken, and any number of processes may share the folder. An
 * entry whose checksum is wrong (a disk that lied, a hand that slipped) is made again.
 *
 * <p>Locks keep two processes from doing one piece of work twice. They are the operating system's and go with the
 * process that holds them. Where a file system has none, work may be done twice and its result is the same.
 */
public final class Cache {
    private static final Duration STALE = Duration.ofHours(24);
    private final Path folder;

    private Cache(Path folder) { this.folder = folder; }

    /**
     * Opens a cache, making its folder where there is none.
     *
     * @throws CacheException where it cannot be made or written
     */
    public static Cache open(Path folder) {
        try {
            Files.createDirectories(folder);
            Path probe = Files.createTempFile(folder, ".probe", ".tmp");
            Files.delete(probe);
            sweep(folder);
        } catch (IOException e) {
            throw new CacheException("the cache " + folder + " cannot be written (" + reason(e) + "); give another with --cache", e);
        }
        return new Cache(folder);
    }

    public Path folder() { return folder; }

    /** Removes what processes that were killed left half written, a day later. */
    private static void sweep(Path folder) throws IOException {
        FileTime old = FileTime.from(Instant.now().minus(STALE));
        try (Stream<Path> files = Files.walk(folder, 2)) {
            for (Path f : (Iterable<Path>) files.filter(p -> p.getFileName().toString().endsWith(".tmp"))::iterator)
                if (Files.exists(f) && Files.getLastModifiedTime(f).compareTo(old) < 0) Files.deleteIfExists(f);
        }
    }

    private Path file(Key key) {
        String name = key.sha256();
        return folder.resolve(name.substring(0, 2)).resolve(name + ".npz");
    }

    /** Whether there is an entry, whole or damaged. */
    public boolean has(Key key) { return Files.isRegularFile(file(key)); }

    /** The arrays of an entry, or null where there is none; a damaged one is removed. */
    public Map<String, Tensor> read(Key key, Arena arena) {
        if (!has(key)) return null;
        try {
            return Npz.read(file(key), arena);
        } catch (LoadException _) {
            remove(key);
            return null;
        }
    }

    private void remove(Key key) {
        try {
            Files.deleteIfExists(file(key));
        } catch (IOException e) {
            throw new CacheException("the damaged entry " + file(key) + " cannot be removed (" + reason(e) + ")", e);
        }
    }

    /** Keeps a result. */
    public void write(Key key, Map<String, Tensor> arrays) {
        try {
            Npz.write(file(key), arrays);
        } catch (LoadException e) {
            String why = e.getCause() instanceof IOException io ? reason(io) : e.getMessage();
            throw new CacheException("the cache " + folder + " cannot be written (" + why + "); what is finished is kept in it: "
                    + "make room, or give another with --cache, and run the same command again", e);
        }
    }

    /** A lock on an entry; closing it lets others have it. */
    public record Lock(FileChannel channel, Path file) implements AutoCloseable {
        @Override
        public void close() {
            try {
                Files.deleteIfExists(file);
                channel.close();
            } catch (IOException _) {
                // The lock ends with the process at the latest; nothing was lost.
            }
        }
    }

    /**
     * Locks an entry that is about to be made.
     *
     * @param wait for the process that makes it now
     * @return null where another one makes it now and {@code wait} is false
     */
    public Lock lock(Key key, boolean wait) {
        Path file = file(key).resolveSibling(key.sha256() + ".lock");
        try {
            Files.createDirectories(file.getParent());
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = wait ? channel.lock() : tryLock(channel);
            if (lock != null) return new Lock(channel, file);
            channel.close();
            return null;
        } catch (IOException e) {
            throw new CacheException("the cache " + folder + " cannot be written (" + reason(e) + "); what is finished is kept in it", e);
        }
    }

    private static FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException _) {
            return null;
        }
    }

    private static String reason(IOException e) {
        if (e instanceof FileSystemException f)
            return f.getReason() == null ? f.getClass().getSimpleName().replace("Exception", "") + " " + f.getFile() : f.getReason();
        return e.getMessage();
    }
}
