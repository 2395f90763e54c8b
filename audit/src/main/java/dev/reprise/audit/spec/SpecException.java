package dev.reprise.audit.spec;

/** A spec or sidecar that is wrong; the message names the file, the line and the column. */
public final class SpecException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    SpecException(String file, Tree.Mark at, String message) {
        super(file + (at.line() > 0 ? ":" + at.line() + (at.column() > 0 ? ":" + at.column() : "") : "") + ": " + message);
    }
}
