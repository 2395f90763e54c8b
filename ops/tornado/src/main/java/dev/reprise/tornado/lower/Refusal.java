package dev.reprise.tornado.lower;

/** An operation that the device does not run; the message says why. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refusal(String message) { super(message, null, false, false); }
}
