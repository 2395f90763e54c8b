package dev.reprise.metrics;

/**
 * Counts of values in bins of equal width over [from, to]; the last bin includes its end, values outside count in the
 * nearest bin.
 */
public record Histogram(double from, double to, long[] counts) {
    /** Similarities in 40 bins over [−1, 1]. */
    public static Histogram ofSimilarities(float[] values) { return of(values, -1, 1, 40); }

    public static Histogram of(float[] values, double from, double to, int bins) {
        if (!(from < to) || bins < 1)
            throw new IllegalArgumentException("a histogram needs from < to and at least 1 bin, found [" + from + ", " + to + "], " + bins);
        long[] counts = new long[bins];
        for (float v : values)
            counts[Math.clamp((long) Math.floor((v - from) / (to - from) * bins), 0, bins - 1)]++;
        return new Histogram(from, to, counts);
    }
}
