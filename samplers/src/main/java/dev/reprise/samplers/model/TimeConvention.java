package dev.reprise.samplers.model;

import dev.reprise.samplers.schedule.Schedule;
import dev.reprise.samplers.schedule.VpDiscrete;
import java.util.Locale;

/** What a network's time input wants to be told. */
public enum TimeConvention {
    /**
     * The step of a discrete schedule, from 0, fractions allowed. On a continuous schedule {@code 999 t}, the convention
     * of the networks of Song et al. 2021.
     */
    INDEX,
    /** The schedule's own t. */
    CONTINUOUS,
    /** {@code c_noise = ¼ ln σ} of EDM. */
    CNOISE,
    /** {@code 1000 · ¼ ln σ}, what consistency models are told. */
    CNOISE_1000,
    /** {@code ln(σ/2)}, the "VE" preconditioning of EDM. */
    LOG_HALF_SIGMA,
    /** {@code 1000 t}, what flow matching models are told. */
    T_1000,
    /** The noise ratio σ. */
    SIGMA;

    /** The number to give to a network of that schedule at that noise ratio. */
    public double time(Schedule k, double sigma) {
        return switch (this) {
            case INDEX -> k instanceof VpDiscrete d ? d.indexOf(d.t(sigma)) : 999 * k.t(sigma);
            case CONTINUOUS -> k.t(sigma);
            case CNOISE -> 0.25 * StrictMath.log(sigma);
            case CNOISE_1000 -> 250 * StrictMath.log(sigma);
            case LOG_HALF_SIGMA -> StrictMath.log(0.5 * sigma);
            case T_1000 -> 1000 * k.t(sigma);
            case SIGMA -> sigma;
        };
    }

    /** By the name that model metadata uses: index, continuous, cnoise, cnoise-1000, log-half-sigma, t-1000, sigma. */
    public static TimeConvention named(String name) {
        for (TimeConvention c : values())
            if (c.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(name)) return c;
        throw new IllegalArgumentException(
                "time convention '" + name + "' is not known; use index, continuous, cnoise, cnoise-1000, log-half-sigma, t-1000 or sigma");
    }
}
