package dev.reprise.audit.cache;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a result was made of, as text: a line for everything that could change a bit of it, and nothing else (no thread
 * count, no batch size, no title). Two results with one key are the same bytes.
 */
public record Key(String text) {
    /** @param kind of result, such as "samples" */
    public static Key of(String kind) { return new Key("kind " + kind + "\n"); }

    /** This key with one line more. */
    public Key with(String name, Object value) {
        String line = String.valueOf(value);
        if (line.indexOf('\n') >= 0) line = sha256(line);
        return new Key(text + name + " " + line + "\n");
    }

    /** Names the entry. */
    public String sha256() { return sha256(text); }

    /** SHA-256 of a text, in hexadecimal. */
    public static String sha256(String text) {
        return sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    /** SHA-256 of bytes, in hexadecimal. */
    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
