package dev.reprise.ops.device;

/** A device that cannot do what it was asked: the message says which device and why. */
public class DeviceException extends Exception {
    private static final long serialVersionUID = 1L;

    public DeviceException(String message, Throwable cause) { super(message, cause); }
}
