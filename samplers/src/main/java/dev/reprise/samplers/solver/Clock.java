package dev.reprise.samplers.solver;

import dev.reprise.samplers.schedule.Schedule;
import java.util.Locale;

/** The time over which an ODE is solved. A kernel's image depends on it only through the solver's error. */
public enum Clock {
    /** The kernel's own t and scale; on a table of steps ln σ with the kernel's scale, as the drift jumps from step to step. */
    TIME,
    /** {@code t = σ}, {@code s = 1}: the choice of Karras et al. 2022. */
    SIGMA,
    /** {@code t = σ²}, {@code s = 1}: their "ve" schedule. */
    VARIANCE,
    /** {@code t = ln σ}, {@code s = 1}. */
    LOG_SIGMA;

    Flow of(Schedule k) {
        return switch (this) {
            case TIME -> Flow.of(k);
            case SIGMA -> new Flow.InPower(k, 1);
            case VARIANCE -> new Flow.InPower(k, 2);
            case LOG_SIGMA -> new Flow.InLogSigma(k, false);
        };
    }

    /** By name: time, sigma, variance, log-sigma. */
    public static Clock named(String name) {
        for (Clock c : values())
            if (c.toString().equals(name)) return c;
        throw new IllegalArgumentException("clock '" + name + "' is not known; use time, sigma, variance or log-sigma");
    }

    @Override
    public String toString() { return name().toLowerCase(Locale.ROOT).replace('_', '-'); }
}
