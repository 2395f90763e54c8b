package dev.reprise.samplers.diffusers;

import java.util.Arrays;

/**
 * What keeps an estimate of x_0 in range: {@code clip_sample} with {@code clip_sample_range}, or {@code thresholding}, Imagen's dynamic
 * thresholding (Saharia et al. 2022, section 2.3): a sample is clamped to ±s and divided by s, s being a quantile
 * ({@code dynamic_thresholding_ratio}) of its magnitudes, at least 1 and at most {@code sample_max_value}.
 *
 * @param clip  largest magnitude, or infinity
 * @param ratio quantile, or NaN for none
 * @param max   largest threshold
 */
record Limit(double clip, double ratio, double max) {
    static final Limit NONE = new Limit(Double.POSITIVE_INFINITY, Double.NaN, 1);

    static Limit of(SchedulerConfig c, boolean clips) {
        if (c.flag("thresholding", false)) return threshold(c);
        return clips ? new Limit(c.number("clip_sample_range", 1), Double.NaN, 1) : NONE;
    }

    static Limit threshold(SchedulerConfig c) {
        if (!c.flag("thresholding", false)) return NONE;
        double ratio = c.number("dynamic_thresholding_ratio", 0.995), max = c.number("sample_max_value", 1);
        if (!(ratio >= 0 && ratio <= 1)) throw c.error("dynamic_thresholding_ratio", "must lie in [0, 1]");
        if (!(max > 0)) throw c.error("sample_max_value", "must be positive");
        return new Limit(Double.POSITIVE_INFINITY, ratio, max);
    }

    boolean none() { return Double.isNaN(ratio) && clip == Double.POSITIVE_INFINITY; }

    void apply(double[][] x0) {
        if (none()) return;
        for (double[] row : x0) {
            double s = Double.isNaN(ratio) ? 1 : Math.min(Math.max(quantile(row), 1), max), end = Double.isNaN(ratio) ? clip : s;
            for (int e = 0; e < row.length; e++)
                row[e] = Math.clamp(row[e], -end, end) / s;
        }
    }

    /** Linear between two ranks. */
    private double quantile(double[] row) {
        double[] a = new double[row.length];
        for (int e = 0; e < a.length; e++)
            a[e] = Math.abs(row[e]);
        Arrays.sort(a);
        double rank = ratio * (a.length - 1);
        int low = (int) rank, high = (int) Math.ceil(rank);
        return a[low] + (rank - low) * (a[high] - a[low]);
    }
}
