package dev.reprise.samplers.solver;

import java.util.concurrent.CancellationException;

/** Hears how far a solver is, and may stop it. */
@FunctionalInterface
public interface Progress {
    /** Nobody listens. */
    Progress NONE = done -> true;

    /**
     * @param done part of the work that is done, in [0, 1], never falling
     * @return false to stop: the solver then throws {@link CancellationException}
     */
    boolean at(double done);

    /** Reports, and throws where the answer is to stop. */
    default void report(double done) {
        if (!at(done)) throw new CancellationException("sampling was cancelled with " + Math.round(100 * done) + " % done");
    }
}
