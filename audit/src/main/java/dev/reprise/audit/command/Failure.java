package dev.reprise.audit.command;

/** Ends a command with a message and an exit code. */
public final class Failure extends RuntimeException {
    /** A comparison or verification failed. */
    public static final int NOT_EQUAL = 1;
    /** Bad input, or something that Reprise does not do. */
    public static final int BAD_INPUT = 2;
    /** A file cannot be read or written, memory is short. */
    public static final int ENVIRONMENT = 3;
    /** A defect of Reprise itself (EX_SOFTWARE). */
    public static final int DEFECT = 70;

    private static final long serialVersionUID = 1L;
    private final int code;

    private Failure(int code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public static Failure badInput(String message) { return new Failure(BAD_INPUT, message, null); }

    public static Failure badInput(String message, Throwable cause) { return new Failure(BAD_INPUT, message, cause); }

    public static Failure environment(String message, Throwable cause) { return new Failure(ENVIRONMENT, message, cause); }

    public int code() { return code; }
}
