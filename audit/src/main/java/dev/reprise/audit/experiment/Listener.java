package dev.reprise.audit.experiment;

/** Hears how far an audit is. */
@FunctionalInterface
public interface Listener {
    /** @param done part of the whole, in [0, 1] */
    void at(String step, double done);
}
