package dev.reprise.ops.device;

/** A device that fails while a piece runs: the message says which device and why. The piece and what it holds are of no use any more. */
public final class DeviceFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DeviceFailure(String message, Throwable cause) { super(message, cause); }
}
