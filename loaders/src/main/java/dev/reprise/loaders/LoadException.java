package dev.reprise.loaders;

/**
 * A file that cannot be loaded: it is damaged, contradicts its format, or asks for what Reprise does not do. The message
 * begins with the file's name. It is the one exception type of this module; a failure to read is its cause.
 */
public final class LoadException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final boolean unsupported;

    /** @param file the file's name, for the message */
    public LoadException(String file, String reason) { this(file, reason, false, null); }

    public LoadException(String file, String reason, boolean unsupported, Throwable cause) {
        super(file + ": " + reason, cause);
        this.unsupported = unsupported;
    }

    /** True where the file is well-formed but uses something that Reprise does not implement. */
    public boolean unsupported() {
        return unsupported;
    }
}
