package dev.reprise.audit.spec;

/** A spec or sidecar that is wrong; the message names the file and the line. */
public final class SpecException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    SpecException(String file, int line, String message) { super(file + (line > 0 ? ":" + line : "") + ": " + message); }
}
