package dev.reprise.engine.operator;

/** A node that is wrong or not supported. The message names the node, what was found and what was expected. */
public class OperatorException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final boolean unsupported;

    public OperatorException(String message, boolean unsupported, Throwable cause) {
        super(message, cause);
        this.unsupported = unsupported;
    }

    /** True where the model is legal but Reprise does not implement it; false where the model or its input is wrong. */
    public boolean unsupported() {
        return unsupported;
    }
}
