package dev.reprise.audit.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The hash of the code that computes, part of every key: a version that rounds differently, or a build that somebody is
 * working on, does not find the results of another.
 */
public final class Code {
    private Code() {}

    /** Hash of the class files of the modules that these classes are from. */
    public static String fingerprint(Class<?>... modules) {
        List<String> lines = new ArrayList<>();
        for (Class<?> c : modules)
            lines.addAll(files(c));
        return Key.sha256(String.join("\n", lines));
    }

    private static List<String> files(Class<?> c) {
        try {
            Path place = Path.of(c.getProtectionDomain().getCodeSource().getLocation().toURI());
            if (Files.isDirectory(place)) return hashes(place);
            try (FileSystem jar = FileSystems.newFileSystem(place)) {
                return hashes(jar.getPath("/"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the place of " + c + " is no path", e);
        }
    }

    private static List<String> hashes(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            List<String> all = new ArrayList<>();
            for (Path f : (Iterable<Path>) files.filter(p -> p.toString().endsWith(".class")).sorted()::iterator)
                all.add(root.relativize(f) + " " + Key.sha256(Files.readAllBytes(f)));
            return all;
        }
    }
}
