package dev.reprise.audit.cache;

/** The cache's folder cannot be used: full, not writable, or gone. What was finished before is still in it. */
public final class CacheException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CacheException(String message, Throwable cause) { super(message, cause); }
}
