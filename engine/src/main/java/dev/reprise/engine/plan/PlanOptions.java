package dev.reprise.engine.plan;

/**
 * How graphs are compiled.
 *
 * @param optimize fuse operators and choose layouts; without it a plan runs the model's own operators one by one
 * @param exact    no Winograd: every convolution sums its products directly
 */
public record PlanOptions(boolean optimize, boolean exact) {
    public static final PlanOptions DEFAULT = new PlanOptions(true, false);
}
