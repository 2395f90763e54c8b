package dev.reprise.loaders;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of files in memory, as hex. */
public final class Sha256 {
    /** The JDK hashes arrays more than twice as fast as direct buffers, which it copies in small pieces. */
    private static final int PIECE = 1 << 16;

    private final MessageDigest digest;

    public Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) { // every Java platform has it
            throw new IllegalStateException(e);
        }
    }

    public Sha256 update(MemorySegment bytes) {
        byte[] piece = new byte[(int) Math.min(PIECE, bytes.byteSize())];
        for (long at = 0; at < bytes.byteSize(); at += piece.length) {
            int n = (int) Math.min(piece.length, bytes.byteSize() - at);
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, piece, 0, n);
            digest.update(piece, 0, n);
        }
        return this;
    }

    /** Adds a hash. */
    public Sha256 update(String hex) {
        digest.update(HexFormat.of().parseHex(hex));
        return this;
    }

    /** The hash; this object is then as new. */
    public String hex() { return HexFormat.of().formatHex(digest.digest()); }
}
