package dev.reprise.audit.certificate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Hashes of files and folders. */
public final class InputFiles {
    private InputFiles() {}

    /**
     * The SHA-256 of a file's bytes. Of a folder: that of the lines "hash path" of its files, sorted by path.
     *
     * @throws UncheckedIOException where it cannot be read
     */
    public static String sha256(Path path) {
        MessageDigest d = digest();
        try {
            if (Files.isDirectory(path)) {
                try (Stream<Path> walk = Files.walk(path)) {
                    List<String> lines = walk.filter(Files::isRegularFile)
                            .map(f -> path.relativize(f).toString().replace('\\', '/')).sorted().map(f -> sha256(path.resolve(f)) + " " + f)
                            .toList();
                    for (String line : lines)
                        d.update((line + "\n").getBytes(StandardCharsets.UTF_8));
                }
            } else try (InputStream in = Files.newInputStream(path)) {
                byte[] buffer = new byte[1 << 16];
                for (int n; (n = in.read(buffer)) > 0;)
                    d.update(buffer, 0, n);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return HexFormat.of().formatHex(d.digest());
    }

    static String sha256(byte[] bytes) { return HexFormat.of().formatHex(digest().digest(bytes)); }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
