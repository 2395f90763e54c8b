package dev.reprise.loaders;

/** The file that is being read, for messages. */
public record Source(String name) {
    /** The file is wrong. */
    public LoadException error(String reason) { return new LoadException(name, reason); }

    public LoadException error(String reason, Throwable cause) { return new LoadException(name, reason, false, cause); }

    /** The file is well-formed, but this is not implemented. */
    public LoadException unsupported(String reason) {
        return new LoadException(name, reason + " is not supported", true, null);
    }
}
