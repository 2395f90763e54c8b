package dev.reprise.audit.experiment;

/** Hears how far an audit is. */
@FunctionalInterface
public interface Listener {
    /**
     * @param step      what is being done
     * @param done      part of the whole, in [0, 1]
     * @param left      seconds left of this kind of work; NaN where it is not known
     * @param perSecond images a second so far; NaN where it is not known
     */
    record State(String step, double done, double left, double perSecond) {}

    void at(State state);
}
